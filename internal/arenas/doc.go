// Package arenas lets a program that is linked with the C library keep to a small address space. Importing it is all: where the
// address space is limited (ulimit -v) the program is started again, before it does anything else, with the C library's setting
// for one reserve of memory. Otherwise that library reserves 64 MB for every thread, and a program of many threads that
// needs none of it ends without memory. Programs built without cgo are not concerned.
package arenas
