package driver

// Handle is the CUcontext, for other users of the driver in this program ([Device.Adopt]).
func (c *Context) Handle() uintptr { return c.handle }

// Handle is the CUstream, 0 once it is closed ([Context.AdoptStream]).
func (s *Stream) Handle() uintptr { return s.handle.Load() }
