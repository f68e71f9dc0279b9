// Package hugepages asks the system to back large buffers with large pages, so that passes over many rows of a matrix do not
// wait for address translations. [Advise] is a hint: it changes no result and reports nothing.
package hugepages
