package main

import (
	"encoding/json"
	"os"
	"slices"

	"attrib/bench/results"
)

// handover is a line that a part writes for the run: what it found, as soon as it is found.
type handover struct {
	Card   *cardFound     `json:"card,omitempty"`
	Shape  *results.Shape `json:"shape,omitempty"`
	BF16   float64        `json:"bf16,omitempty"`
	Torch  string         `json:"torch,omitempty"`
	Peer   string         `json:"peer,omitempty"`   // name of the shape that PyTorch did
	Second float64        `json:"second,omitempty"` // its seconds
}

// cardFound is what the part "card" finds.
type cardFound struct {
	Name         string  `json:"name"`
	Emulated     bool    `json:"emulated"`
	CUDA         string  `json:"cuda"`
	Capability   string  `json:"capability"`
	Memory       uint64  `json:"memory"`
	HostToDevice float64 `json:"host_to_device"`
	Copy         float64 `json:"copy"`
}

func (h handover) into(r *results.Result) {
	if c := h.Card; c != nil {
		r.Card, r.Emulated, r.CUDA, r.Capability, r.Memory = c.Name, c.Emulated, c.CUDA, c.Capability, c.Memory
		r.Ceilings.HostToDevice, r.Ceilings.Copy = c.HostToDevice, c.Copy
	}
	if h.Shape != nil {
		r.Shapes = append(r.Shapes, *h.Shape)
	}
	if h.BF16 > 0 {
		r.Ceilings.BF16 = h.BF16
	}
	if h.Torch != "" {
		r.Torch = h.Torch
	}
	if i := slices.IndexFunc(r.Shapes, func(s results.Shape) bool { return s.Name == h.Peer }); i >= 0 {
		r.Shapes[i].Peer = h.Second
	}
}

// hand appends a line to a file.
func hand(path string, h handover) error {
	text, err := json.Marshal(h)
	if err != nil {
		return err
	}
	f, err := os.OpenFile(path, os.O_APPEND|os.O_CREATE|os.O_WRONLY, 0o644)
	if err != nil {
		return err
	}
	if _, err := f.Write(append(text, '\n')); err != nil {
		f.Close()
		return err
	}
	return f.Close()
}
