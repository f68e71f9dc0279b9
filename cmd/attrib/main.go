// Command attrib estimates how much each training sample contributed to the outputs of a model, turns the estimates
// into payout weights with stated errors, and settles them on an EVM chain. Run "attrib demo" for the whole path.
package main

import "attrib/cmd/attrib/cli"

func main() { cli.Main(nil) }
