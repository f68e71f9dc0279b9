// Package policy turns quantised scores into weights that divide a pool exactly.
//
// [Compute] is all of it: a pure function from [Inputs] (matrix, outputs, policy, credit units, contributors, recipe)
// and a seed to [Shares] and [Weights]. The command line and the verifier call the same function, so a posted root
// can be recomputed from its evidence. [ReadInputs] and [WriteResult] are its files.
//
// # Method
//
// Players of the matrix are merged into credit units: near-duplicate samples, or contributors with one owner, count
// as one player of the game. Package shapley values the units; a unit's value goes to its owners in stated or equal
// parts. Rule "pool": each contributor's total over all outputs is clipped at zero and divided by the sum of the
// positive totals; what was clipped, there or by the game per output, is reported as harm, never paid. All exact in
// rationals.
//
// The pool divides by role in basis points: the data's part by these shares, prompts by what the prompted outputs
// earned, reviews by what the reviewed outputs earned (equally among an output's reviewers), model and tuning
// equally or in stated parts. A role with a part but without members or basis passes it to the others in proportion,
// with a warning. Weights sum to 2⁶³ exactly, by largest remainder, ties in the order of ids.
//
// # Errors of shares
//
// Three errors are kept apart, each the expected misallocated part ½ Σ |share error|: the estimator's (batches of
// permutations are resampled), sampling (outputs, and training runs, are resampled) and the method's (from the
// recipe; not measured when absent). All go through the clipping: contributors near zero have the error that their
// paid share has. ShareLow and ShareHigh are share ± z·√(estimator² + sampling²), z for simultaneous 95 % intervals
// (Bonferroni, normal), cut to 0…1.
//
// # Assumptions and failure modes
//
// Clipping favours noise: a contributor whose true value is zero is paid about 0.4 standard deviations on average;
// harm and the intervals show where. The pay-by-noise rule ([Noise]) caps what that can cost. ErrNothingToPay: no
// data contributor's total is positive. Files with large exact rationals grow: a closed form of a thousand players
// has denominators of four hundred digits.
package policy
