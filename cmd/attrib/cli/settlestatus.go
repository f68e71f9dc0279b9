package cli

import (
	"fmt"
	"io"

	"github.com/spf13/cobra"

	"attrib/settle/chain"
)

func newStatus(e *env) *cobra.Command {
	var c chainFlags
	cmd := &cobra.Command{
		Use:     "status",
		Short:   "Where a ledger stands: deposits, epochs, what is pending",
		Example: "  attrib settle status --ledger ledger.json --rpc http://127.0.0.1:8545",
		Args:    noArgs,
		RunE: func(cmd *cobra.Command, _ []string) error {
			client, _, err := c.open(cmd.Context(), false)
			if err != nil {
				return err
			}
			defer client.Close()
			s, err := client.Status(cmd.Context())
			if err != nil {
				return err
			}
			return e.print(statusResult(s), func(w io.Writer) { printStatus(w, s) })
		},
	}
	c.register(cmd, false)
	return cmd
}

// StatusResult is what attrib settle status prints. Amounts are base units of the token; bond and reward are wei.
type StatusResult struct {
	Schema        string `json:"schema"`
	ChainID       uint64 `json:"chainId"`
	Contract      string `json:"contract"`
	Token         string `json:"token"`
	Paused        bool   `json:"paused"`
	LastFinalised uint64 `json:"lastFinalised"`
	Root          string `json:"root"`
	Deposited     string `json:"deposited"`
	Available     string `json:"available"`
	Owed          string `json:"owed"`
	Claimed       string `json:"claimed"`
	Epoch         uint64 `json:"epoch"`
	State         string `json:"state"`
	InputHash     string `json:"inputHash"`
	PendingRoot   string `json:"pendingRoot"`
	EvidenceHash  string `json:"evidenceHash"`
	CommitBlock   uint64 `json:"commitBlock"`
	WindowEnd     uint64 `json:"windowEnd"`
	Bond          string `json:"bond"`
	Reward        string `json:"reward"`
}

func statusResult(s *chain.Status) StatusResult {
	return StatusResult{
		Schema: "attrib.status/1", ChainID: s.ChainID, Contract: s.Ledger.Hex(), Token: s.Token.Hex(), Paused: s.Paused,
		LastFinalised: s.LastFinalised, Root: s.Root.Hex(), Deposited: s.Deposited.Dec(), Available: s.Available.Dec(),
		Owed: s.Owed.Dec(), Claimed: s.TotalClaimed.Dec(), Epoch: s.Epoch, State: stateName(s.State),
		InputHash: s.InputHash.Hex(), PendingRoot: s.PendingRoot.Hex(), EvidenceHash: s.PendingEvidence.Hex(),
		CommitBlock: s.CommitBlock, WindowEnd: s.WindowEnd, Bond: s.Bond.Dec(), Reward: s.Reward.Dec(),
	}
}

// stateName is a state in one word, for programs.
func stateName(s chain.State) string {
	names := []string{"open", "committed", "posted", "challenged", "finalised", "future"}
	if int(s) < len(names) {
		return names[s]
	}
	return fmt.Sprintf("state-%d", s)
}

func printStatus(w io.Writer, s *chain.Status) {
	rows := [][]string{
		{"ledger", s.Ledger.Hex(), fmt.Sprintf("chain %d", s.ChainID)},
		{"deposited", s.Deposited.Dec(), "owed " + s.Owed.Dec()},
		{"claimed", s.TotalClaimed.Dec(), ""},
		{"finalised", fmt.Sprintf("epoch %d", s.LastFinalised), s.Root.Hex()},
		{"in turn", fmt.Sprintf("epoch %d", s.Epoch), s.State.String()},
	}
	if s.WindowEnd != 0 {
		rows = append(rows, []string{"pending", s.PendingRoot.Hex(), "window until " + chain.Time(s.WindowEnd)})
	}
	table(w, rows)
}
