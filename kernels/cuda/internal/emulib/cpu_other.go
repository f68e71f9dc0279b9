//go:build !amd64

package emulib

func hasFMA() bool { return false }
