package cli

import (
	"fmt"

	"attrib/influence"
	"attrib/internal/runfile"
	"attrib/kernels"
	"attrib/kernels/blas"
	"attrib/kernels/simd"
	"attrib/train"
)

// products is who computes the products of a model's layers: the CPU, and a GPU those that it gets done sooner. Copies of a
// network that are trained together are a GPU's altogether, where it can take the network.
type products struct {
	device  kernels.Device // nil: the CPU, and nobody asked for anything else
	offload *blas.Offload  // nil: the CPU
	copies  *copier        // what trains copies of a network together; nil: the CPU
	why     string         // of a nil offload beside a device, or beside a name
	name    string         // of a device that was asked for and has nothing to do
	owned   bool           // close closes the device
	used    bool           // a model has been given it
}

// noProducts is for work without products, on whatever device.
func (e *env) noProducts() *products {
	if e.device == "cpu" || e.device == "ref" {
		return &products{}
	}
	return &products{name: "--device " + e.device, why: "there are none in this work"}
}

// openProducts opens the device that --device names for products, if it can do any.
func (e *env) openProducts() (*products, error) {
	if e.device == "cpu" || e.device == "ref" {
		return &products{}, nil
	}
	d, err := e.openDevice()
	if err != nil {
		return nil, err
	}
	p := e.productsOn(d)
	p.owned = true
	return p, nil
}

// productsOn is products on a device that is open. Networks must not depend on which products are worth sending, so the
// device is used only where it has the CPU's bits.
func (e *env) productsOn(d kernels.Device) *products {
	p := &products{}
	if e.device == "cpu" || e.device == "ref" {
		return p
	}
	p.device = d
	on, able := d.(blas.Device)
	switch {
	case !able:
		p.why = "it does no products of matrices"
	case e.precision != "exact":
		p.why = fmt.Sprintf("--precision %s is for scans, and networks keep the CPU's bits", e.precision)
	case simd.Active() == simd.Generic:
		p.why = "this CPU has no vectors whose bits are the GPU's"
	case e.offload != nil:
		p.offload, p.copies = e.offload(on), newCopier(d)
	default:
		p.offload, p.copies = &blas.Offload{Device: on}, newCopier(d)
	}
	return p
}

// on is what a network is given.
func (p *products) on() blas.Device {
	if p == nil || p.offload == nil {
		return nil
	}
	return p.offload
}

// trainer is what trains copies of a network, nil for the CPU; tell is told of a network that it cannot take.
func (p *products) trainer() (t kernels.CopyTrainer, tell func(string)) {
	if p.copies == nil {
		return nil, nil
	}
	return p.copies, p.copies.tell
}

// give lets a task use it, if it is one of layers.
func (p *products) give(t modelTask) {
	p.used = true
	if layers, ok := t.(*influence.LayerTask); ok {
		layers.On(p.on())
		return
	}
	p.graph()
}

// graph says that a registered graph computes its own products.
func (p *products) graph() {
	if p.device != nil {
		p.offload, p.copies, p.why = nil, nil, "a registered graph computes its own products"
	}
}

// network makes the networks that train m, with these products.
func (p *products) network(e *env, m train.Model) func() (train.Network, error) {
	p.used = true
	if m.Builder != "" {
		p.graph()
	}
	if p.on() == nil {
		return e.network(m)
	}
	return func() (train.Network, error) { return train.NewNetworkOn(m, p.on()) }
}

// record says in run.json what was computed where. only says that products are all that a device could do in the run.
func (p *products) record(f *runfile.Folder, only bool) {
	name := p.name
	switch {
	case p.device != nil && p.used:
		name = p.device.Info().Name
	case name == "":
		return
	}
	if p.offload == nil {
		f.Note("%s: the products of layers stayed on the CPU: %s", name, p.why)
		return
	}
	cpu, device := p.offload.Done()
	trained := p.copies != nil && p.copies.copies > 0
	if p.copies != nil {
		p.copies.record(f)
	}
	if all := cpu.Calls + device.Calls; all > 0 || !trained { // where copies were trained, no others may be wanted
		f.Note("%s: %d of %d batches of products of layers, with %s of the arithmetic; the CPU did the others, which it gets done sooner than they are sent",
			name, device.Calls, all, percent(float64(device.Ops)/float64(max(1, cpu.Ops+device.Ops))))
	}
	if device.Calls > 0 {
		f.Record.Kernels = append(f.Record.Kernels, runfile.Kernel{Name: "products", Calls: int(device.Calls), Bytes: device.Bytes, Ops: device.Ops, Seconds: device.Seconds})
	}
	if only && (device.Calls > 0 || trained) {
		noteDevice(f, p.device)
	}
}

// close gives back a device that openProducts has opened.
func (p *products) close() {
	if p.owned {
		p.device.Close()
	}
}
