// Package results holds what bench/gpu.sh found on cards, as files of this folder, and the form of those files.
//
// The two functions are [All], which reads the files, and [Proofs], the kernels that they prove.
//
// # Method
//
// A kernel is proven on a card by a file in which it was launched by tests that all passed, after a self-test of the
// card's layouts that passed, and not by the emulator. The proof holds for the text of the PTX that ran: its SHA-256 is
// part of it.
//
// # Failure modes
//
// A file that is not of the form, is named for another card or day, or claims proofs of an emulated card is an error:
// it is not left out silently.
package results
