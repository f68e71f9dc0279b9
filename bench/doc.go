// Package bench measures how far attributions hold against models that are really retrained. It may import every
// other package; only the command imports it.
//
// RemovalCurve retrains without the part of the data that a method ranks first and shows what the outputs do; package
// bench/report draws it.
//
// Removal is by weight zero: the same batches and order, the removed samples weigh nothing, the denominator stays.
// The figures are means over outputs and training seeds, and hold for the model, data and outputs they were made with.
package bench
