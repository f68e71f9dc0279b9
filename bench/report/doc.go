// Package report renders what a run found as one self-contained HTML page: no scripts, no network, inline SVG, set for
// a phone, a desk and paper.
//
// Fill a Page and call Write. The package knows nothing of models or money: it gets names, numbers and images, and
// prints every number it draws in a table beside the drawing as well.
package report
