package cli

import (
	"errors"
	"fmt"
	"io"
	"os"
	"strings"

	"attrib/kernels/cuda"
	"attrib/kernels/cuda/driver"
)

// examineCUDA looks for a driver and its cards. What is missing or wrong is told in the result; the error is that of
// writing tables.
func examineCUDA(selftest bool, tables io.Writer) (DoctorCUDA, error) {
	c := DoctorCUDA{Minimum: minimumDriver, Devices: []DoctorDevice{}, Module: kernelModule()}
	l, err := driver.Open()
	if err != nil {
		c.Unused = oneLine(err)
		return c, nil
	}
	c.Library, c.Version, c.Emulated = l.Path(), l.Version().String(), l.Emulated()
	all, err := l.Devices()
	if err != nil {
		c.Unused = oneLine(err)
		return c, nil
	}
	var reasons []string
	for _, d := range all {
		found, err := examineDevice(d, selftest, tables)
		if err != nil {
			return c, err
		}
		if c.Devices = append(c.Devices, found); found.Unused != "" {
			reasons = append(reasons, found.Unused)
		}
	}
	switch {
	case len(all) == 0:
		c.Unused = driver.ErrNoDevice.Error()
	case len(reasons) == len(all):
		c.Unused = strings.Join(reasons, "; ")
	}
	return c, nil
}

func examineDevice(d *driver.Device, selftest bool, tables io.Writer) (DoctorDevice, error) {
	i := d.Info()
	r := DoctorDevice{Device: fmt.Sprintf("cuda:%d", i.Ordinal), Name: i.Name, PCI: i.PCI, Capability: i.Capability.String(),
		Multiprocessors: i.Multiprocessors, SharedPerBlock: i.SharedPerBlock, Memory: i.Memory, Kernels: []DoctorKernel{}}
	c, err := d.Context()
	if err != nil {
		r.Unused = oneLine(err)
		return r, nil
	}
	w := &checkedWriter{w: io.Discard}
	if tables != nil {
		w.w = tables
	}
	err = r.measure(c)
	if err == nil && selftest {
		err = r.test(c, w)
	}
	if err = errors.Join(err, c.Close()); err != nil {
		r.Unused = oneLine(err)
	}
	return r, w.err
}

func (r *DoctorDevice) measure(c *driver.Context) (err error) {
	if r.Free, _, err = c.MemoryInfo(); err != nil {
		return err
	}
	capability := int(c.Device().Info().Capability)
	if _, r.PTX, err = cuda.PTX("selftest", capability/10, capability%10); err != nil {
		return err
	}
	for _, k := range cuda.Forms(capability) {
		r.Kernels = append(r.Kernels, DoctorKernel{k.Kernel, cuda.Proven(r.Name, k.Target, k.Kernel)})
	}
	rates, err := cuda.Measure(c)
	r.HostToDeviceGBS, r.CopyGBS, r.MatrixTFLOPS = rates.HostToDevice/1e9, rates.DeviceToDevice/1e9, rates.Matrix/1e12
	return err
}

func (r *DoctorDevice) test(c *driver.Context, tables io.Writer) error {
	all, err := cuda.RunSelfTests(c, tables)
	for _, o := range all {
		r.SelfTests = append(r.SelfTests, DoctorTest{o.Form, append([]string{}, o.Differences...)})
	}
	return err
}

// oneLine is an error without the lines that follow the first, such as a compiler's log.
func oneLine(err error) string {
	line, _, _ := strings.Cut(err.Error(), "\n")
	return line
}

// kernelModule is the version of NVIDIA's kernel module, where the system tells.
func kernelModule() string {
	text, _ := os.ReadFile("/proc/driver/nvidia/version")
	_, rest, found := strings.Cut(string(text), "Kernel Module")
	if !found {
		return ""
	}
	for _, word := range strings.Fields(rest) {
		if word[0] >= '0' && word[0] <= '9' {
			return word
		}
	}
	return ""
}
