// Package embed turns samples into embeddings and scores outputs by how near samples lie to them: the cheap base line
// that gradient methods must beat, and what is left when there is no model.
//
// New gives an Encoder; WriteEmbeddings streams a corpus through it into a store, Encode makes the queries. Neighbours
// is the influence.Method on such rows.
//
// # Encoders
//
// Both are fixed: nothing is learnt, and what they see is the surface of a sample, not its meaning.
//
//	pixel       values divided by their maximum, in 0 … 1
//	char-ngram  counts of hashed character n-grams (n = 1 … 3) with hashed signs, of unit length (Weinberger,
//	            Dasgupta, Langford, Smola and Attenberg, "Feature hashing for large scale multitask learning", ICML 2009)
//
// # Scores
//
// cosine, l2 (−‖x−z‖²) and rbf (exp(−γ‖x−z‖²)) are nearness, larger is nearer; their unit is arbitrary. They stand for
// τ, positive when the sample helped, as far as near samples help. With a label sign they are multiplied by +1 for
// samples of the output's label and by −1 for others: near samples of another label harm. l2 is never positive, so it
// ranks samples but cannot be signed or paid by.
//
// # Failure modes
//
// Values outside 0 … maximum, samples of another width, empty texts and missing labels are errors that name the sample.
// Nearness knows nothing of the model: near duplicates share a score whatever training made of them.
package embed
