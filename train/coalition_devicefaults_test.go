package train

import (
	"context"
	"errors"
	"fmt"
	"slices"
	"strings"
	"testing"
	"time"

	"attrib/kernels/cuda"
	"attrib/kernels/cuda/driver"
)

// Without memory, groups are smaller and the bits the same; a lost card and the end of a context are clear errors, whenever they come.
func TestCoalitionsOnDeviceFaults(t *testing.T) {
	needVectors(t)
	m, data, weights := mlp(), blobs(37, 5, 3, 2), mixedWeights(6, 37)
	m.Epochs = 2
	want := hashes(must[[]Params](t)(Coalitions(t.Context(), m, data, weights, CoalitionOptions{})))
	with := func(name string, f func(t *testing.T)) { t.Run(name, f) }
	run := func(t *testing.T, o cuda.Options, settings ...string) (notes string, err error) {
		card := copyCard(t, o, settings...)
		got, err := Coalitions(t.Context(), m, data, weights, CoalitionOptions{Device: copyTrainer(t, card)})
		if err == nil && !slices.Equal(hashes(got), want) {
			t.Error("other bits than the CPU's")
		}
		return strings.Join(card.Notes(), "\n"), err
	}
	for _, s := range []string{"oom_once=1", "oom_once=9", "oom_once=20", "refuse_launch=1", "refuse_launch=40", "refuse_launch=55"} {
		with(s, func(t *testing.T) {
			if notes, err := run(t, cuda.Options{}, s, "refuse_code=2"); err != nil || !strings.Contains(notes, "copies, since memory was short") {
				t.Errorf("error %v, notes %q", err, notes)
			}
		})
	}
	with("little", func(t *testing.T) {
		if _, err := run(t, cuda.Options{}, "oom_after=30000"); err != nil {
			t.Error(err)
		}
	})
	with("none", func(t *testing.T) {
		if _, err := run(t, cuda.Options{}, "oom_after=2000"); !errors.Is(err, driver.ErrOutOfMemory) || !strings.Contains(err.Error(), "a copy of the network takes") {
			t.Error(err)
		}
	})
	with("limit", func(t *testing.T) { // what is asked for needs no note
		if notes, err := run(t, cuda.Options{MemoryLimit: 20_000}); err != nil || notes != "" {
			t.Errorf("error %v, notes %q", err, notes)
		}
	})
}

// A card that is lost at any launch or copy ends the call with that error, in one line, whoever else works.
func TestCoalitionsOnLostDevice(t *testing.T) {
	m, data, weights := mlp(), blobs(37, 5, 3, 2), mixedWeights(6, 37)
	m.Epochs = 2
	for _, devices := range []string{"devices=1", "devices=2"} {
		for at := 1; at < 56; at += 5 {
			for _, what := range []string{"lost_launch", "lost_copy"} {
				if what == "lost_copy" && at > 6 {
					continue
				}
				t.Run(fmt.Sprintf("%s/%s %d", devices, what, at), func(t *testing.T) {
					d := copyTrainer(t, copyCard(t, cuda.Options{}, devices, fmt.Sprintf("%s=%d", what, at), "schedule=2"))
					_, err := Coalitions(t.Context(), m, data, weights, CoalitionOptions{Device: d})
					if !errors.Is(err, driver.ErrDeviceLost) || !strings.Contains(err.Error(), "cuda:") || strings.Contains(err.Error(), "\n") {
						t.Error(err)
					}
				})
			}
		}
	}
}

func TestCoalitionsOnDeviceStop(t *testing.T) {
	d := copyTrainer(t, copyCard(t, cuda.Options{}, "devices=2"))
	m, data := mlp(), blobs(60, 5, 3, 1)
	m.Epochs = 1 << 15
	ctx, cancel := context.WithTimeoutCause(t.Context(), 100*time.Millisecond, errors.New("enough"))
	defer cancel()
	began := time.Now()
	_, err := Coalitions(ctx, m, data, randomWeights(20, 60), CoalitionOptions{Device: d})
	if err == nil || err.Error() != "enough" || time.Since(began) > 5*time.Second {
		t.Errorf("error %v after %v", err, time.Since(began))
	}
	m.Epochs = 2
	ctx, stop := context.WithCancel(t.Context())
	_, err = Coalitions(ctx, m, data, randomWeights(20, 60), CoalitionOptions{Device: d, Copies: 2, Progress: func(done int) {
		if done == 4 {
			stop()
		}
	}})
	if !errors.Is(err, context.Canceled) {
		t.Errorf("error %v", err)
	}
}

func TestCoalitionsOnDeviceWithoutRuns(t *testing.T) {
	d := copyTrainer(t, copyCard(t, cuda.Options{}))
	if p, err := Coalitions(t.Context(), mlp(), blobs(9, 5, 3, 1), nil, CoalitionOptions{Device: d}); err != nil || len(p) != 0 {
		t.Errorf("%v, %v", p, err)
	}
}
