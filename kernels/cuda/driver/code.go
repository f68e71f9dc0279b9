package driver

import "fmt"

// Code is the driver's CUresult.
type Code uint32

// The codes that mean something to this package (cuda.h, CUresult).
const (
	Success           Code = 0
	InvalidValue      Code = 1
	OutOfMemory       Code = 2
	NotInitialized    Code = 3
	Deinitialized     Code = 4
	DeviceUnavailable Code = 46
	NoDevice          Code = 100
	InvalidDevice     Code = 101
	InvalidContext    Code = 201
	NoBinaryForGPU    Code = 209
	ECCUncorrectable  Code = 214
	InvalidPTX        Code = 218
	InvalidHandle     Code = 400
	NotFound          Code = 500
	NotReady          Code = 600
	IllegalAddress    Code = 700
	LaunchResources   Code = 701
	LaunchFailed      Code = 719
	NotSupported      Code = 801
)

// codeNames are the names of cuda.h, for a driver that cannot be asked any more.
var codeNames = map[Code]string{
	Success: "CUDA_SUCCESS", InvalidValue: "CUDA_ERROR_INVALID_VALUE", OutOfMemory: "CUDA_ERROR_OUT_OF_MEMORY",
	NotInitialized: "CUDA_ERROR_NOT_INITIALIZED", Deinitialized: "CUDA_ERROR_DEINITIALIZED", 34: "CUDA_ERROR_STUB_LIBRARY",
	DeviceUnavailable: "CUDA_ERROR_DEVICE_UNAVAILABLE", NoDevice: "CUDA_ERROR_NO_DEVICE", InvalidDevice: "CUDA_ERROR_INVALID_DEVICE",
	InvalidContext: "CUDA_ERROR_INVALID_CONTEXT", NoBinaryForGPU: "CUDA_ERROR_NO_BINARY_FOR_GPU",
	ECCUncorrectable: "CUDA_ERROR_ECC_UNCORRECTABLE", InvalidPTX: "CUDA_ERROR_INVALID_PTX", 220: "CUDA_ERROR_NVLINK_UNCORRECTABLE",
	221: "CUDA_ERROR_JIT_COMPILER_NOT_FOUND", 222: "CUDA_ERROR_UNSUPPORTED_PTX_VERSION", 226: "CUDA_ERROR_CONTAINED",
	InvalidHandle: "CUDA_ERROR_INVALID_HANDLE", NotFound: "CUDA_ERROR_NOT_FOUND", NotReady: "CUDA_ERROR_NOT_READY",
	IllegalAddress: "CUDA_ERROR_ILLEGAL_ADDRESS", LaunchResources: "CUDA_ERROR_LAUNCH_OUT_OF_RESOURCES", 702: "CUDA_ERROR_LAUNCH_TIMEOUT",
	709: "CUDA_ERROR_CONTEXT_IS_DESTROYED", 710: "CUDA_ERROR_ASSERT", 714: "CUDA_ERROR_HARDWARE_STACK_ERROR",
	715: "CUDA_ERROR_ILLEGAL_INSTRUCTION", 716: "CUDA_ERROR_MISALIGNED_ADDRESS", 717: "CUDA_ERROR_INVALID_ADDRESS_SPACE",
	718: "CUDA_ERROR_INVALID_PC", LaunchFailed: "CUDA_ERROR_LAUNCH_FAILED", 721: "CUDA_ERROR_TENSOR_MEMORY_LEAK",
	NotSupported: "CUDA_ERROR_NOT_SUPPORTED", 802: "CUDA_ERROR_SYSTEM_NOT_READY", 803: "CUDA_ERROR_SYSTEM_DRIVER_MISMATCH",
	804: "CUDA_ERROR_COMPAT_NOT_SUPPORTED_ON_DEVICE", 999: "CUDA_ERROR_UNKNOWN",
}

// String is the name of cuda.h.
func (c Code) String() string {
	if n := codeNames[c]; n != "" {
		return n
	}
	return fmt.Sprintf("CUresult %d", uint32(c))
}

// lost says whether a call within a context that is answered so leaves nothing to work with: what cuda.h describes as
// leaving "the process in an inconsistent state", the card's own faults, and a driver that is gone.
func (c Code) lost() bool {
	switch c {
	case NotInitialized, Deinitialized, DeviceUnavailable, ECCUncorrectable, 220, 226, IllegalAddress, 702, 709, 710, 714, 715, 716, 717, 718, LaunchFailed, 721:
		return true
	}
	return false
}
