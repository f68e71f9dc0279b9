package corpus

// Schema names. A line may carry one in "schema"; a line without is read as the version below.
const (
	SampleSchema      = "attrib.sample/1"
	ContributorSchema = "attrib.contributor/1"
	QuerySchema       = "attrib.query/1"
	ApprovalSchema    = "attrib.approval/1"
	ClaimSchema       = "attrib.claim/1"
)

// Role is the part a contributor plays; each has its own part of the pool (package policy).
type Role string

// The five roles. Samples belong to data or tuning contributors.
const (
	RoleData   Role = "data"
	RoleModel  Role = "model"
	RolePrompt Role = "prompt"
	RoleReview Role = "review"
	RoleTuning Role = "tuning"
)

// Roles lists every role in the order reports use.
func Roles() []Role { return []Role{RoleData, RoleModel, RolePrompt, RoleReview, RoleTuning} }

// Split says what a sample is used for.
type Split string

// The splits. Only samples of SplitTrain are trained on and paid for; an empty split means SplitTrain.
const (
	SplitTrain      Split = "train"
	SplitHeldOut    Split = "held-out"
	SplitValidation Split = "validation"
	SplitTest       Split = "test"
)

// Splits lists every split.
func Splits() []Split { return []Split{SplitTrain, SplitHeldOut, SplitValidation, SplitTest} }

// Sample is one line of corpus.jsonl. At most one of Content and Path is set; neither in any line when the content is kept
// elsewhere.
type Sample struct {
	Schema      string         `json:"schema,omitempty"`
	ID          string         `json:"id"`
	Content     *Content       `json:"content,omitempty"`
	Path        string         `json:"path,omitempty"`        // slash-separated, inside the corpus folder
	Label       *int32         `json:"label,omitempty"`       // class, from 0
	Contributor string         `json:"contributor,omitempty"` // may be missing outside of SplitTrain
	Licence     string         `json:"licence,omitempty"`     // SPDX expression or a name
	SHA256      string         `json:"sha256,omitempty"`      // of the content bytes, 64 hex digits; Samples fills it in
	Split       Split          `json:"split,omitempty"`
	Meta        map[string]any `json:"meta,omitempty"` // anything; not part of any hash
}

// Contributor is one line of contributors.jsonl.
type Contributor struct {
	Schema  string         `json:"schema,omitempty"`
	ID      string         `json:"id"`
	Address string         `json:"address"` // payout address; Open rewrites it in EIP-55 form
	Role    Role           `json:"role"`
	Claim   *ClaimRef      `json:"claim,omitempty"`
	Unit    string         `json:"unit,omitempty"` // contributors of one unit are one player; default: the id
	Meta    map[string]any `json:"meta,omitempty"`
}

// UnitName is the unit the contributor is paid through: Unit, or its own id.
func (c Contributor) UnitName() string {
	if c.Unit == "" {
		return c.ID
	}
	return c.Unit
}

// Query is one line of queries.jsonl: an output of the model that is to be attributed. At most one of Content and Path is
// set, and at most one of Label and Target.
type Query struct {
	Schema     string   `json:"schema,omitempty"`
	ID         string   `json:"id"`
	Content    *Content `json:"content,omitempty"`
	Path       string   `json:"path,omitempty"`
	Label      *int32   `json:"label,omitempty"`  // class whose probability is attributed
	Target     *Content `json:"target,omitempty"` // for models without classes
	Weight     *Amount  `json:"weight,omitempty"` // what the output earned, base units, > 0; missing in every line: 1 each
	PromptBy   string   `json:"promptBy,omitempty"`
	ReviewedBy string   `json:"reviewedBy,omitempty"`
}

// Verdict is a reviewer's judgement of an output.
type Verdict string

// The verdicts.
const (
	Approved Verdict = "approved"
	Rejected Verdict = "rejected"
)

// Approval is one line of approvals.jsonl.
type Approval struct {
	Schema  string  `json:"schema,omitempty"`
	Query   string  `json:"query"` // id of the output
	By      string  `json:"by"`    // id of a contributor with RoleReview
	Verdict Verdict `json:"verdict"`
}
