//go:build linux

package cuda

import "attrib/kernels/cuda/internal/emulib"

var familyMutants = []familyMutant{
	{"walks", 0, emulib.Mutant{File: "walks.cu", Old: "      __syncthreads(); // the other half", New: "      // the other half", Why: "sums read before they are there"}},
	{"walks", 0, emulib.Mutant{File: "walks.cu", Old: "low + (int)((long long)(high - low) * (x & ((1 << e) - 1)) >> e)", New: "low + ((high - low) * (x & ((1 << e) - 1)) >> e)", Why: "interpolation in 32 bits"}},
	{"walks", 0, emulib.Mutant{File: "walks.cu", Old: "(pass ? a.players - 1 - i : i)], (unsigned long long)all)", New: "i], (unsigned long long)all)", Why: "gains of the reversal to the wrong players"}},
	{"walks", 0, emulib.Mutant{File: "walks.cu", Old: "    table = copy;\n    __syncthreads();", New: "    table = copy;", Why: "table used before it is there"}},
	{"walks", 0, emulib.Mutant{File: "walks.cu", Old: ", at ^= 1", New: "", Why: "sums written while others still read them"}},

	{"gemm", 0, emulib.Mutant{File: "gemm.cuh", Old: "return {tid % ROWS, tid / ROWS, 0, THREADS / ROWS};", New: "return {tid % ROWS, tid / ROWS, 0, THREADS / DEPTH};", Why: "steps of a transposed operand left out"}},
	{"gemm", 0, emulib.Mutant{File: "gemm.cuh", Old: "mma_m16n8k8_tf32(d[i][j], hiA[i], loB[j]);", New: "mma_m16n8k8_tf32(d[i][j], loA[i], loB[j]);", Why: "a product of TF32 missing"}},
	{"gemm", 75, emulib.Mutant{File: "fragment.cuh", Old: "right[2] = {a[2], a[3]}", New: "right[2] = {a[3], a[2]}", Why: "rows of a fragment swapped"}},
	{"gemm", 0, emulib.Mutant{File: "gemm.cuh", Old: "x[i][c] = a[(warpRow(i) + c % 2 * 8) * LINE + k + t + c / 2 * 4]", New: "x[i][c] = a[(warpRow(i) + c / 2 * 8) * LINE + k + t + c % 2 * 4]", Why: "fragment of A transposed"}},

	{"gram", 0, emulib.Mutant{File: "gram.cu", Old: "if (col0 + tileCols <= row0) return;", New: "if (col0 <= row0) return;", Why: "tiles on the diagonal left out"}},
	{"gram", 0, emulib.Mutant{File: "gram.cu", Old: "keep<P>(stages + (s + 1) % 2 * stage, h);\n    __syncthreads();", New: "keep<P>(stages + (s + 1) % 2 * stage, h);", Why: "barrier dropped"}},
	{"gram", 0, emulib.Mutant{File: "gram.cu", Old: "powerOfTwo(unit[row] + unit[col])", New: "powerOfTwo(unit[row] - unit[col])", Why: "scale of a column the wrong way"}},
	{"gram", 75, emulib.Mutant{File: "gram.cu", Old: "if (!more || (s + 1) % perRun == 0) addRun", New: "if (!more || s % perRun == 0) addRun", Why: "runs begin a step late"}},
	{"gram", 0, emulib.Mutant{File: "gram.cu", Old: "= square[x][i];", New: "= square[i][x];", Why: "the mirror does not turn"}},

	{"project", 0, emulib.Mutant{File: "projecthalf.cuh", Old: "sign[j] << (15 - (step", New: "sign[j] << (14 - (step", Why: "signs of the column before"}},
	{"project", 0, emulib.Mutant{File: "projecthalf.cuh", Old: "    __syncthreads();\n    if (c + 32 < end) fetchHalves", New: "    if (c + 32 < end) fetchHalves", Why: "lines read before they are there"}},
	{"project", 0, emulib.Mutant{File: "projecthalf.cuh", Old: "for (int p = P - 1 - q; p >= 0; p--)", New: "for (int p = P - 2 - q; p >= 0; p--)", Why: "products of small pieces left out"}},
	{"project", 0, emulib.Mutant{File: "projecthalf.cuh", Old: "if (c > first) __syncthreads();", New: "", Why: "lines written while others still read them"}},
	{"project", 0, emulib.Mutant{File: "projecthalf.cuh", Old: "lane % 16) * halfLine + step * 8 + lane / 16 * 4", New: "lane / 16 * 8 + lane % 8) * halfLine + step * 8 + lane / 8 % 2 * 4", Why: "quarters of a fragment exchanged"}},
	{"project", 0, emulib.Mutant{File: "projecthalf.cuh", Old: "const int wide = (a.cols + 3) / 4 * 4;", New: "const int wide = a.cols / 4 * 4;", Why: "last columns left out"}},
	{"project", 0, emulib.Mutant{File: "projecthalf.cuh", Old: "    __syncthreads(); // this buffer is there", New: "    // this buffer is there", Why: "lines read before they are there, by tiles of 256"}},
	{"project", 0, emulib.Mutant{File: "projecthalf.cuh", Old: "row0 + warpRow + 32 + t * 8", New: "row0 + warpRow + t * 8", Why: "the upper rows of a warp have the signs of the lower ones"}},
	{"project", 75, emulib.Mutant{File: "projecthalf.cuh", Old: "int e = top == 0 ? 0 : 13 -", New: "int e = top == 0 ? 0 : 17 -", Why: "halves overflow"}},
	{"project", 0, emulib.Mutant{File: "philox.cuh", Old: "(half >> 15 & 1u) << 31", New: "(half >> 14 & 1u) << 31", Why: "another bit as the sign"}},

	{"cholesky", 0, emulib.Mutant{File: "choleskysmall.cuh", Old: "    if (*s.failed) return false;\n    substitutePanel(s, at);\n    __syncthreads();", New: "    if (*s.failed) return false;\n    substitutePanel(s, at);", Why: "panel read before it is solved"}},
	{"cholesky", 0, emulib.Mutant{File: "choleskysmall.cuh", Old: "if (col0 > row0 + 31) continue;", New: "if (col0 > row0) continue;", Why: "tiles on the diagonal left out"}},
	{"cholesky", 0, emulib.Mutant{File: "choleskysmall.cuh", Old: "y[j] = minus(l[j], v, y[j]);\n      __syncwarp();", New: "y[j] = minus(l[j], v, y[j]);", Why: "the warp does not wait for itself"}},
	{"cholesky", 0, emulib.Mutant{File: "choleskylarge.cuh", Old: "if (a.back ? row < j : row > j)", New: "if (row > j)", Why: "the transpose solved forward"}},

	{"train", 0, emulib.Mutant{File: "train.cu", Old: "if (v < warp) row += found[v];", New: "if (v <= warp) row += found[v];", Why: "samples of a warp a place too far"}},
	{"train", 0, emulib.Mutant{File: "train.cu", Old: "kept & ((1u << lane) - 1u)", New: "kept & ((2u << lane) - 1u)", Why: "a lane counts itself"}},
	{"train", 0, emulib.Mutant{File: "train.cu", Old: "      b.scale[to + row] = __fdiv_rn(w, b.length);\n    }\n    __syncthreads();", New: "      b.scale[to + row] = __fdiv_rn(w, b.length);\n    }", Why: "counts of warps written while others still read them"}},
	{"train", 0, emulib.Mutant{File: "train.cu", Old: "  __syncthreads();\n  const int rows = min(BM,", New: "  const int rows = min(BM,", Why: "activation of a tile that is not written yet"}},
	{"train", 0, emulib.Mutant{File: "train.cu", Old: "g.rows[product] : g.k;", New: "g.rows[0] : g.k;", Why: "every copy has the samples of the first"}},
	{"train", 0, emulib.Mutant{File: "train.cu", Old: "half > 0; half /= 2) sum +=", New: "half > 1; half /= 2) sum +=", Why: "odd columns left out of a softmax"}},
	{"train", 0, emulib.Mutant{File: "train.cu", Old: "(unsigned)a.place[at] << 2", New: "(unsigned)row << 2", Why: "another sample is named as the one that failed"}},
	{"train", 0, emulib.Mutant{File: "train.cu", Old: "__fdiv_rn(w, b.length)", New: "__fdiv_rn(w, (float)b.count)", Why: "weights over the length of a tile"}},
	{"train", 0, emulib.Mutant{File: "train.cu", Old: "*to = s.add ? *to + sum : sum;", New: "*to = sum;", Why: "biases of the last tile alone"}},
	{"train", 0, emulib.Mutant{File: "train.cu", Old: "b.samples + b.index[copy * b.capacity + row]", New: "b.samples + b.index[row]", Why: "every copy gets the samples of the first"}},
	{"train", 0, emulib.Mutant{File: "train.cu", Old: "g.c[at] *= 1.f - h * h;", New: "g.c[at] *= __fmaf_rn(-h, h, 1.f);", Why: "a fused derivative"}},
	{"train", 0, emulib.Mutant{File: "train.cu", Old: "if (!(h > 0.f)) g.c[at] = 0.f;", New: "if (h < 0.f) g.c[at] = 0.f;", Why: "relu lets the gradient of zeros through"}},
	{"train", 0, emulib.Mutant{File: "trainmath.cuh", Old: "return q * power(n - (n >> 1));", New: "return q * power(n >> 1);", Why: "odd powers of two halved"}},
	{"train", 0, emulib.Mutant{File: "trainmath.cuh", Old: "return q * (r * r) + r;", New: "return __fmaf_rn(q, r * r, r);", Why: "a fused exponential"}},
	{"train", 75, emulib.Mutant{File: "gemm.cuh", Old: "finish(g, product, row0 + a.rows, a.depth, row0 + S::row(i)", New: "finish(g, product, row0 + a.rows + 1, a.depth, row0 + S::row(i)", Why: "a row too many"}},
}
