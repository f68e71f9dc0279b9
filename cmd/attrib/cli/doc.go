// Package cli is the command line of attrib: one file per command, each a constructor over a stage that the demo
// calls as well.
//
// A program with its own gorgonia graphs registers them and calls Main; everything else is the same:
//
//	func main() { cli.Main(gorgonia.Registry{"mynet": build}) }
//
// Results go to standard output, everything else to standard error. Exit codes: 0 done, 1 failed, 2 wrong usage,
// 3 finished with warnings that block settlement, 4 verification found a difference, 130 interrupted.
package cli
