// Package nvrtc compiles CUDA C++ to PTX with NVIDIA's run-time compiler, and assembles PTX with ptxas to learn what a
// kernel takes of a card. Both come from wheels and need no card and no SDK; they are for building this project, not
// for running it. Start with Find and Toolchain.Compiler.
package nvrtc
