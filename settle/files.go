package settle

// Names of the files of an evidence bundle that this package reads or writes. Every other file of the folder is an
// input of the computation and is covered by the input hash.
const (
	FileManifest     = "manifest.json"
	FilePolicy       = "policy.json"       // input: minimumPayout is read here
	FileContributors = "contributors.json" // input: who is paid, at which address, in which order
	FileSeed         = "seed.json"
	FileShares       = "shares.json"
	FileWeights      = "weights.json"
	FilePrevious     = "previous.json"
	FilePayees       = "payees.json"
	FileEpoch        = "epoch.json"
)

// Phase says when a file of the bundle comes to be: inputs exist before the seed does, results after.
type Phase string

// The two phases.
const (
	PhaseInput  Phase = "input"
	PhaseResult Phase = "result"
)

// resultFiles are in the order in which they are derived, which is the order Verify reports them in.
var resultFiles = []string{FileSeed, FileShares, FileWeights, FilePrevious, FilePayees, FileEpoch}

func phaseOf(file string) Phase {
	for _, name := range resultFiles {
		if file == name {
			return PhaseResult
		}
	}
	return PhaseInput
}
