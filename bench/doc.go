// Package bench measures how far attributions hold against models that are really retrained. It may import every
// other package; only the command imports it.
//
// The two functions you need are Accuracy, the LDS of every method against models that PyTorch retrained (AnchorB), and
// Remove, which retrains without the part of the data that a ranking puts first; package bench/report draws its curves.
//
// Removal is by weight zero: the same batches and order, the removed samples weigh nothing, the denominator stays.
// Remove uses fused arithmetic where the processor has it, so its last digits are those of the class of machine. The
// figures are means over outputs and training seeds, and hold for the model, data and outputs they were made with.
package bench
