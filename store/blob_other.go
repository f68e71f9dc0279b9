//go:build !unix

package store

func openBlob(path string) (blob, error) { return openPlain(path) }
