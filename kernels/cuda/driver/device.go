package driver

import (
	"errors"
	"fmt"
	"strings"
	"unsafe"
)

// Attribute is a property of a device (cuda.h, CUdevice_attribute).
type Attribute int32

// The attributes that kernels are chosen and sized by.
const (
	MaxThreadsPerBlock    Attribute = 1
	MaxSharedPerBlock     Attribute = 8  // bytes, without asking for more
	Multiprocessors       Attribute = 16 // number of SMs
	Integrated            Attribute = 18 // 1: the memory is the host's
	L2Bytes               Attribute = 38
	CopyEngines           Attribute = 40 // 2: copies both ways beside a kernel
	CapabilityMajor       Attribute = 75
	CapabilityMinor       Attribute = 76
	MaxSharedPerProcessor Attribute = 81 // bytes of an SM
	MaxSharedOptIn        Attribute = 97 // bytes per block, with Function.AllowShared
	TensorMapsSupported   Attribute = 127
)

// Capability is a compute capability as one number: 75, 80, 90.
type Capability int

// MinCapability is the oldest that kernels are compiled for.
const MinCapability Capability = 75

// String is "9.0".
func (c Capability) String() string { return fmt.Sprintf("%d.%d", c/10, c%10) }

// Info describes a device. Sizes are in bytes.
type Info struct {
	Ordinal         int        // as in "cuda:0"
	Name            string     // ends in "(emulated)" for package fake's library
	Capability      Capability // 90 for an H100
	Multiprocessors int
	SharedPerBlock  int // the most a block can have, asked for with Function.AllowShared
	SharedPerSM     int
	L2              int
	CopyEngines     int
	Memory          uint64 // total
	PCI             string // domain:bus:device.function
	TensorMaps      bool   // has TMA
	Emulated        bool
}

// Device is a card. It holds nothing that has to be closed.
type Device struct {
	lib    *Library
	handle uintptr // CUdevice
	info   Info
}

// Device asks for a card by its ordinal. Errors: [ErrNoDevice].
func (l *Library) Device(ordinal int) (*Device, error) {
	n, err := l.Count()
	if err != nil {
		return nil, err
	}
	if ordinal < 0 || ordinal >= n {
		return nil, fmt.Errorf("%w: cuda:%d is asked for, there are %d", ErrNoDevice, ordinal, n)
	}
	handle := new(int32)
	if err := l.do(cuDeviceGet, uintptr(unsafe.Pointer(handle)), uintptr(ordinal)); err != nil {
		return nil, err
	}
	d := &Device{lib: l, handle: uintptr(uint32(*handle)), info: Info{Ordinal: ordinal, Emulated: l.emulated}}
	return d, d.describe()
}

// Devices asks for all cards.
func (l *Library) Devices() ([]*Device, error) {
	n, err := l.Count()
	if err != nil {
		return nil, err
	}
	all := make([]*Device, n)
	for i := range all {
		if all[i], err = l.Device(i); err != nil {
			return nil, err
		}
	}
	return all, nil
}

func (d *Device) describe() error {
	name, err := d.text(cuDeviceGetName)
	pci, err2 := d.text(cuDeviceGetPCIBusId)
	total := new(uint64)
	err3 := d.lib.do(cuDeviceTotalMem, uintptr(unsafe.Pointer(total)), d.handle)
	if err := errors.Join(err, err2, err3); err != nil {
		return err
	}
	i := &d.info
	i.Name, i.PCI, i.Memory = name, pci, *total
	if i.Emulated && !strings.Contains(name, "emulated") {
		i.Name += " (emulated)"
	}
	var major, minor, maps int
	for _, a := range []struct {
		to   *int
		what Attribute
	}{
		{&major, CapabilityMajor}, {&minor, CapabilityMinor}, {&i.Multiprocessors, Multiprocessors}, {&i.SharedPerBlock, MaxSharedOptIn},
		{&i.SharedPerSM, MaxSharedPerProcessor}, {&i.L2, L2Bytes}, {&i.CopyEngines, CopyEngines}, {&maps, TensorMapsSupported},
	} {
		if *a.to, err = d.Attribute(a.what); err != nil {
			return err
		}
	}
	i.Capability, i.TensorMaps = Capability(10*major+minor), maps != 0
	return nil
}

// text reads cuDeviceGetName(char*, int, CUdevice) and what has its form.
func (d *Device) text(s symbol) (string, error) {
	buffer := make([]byte, 257)
	err := d.lib.do(s, uintptr(unsafe.Pointer(&buffer[0])), 256, d.handle)
	return cString(&buffer[0]), err
}

// Info describes the device as it was found.
func (d *Device) Info() Info { return d.info }

// Library is the driver that the device was found by.
func (d *Device) Library() *Library { return d.lib }

// String is "cuda:0 (NVIDIA H100 80GB HBM3)".
func (d *Device) String() string { return fmt.Sprintf("cuda:%d (%s)", d.info.Ordinal, d.info.Name) }

// Attribute asks for a property.
func (d *Device) Attribute(a Attribute) (int, error) {
	v := new(int32)
	err := d.lib.do(cuDeviceGetAttribute, uintptr(unsafe.Pointer(v)), uintptr(a), d.handle)
	return int(*v), err
}

// Check is [ErrOldDevice] for a card that kernels are not compiled for.
func (d *Device) Check() error {
	if d.info.Capability < MinCapability {
		return fmt.Errorf("%w: %s has compute capability %s, kernels need %s or later", ErrOldDevice, d, d.info.Capability, MinCapability)
	}
	return nil
}
