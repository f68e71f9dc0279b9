package embed

import "math"

// Reference is the float64 oracle of Neighbours: scores (q×n) of plain loops over rows x and queries z.
func (n Neighbours) Reference(queries, rows [][]float64) [][]float64 {
	gamma := n.Gamma
	if gamma == 0 {
		gamma = DefaultGamma
	}
	out := make([][]float64, len(queries))
	for q, z := range queries {
		for i, x := range rows {
			var dot, zz, xx, far float64
			for k := range x {
				dot += x[k] * z[k]
				zz += z[k] * z[k]
				xx += x[k] * x[k]
				far += (x[k] - z[k]) * (x[k] - z[k])
			}
			var score float64
			switch n.measure() {
			case L2:
				score = -far
			case RBF:
				score = math.Exp(-gamma * far)
			default:
				if zz > 0 && xx > 0 {
					score = dot / math.Sqrt(zz*xx)
				}
			}
			if n.LabelSign && n.QueryLabels[q] != n.Labels[i] {
				score = -score
			}
			out[q] = append(out[q], score)
		}
	}
	return out
}
