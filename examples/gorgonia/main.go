// Command gorgonia is attrib with a model of its own: a gorgonia graph that is registered under a name, which a
// model.json then asks for by "builder". All commands work as they do for built-in models:
//
//	go run ./examples/gorgonia train --corpus corpus --model examples/gorgonia/model.json --out out/train
//	go run ./examples/gorgonia index --corpus corpus --model out/train --out out/store
package main

import (
	"attrib/cmd/attrib/cli"
	"attrib/influence/gorgonia"
)

// registry holds the graphs of this program. A real one would have more than one.
var registry = gorgonia.Registry{"skip": skip}

func main() { cli.Main(registry) }
