package cuda

import (
	"attrib/kernels"
	"attrib/kernels/cuda/driver"
)

// copyPlaces is where the numbers of copies lie that are trained together, and of what all copies share.
type copyPlaces struct {
	run *trainRun

	samples, labels, initial, owner, order, columns driver.Pointer
	theta, gradient, first, second, failed          driver.Pointer
	weights, x, index, place, scale, rows           driver.Pointer
	outputs, delta, slope                           []driver.Pointer // by layer; slope of gelus only
	biases                                          int              // columns
}

// copyPlace is a piece of memory: so many numbers of 4 bytes, and what is there from the beginning.
type copyPlace struct {
	to      *driver.Pointer
	numbers int64
	holds   []byte
}

// list lays out memory for so many copies: first what they share.
func (p *copyPlaces) list(copies int64) []copyPlace {
	t := p.run
	shared := func(to *driver.Pointer, holds []byte) copyPlace { return copyPlace{to, int64(len(holds) / 4), holds} }
	all := []copyPlace{
		shared(&p.samples, driver.Bytes(t.samples)), shared(&p.labels, driver.Bytes(t.Y)), shared(&p.initial, driver.Bytes(t.Initial)),
		shared(&p.owner, driver.Bytes(t.owner)), {&p.order, int64(t.longest), nil}, {&p.columns, 6 * int64(p.biases), nil},
	}
	size, lines := copies*int64(t.Size), copies*int64(t.tile)
	all = append(all,
		copyPlace{&p.theta, size, nil}, copyPlace{&p.gradient, size, nil}, copyPlace{&p.first, size, nil}, copyPlace{&p.second, size * int64(t.Rule.States()-1), nil},
		copyPlace{&p.failed, 2 * copies, nil}, copyPlace{&p.weights, copies * int64(t.width), nil}, copyPlace{&p.x, lines * int64(t.X.Cols), nil},
		copyPlace{&p.index, lines, nil}, copyPlace{&p.place, lines, nil}, copyPlace{&p.scale, lines, nil}, copyPlace{&p.rows, copies, nil})
	for i, l := range t.Layers {
		values := lines * int64(l.Out)
		all = append(all, copyPlace{&p.outputs[i], values, nil}, copyPlace{&p.delta[i], values, nil})
		if l.Activation == kernels.CopyGELU || l.Activation == kernels.CopyGELUTanh {
			all = append(all, copyPlace{&p.slope[i], values, nil})
		}
	}
	return all
}

func (t *trainRun) places() *copyPlaces {
	n := len(t.Layers)
	p := &copyPlaces{run: t, outputs: make([]driver.Pointer, n), delta: make([]driver.Pointer, n), slope: make([]driver.Pointer, n)}
	for _, l := range t.Layers {
		if l.Bias >= 0 {
			p.biases += l.Out
		}
	}
	return p
}

// size is the bytes that are asked for.
func (m copyPlace) size() int64 { return max(16, 4*m.numbers) }

// bytes is what a card holds for so many copies, 0 for what they share.
func (t *trainRun) bytes(copies int64) (sum int64) {
	for _, m := range t.places().list(copies) {
		sum += sizeClass(m.size())
	}
	return sum
}

// biasColumns are the columns that add up to biases, once the places are known.
func (p *copyPlaces) biasColumns() (all []trainColumn) {
	for i, l := range p.run.Layers {
		for o := range l.Out {
			if l.Bias >= 0 {
				all = append(all, trainColumn{Delta: p.delta[i] + driver.Pointer(4*o), Step: int64(p.run.tile) * int64(l.Out), Row: int32(l.Out), To: int32(l.Bias + o)})
			}
		}
	}
	return all
}
