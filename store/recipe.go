package store

import (
	"crypto/sha256"
	"encoding/hex"
	"fmt"
	"strings"
)

// recipeOf is a recipe: the SHA-256 of what says which number of a flat row is which.
func recipeOf(kind string, parts []string) string {
	sum := sha256.Sum256([]byte("attrib columns: " + kind + "\n" + strings.Join(parts, "\n")))
	return hex.EncodeToString(sum[:])
}

// FlattenedRecipe is the recipe of flat rows that are factors multiplied out: the layers' out×in matrices one after another.
func FlattenedRecipe(layers []Layer) string {
	var parts []string
	for _, l := range layers {
		parts = append(parts, fmt.Sprintf("%q %d×%d", l.Name, l.Out, l.In))
	}
	return recipeOf("factors", parts)
}

// Columns says in which order the numbers of a row lie: rows of two stores can be multiplied only where it is the same. It is the
// recipe, or what the recipe of factored rows would be if they were multiplied out, or empty where nobody said.
func (h Header) Columns() string {
	if h.Recipe == "" && len(h.Layout.Layers) > 0 {
		return FlattenedRecipe(h.Layout.Layers)
	}
	return h.Recipe
}
