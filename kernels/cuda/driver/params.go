package driver

import (
	"errors"
	"fmt"
	"reflect"
	"runtime"
	"unsafe"
)

// Params are the values of a kernel's parameters, in order. They may be used for many launches, also at once.
type Params struct {
	block  []byte           // the values, each aligned as the largest thing it can be
	values []unsafe.Pointer // into block
	sizes  []int
	err    error
}

const (
	maxParameterBytes = 4096 // of a kernel, on every card
	parameterAlign    = 64   // as a tensor map wants it
)

// Args lays out parameters. A value is a [Pointer], an integer or float of stated size (int32, not int: the kernel's
// parameter has a size too), a [TensorMap], or a struct or array of such values, laid out as C does. A *[Memory] stands
// for its Pointer. What cannot be passed is an error of the launch.
func Args(values ...any) *Params {
	p := &Params{}
	var held []reflect.Value
	total := parameterAlign
	for i, v := range values {
		if m, ok := v.(*Memory); ok && m != nil {
			v = m.Pointer()
		}
		r := reflect.ValueOf(v)
		if err := passable(r); err != nil {
			p.err = errors.Join(p.err, fmt.Errorf("parameter %d: %w", i, err))
			continue
		}
		held = append(held, r)
		p.sizes = append(p.sizes, int(r.Type().Size()))
		total += (p.sizes[len(p.sizes)-1] + parameterAlign - 1) / parameterAlign * parameterAlign
	}
	if p.err == nil {
		p.lay(held, total)
	}
	return p
}

// lay copies the values into one block.
func (p *Params) lay(held []reflect.Value, total int) {
	p.block = make([]byte, total)
	at := -int(uintptr(unsafe.Pointer(&p.block[0]))) & (parameterAlign - 1)
	for i, r := range held {
		place := unsafe.Pointer(&p.block[at])
		reflect.NewAt(r.Type(), place).Elem().Set(r)
		p.values = append(p.values, place)
		at += (p.sizes[i] + parameterAlign - 1) / parameterAlign * parameterAlign
	}
}

// passable says why a value is no parameter.
func passable(v reflect.Value) error {
	if !v.IsValid() {
		return errors.New("nil")
	}
	return passableType(v.Type())
}

func passableType(t reflect.Type) error {
	switch t.Kind() {
	case reflect.Int8, reflect.Int16, reflect.Int32, reflect.Int64, reflect.Uint8, reflect.Uint16, reflect.Uint32, reflect.Uint64,
		reflect.Float32, reflect.Float64, reflect.Bool:
		return nil
	case reflect.Array:
		return passableType(t.Elem())
	case reflect.Struct:
		for i := range t.NumField() {
			if err := passableType(t.Field(i).Type); err != nil {
				return fmt.Errorf("%s.%s: %w", t, t.Field(i).Name, err)
			}
		}
		return nil
	}
	return fmt.Errorf("a %s has no size that a kernel knows, or holds a pointer of Go's", t)
}

// check holds the parameters against what the kernel takes, as far as the driver says it.
func (p *Params) check(f *Function) error {
	if p == nil {
		p = &Params{}
	}
	total := 0
	for _, s := range p.sizes {
		total += s
	}
	switch {
	case p.err != nil:
		return p.err
	case total > maxParameterBytes:
		return fmt.Errorf("%d bytes of parameters, at most %d", total, maxParameterBytes)
	case f.sizes == nil:
		return nil
	case len(p.sizes) != len(f.sizes):
		return fmt.Errorf("%d parameters, it takes %d", len(p.sizes), len(f.sizes))
	}
	for i, s := range p.sizes {
		if s != f.sizes[i] {
			return fmt.Errorf("parameter %d has %d bytes, it takes %d", i, s, f.sizes[i])
		}
	}
	return nil
}

// pin keeps the values where they are and is the address of the array of their addresses.
func (p *Params) pin(pins *runtime.Pinner) unsafe.Pointer {
	if p == nil || len(p.values) == 0 {
		return nil
	}
	pins.Pin(&p.block[0])
	pins.Pin(&p.values[0])
	return unsafe.Pointer(&p.values[0])
}
