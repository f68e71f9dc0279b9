package kernels

// Launch is how often a device's kernel ran.
type Launch struct {
	Kernel string
	Count  int64
}

// LaunchCounter is a Device that counts its kernels' launches, by name in order of names. A launch that the device
// refused for lack of memory and tried again counts each time.
type LaunchCounter interface {
	Launches() []Launch
}
