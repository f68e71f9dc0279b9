package testneed

import "testing"

func TestRequired(t *testing.T) {
	for _, c := range []struct {
		what, setting string
		want          bool
	}{
		{"anvil", "", false}, {"anvil", "all", true}, {"gpu", "all", false},
		{"gpu", "all,gpu", true}, {"anvil", "forge", false}, {"forge", "npm,forge", true},
	} {
		if got := required(c.what, c.setting); got != c.want {
			t.Errorf("required(%q, %q) = %v", c.what, c.setting, got)
		}
	}
}
