// Package scenario makes the corpus of the demo: real handwritten digits, handed in by contributors of whom some are
// not honest. The two functions you need are [Build] and [Write].
//
// Twelve contributors of data:
//
//   - honest-1 … honest-8 have samples of their own, with label skew: the images of each class are dealt out by a draw
//     from a Dirichlet distribution (Hsu, Qi and Brown, "Measuring the Effects of Non-Identical Data Distribution for
//     Federated Visual Classification", 2019), α = 0.5;
//   - copier hands in exact copies of half of honest-1's and half of honest-2's samples;
//   - wrong-labels has 120 images of its own, each under a wrong label;
//   - split-a and split-b are one owner of one honest data set, who shares it out between two names.
//
// With them come, unless DataOnly is set, a model builder, two prompt writers and a reviewer. What a contributor plays
// stands in its meta, under "plan", and nothing of the program reads it.
//
// Of the digits, rows 0–1199 are the honest samples (each has one honest owner), 1200–1299 the 100 outputs, 1300–1419
// the wrong labels and 1420–1796 the held-out split, on which accuracy is measured. Features are pixels / 16. What
// outputs earned is heavy-tailed (Pareto with index 2): an integer times 2^g, where g ≥ k has the probability 4⁻ᵏ.
//
// Dirichlet draws are normalised gamma draws of Marsaglia and Tsang ("A simple method for generating gamma variables",
// ACM TOMS 26, 2000) in float64, from the counter-based generator of internal/philox. Only whole numbers of samples leave this
// computation, so another machine's last bit of a logarithm does not show unless a share falls on a whole number to 15 digits.
//
// The contributors' keys are public: anybody can compute them (see Key). Never send value to them on a real network.
package scenario
