package policy

// Role is what a contributor did for the outputs.
type Role string

// The roles. A contributor has one.
const (
	Data   Role = "data"   // provided training samples; shares by the game
	Model  Role = "model"  // built the model; equal or stated parts
	Prompt Role = "prompt" // wrote prompts; by what the prompted outputs earned
	Review Role = "review" // reviewed outputs; by what the approved outputs earned, equally among an output's reviewers
	Tuning Role = "tuning" // tuned the model; equal or stated parts
)

// Roles lists all roles in the order of reports.
var Roles = []Role{Data, Model, Prompt, Review, Tuning}

// Whole is the whole pool in basis points.
const Whole = 10000
