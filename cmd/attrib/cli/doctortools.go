package cli

import (
	"os"
	"os/exec"
	"strings"
)

// findTools looks for the programs that some commands and tests need beside this one.
func findTools() []DoctorTool {
	python := findTool("python3", "the system's package manager; ATTRIB_PYTHON3 names another")
	torch := DoctorTool{Name: "torch", Get: "python3 -m pip install torch"}
	if python.Found != "" {
		text, err := exec.Command(python.Found, "-c", "import importlib.metadata as m; print(m.version('torch'))").Output()
		if err == nil {
			torch.Found = strings.TrimSpace(string(text))
		}
	}
	const contracts = "npm --prefix settle/contracts ci, then settle/contracts/node_modules/.bin on PATH"
	return []DoctorTool{python, torch, findTool("forge", contracts), findTool("anvil", contracts), findTool("npm", "https://nodejs.org, with Node")}
}

// findTool looks where the tests look: at ATTRIB_<NAME>, then on PATH.
func findTool(name, get string) DoctorTool {
	t := DoctorTool{Name: name, Found: os.Getenv("ATTRIB_" + strings.ToUpper(name)), Get: get}
	if t.Found == "" {
		t.Found, _ = exec.LookPath(name)
	}
	return t
}
