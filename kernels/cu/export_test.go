//go:build cu

package cu

// Handle is handle, for tests.
var Handle = handle
