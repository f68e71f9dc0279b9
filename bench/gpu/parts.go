package main

import (
	"errors"
	"flag"
	"fmt"

	"attrib/bench/results"
	"attrib/kernels/cuda"
	"attrib/kernels/cuda/driver"
)

// runPart is a part in a process of its own.
func runPart(args []string) error {
	flags := flag.NewFlagSet("part", flag.ContinueOnError)
	out := flags.String("out", "", "file for what is found")
	tiny := flags.Bool("tiny", false, "small shapes")
	if err := flags.Parse(args); err != nil {
		return err
	}
	c, err := firstCard()
	if err != nil {
		return err
	}
	switch name := flags.Arg(0); name {
	case "card":
		err = describe(c, *out)
	case results.SelfTest:
		err = selfTest(c)
	case "times":
		err = times(c, *out, flags.Arg(1), *tiny)
	default:
		err = fmt.Errorf("unknown part %q", name)
	}
	return errors.Join(err, c.Close())
}

func firstCard() (*driver.Context, error) {
	lib, err := driver.Open()
	if err != nil {
		return nil, err
	}
	d, err := lib.Device(0)
	if err != nil {
		return nil, err
	}
	return d.Context()
}

func describe(c *driver.Context, out string) error {
	i := c.Device().Info()
	rates, err := cuda.Measure(c)
	if err != nil {
		return err
	}
	return hand(out, handover{Card: &cardFound{Name: i.Name, Emulated: i.Emulated, CUDA: c.Device().Library().Version().String(),
		Capability: i.Capability.String(), Memory: i.Memory, HostToDevice: rates.HostToDevice, Copy: rates.DeviceToDevice}})
}

// selfTest compares the layouts of the card with those that are documented.
func selfTest(c *driver.Context) error {
	all, err := cuda.RunSelfTests(c, nil)
	errs := []error{err}
	for _, o := range all {
		for i, d := range o.Differences {
			if i == 3 {
				errs = append(errs, fmt.Errorf("%s: %d more", o.Form, len(o.Differences)-3))
				break
			}
			errs = append(errs, errors.New(d))
		}
	}
	if len(all) == 0 {
		errs = append(errs, errors.New("there is no self-test for this card"))
	}
	return errors.Join(errs...)
}

// times does the shapes of a group, each handed over when it is done.
func times(c *driver.Context, out, name string, tiny bool) error {
	for _, g := range groups(tiny) {
		if g.name == name {
			return g.run(&timer{context: c, tiny: tiny, hand: func(s results.Shape) error { return hand(out, handover{Shape: &s}) }})
		}
	}
	return fmt.Errorf("unknown group %q", name)
}
