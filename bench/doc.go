// Package bench measures how far attributions hold against models that are really retrained. It may import every
// other package; only the command imports it.
//
// The two functions you need are Accuracy, the LDS of every method and of scores made elsewhere against a truth (package
// bench/truth; AnchorB, which PyTorch retrained, by default), and Remove, which retrains without the part of the data
// that a ranking puts first; package bench/report draws both.
//
// Removal is by weight zero: the same batches and order, the removed samples weigh nothing, the denominator stays.
// Remove uses fused arithmetic where the processor has it, so its last digits are those of the class of machine. The
// figures are means over outputs and training seeds, and hold for the model, data and outputs they were made with.
//
// What fails: scores and retrained values that are not finite are errors that name row and column. An output for which
// a method predicts the same whatever is removed counts 0, with a warning that says how many there are. Methods that
// the model does not allow are left out with a warning, or are an error when they were asked for by name.
package bench
