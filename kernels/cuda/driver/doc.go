// Package driver calls NVIDIA's CUDA driver, libcuda.so.1, which it opens at run time: one program runs with and
// without a GPU, and no C compiler is needed to build it.
//
// The two functions most callers need are [Open], which says in plain words why there is nothing to use, and
// [Device.Context], which everything else hangs on: memory, streams, events, modules.
//
// # Method
//
// Functions are found by their exact exported names (cuMemAlloc_v2, …, as cuda.h of CUDA 12.4 maps them) and called by
// github.com/ebitengine/purego. Nothing is opened or initialised before Open. ATTRIB_LIBCUDA names another library.
//
// A CUDA context is current per thread of the operating system, and goroutines move between threads. So every call pins
// its goroutine to its thread, pushes the context, calls, and pops: whatever was current before is current again, also
// for other users of the driver in the same program. That is two more calls, beside a launch of several
// microseconds: BenchmarkCall says what one costs altogether (0.25 µs on an AMD Zen 5 with CGO_ENABLED=0).
// The other way, a thread of its own per context, would put two switches of goroutines into each call and let a long
// synchronisation hold up every other call.
//
// # Memory that the card reads while Go runs
//
// Copies are asynchronous only from and to pinned memory ([Context.AllocHost]): the bytes must not be touched until
// the stream has been synchronised or an event after the copy has been. Copies from and to other memory return when they
// are done, so the card never holds on to memory of Go's.
//
// # Assumptions and failure modes
//
// Drivers before 550 (CUDA 12.4) are refused by [ErrOldDriver], cards before compute capability 7.5 by [ErrOldDevice].
// Errors of the driver are [*Error] and say the call and the device. Once a device is lost ([ErrDeviceLost]: an illegal
// address, an ECC error, a card that fell off the bus, …) its context answers everything with that error, and closing
// what hung on it still is no error. Nothing is freed by finalisers: Close everything, or close the context, which closes
// what is left of it. A second Close does nothing. All types may be used by many goroutines at once.
//
// Other systems than Linux have no driver as far as this package is concerned. Unproven on a GPU.
package driver
