// Package influence estimates how much each training sample contributed to each output of a model, from per-sample
// gradients.
//
// A Task (influence/gorgonia) gives per-sample signals; WriteFeatures streams them into a store and QueryGradients
// makes the queries. A Method (ByName) is fitted on the stored rows and gives a Scorer; Totalise scores all queries
// against all rows in one pass and keeps the best and worst rows per query and the sum per contributor.
//
// # Sign and unit
//
// τ_i(z) = ∂m(z)/∂w_i at w = 1. m is a goodness of output z (larger is better: minus the loss, the margin
// log p/(1−p), or log p) and w_i the weight of sample i in the training objective, a mean over n with a fixed
// denominator. τ > 0: the sample helped. Removing the set R changes m by about −Σ_{i∈R} τ_i.
//
// # Rows
//
// Rows are g_i = ∇ℓ_i at the trained parameters, queries ∇m(z). A flat row holds layer after layer the gradient of the
// layer's weight as out×in, row-major (PyTorch's layout), the bias as last column when the layer has one. A factored
// row holds the activations A and output gradients D, whose products these are.
//
// # Methods
//
//	dot        −∇m·g_i, up to scale
//	cosine     −cos(∇m, g_i), up to scale
//	influence  −(1/n) ∇mᵀ (F+λI)⁻¹ g_i with F = (1/n) Σ g_i g_iᵀ, the empirical Fisher matrix, and λ = damping × trace F / w
//
// influence is Koh and Liang, "Understanding black-box predictions via influence functions" (ICML 2017), with the
// Fisher matrix in the Hessian's place (Martens, "New insights and perspectives on the natural gradient method", JMLR
// 2020). Its unit is dm/dw. It assumes that training has come near a minimum and that removing a sample moves the
// parameters little; F stands for the curvature well when the model fits the label noise, badly when all losses are
// near zero. dot and cosine give the order only.
//
// # Failure modes
//
// A row that is not finite ends a pass with the row's number. A curvature that Cholesky cannot factor, or that is zero,
// is an error that says what to change. Everything is streamed: memory grows with queries × (k + contributors) and with
// width² for influence, not with the number of samples.
package influence
