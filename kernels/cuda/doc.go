// Package cuda is the device that computes on NVIDIA's GPUs, from compute capability 7.5 on, through the driver alone.
//
// [New] gives a [Device]; close it when done.
//
// # Method
//
// Rows are read into pinned memory, tile by tile, and copied to the card while the tile before is scanned. A kernel
// multiplies rows and queries and takes in the scores where they arise, in registers: a score beyond the last of its
// query's list goes to a buffer of candidates, and scores are rounded to whole numbers that are added to the sums of
// groups. A second kernel merges candidates into the lists and raises the thresholds. The q×n matrix is never written.
// The buffer holds as many candidates as a launch has rows, so it cannot overflow; the first launch is small, so that
// there are thresholds early. Several cards take tiles in turn; their lists and sums are joined on the host.
//
// # Arithmetic
//
// Exact ("float32-fma-runs-512") has the bits of kernels/cpu's vector paths, factored rows included. The other precisions
// use tensor cores and have names of their own, with the card's compute capability, since cards add up differently; cards
// of different capability do not share such a scan. L2 distances are exact in all of them, since the product form
// cancels; so is a cosine with a factored row of an extreme norm. ScanSketch multiplies bytes on tensor cores, with exact
// sums, and scores candidates as Scan does. A score of zero in a list is +0.
//
// TrainCopies trains weighted copies of a network of dense layers with everything on the card, and with the CPU's bits where
// Exact: it, Gram matrices, projections, factors, walks and products are methods beside those of a scan, which package kernels,
// kernels/blas, kernels/lapack and kernels/project describe.
//
// Which candidates are dropped early depends on which card took which tile; results do not: a list is the first k of all
// rows in a total order, and sums are integers.
//
// # Memory
//
// A call gives the memory that it took to a pool of its card, when the card has done with it, and the next call finds it
// there: allocating takes the driver long, and freeing holds up all streams. Up to a quarter of a card's memory lies idle
// so, a thirty-second in a context that is adopted, never more than MemoryLimit, and as much as 1 GiB of pinned memory; it
// goes back to the driver when that has no memory left for a device of this process, before tiles become smaller, and with
// Close. Other processes on the card do not get it.
//
// # Failure modes
//
// Rows that cannot be used are reported as kernels/cpu does. A card without memory for a tile gets smaller tiles
// ([Device] Notes says so). driver.ErrDeviceLost ends a call; so does a context, between two tiles. Unproven on a GPU.
package cuda
