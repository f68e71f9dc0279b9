package cuda

import (
	_ "embed"
	"fmt"
	"go/ast"
	"go/parser"
	"go/token"
	"regexp"
	"strconv"
)

//go:embed LAYOUTS.md
var layoutsText string

// layout is a line of a table of LAYOUTS.md: where the elements of an operand are.
type layout struct {
	form, operand   string
	lanes, elements int
	row, column     ast.Expr // of lane and i
}

var layoutLine = regexp.MustCompile("(?m)^\\| `(\\w+)` \\| (\\w+) \\| (\\d+) \\| (\\d+) \\| `(.*?)` \\| `(.*?)` \\|$")

// layoutsOf returns the operands of a form in the order of the document.
func layoutsOf(form string) ([]layout, error) {
	var all []layout
	for _, m := range layoutLine.FindAllStringSubmatch(layoutsText, -1) {
		if m[1] != form {
			continue
		}
		l := layout{form: m[1], operand: m[2]}
		l.lanes, _ = strconv.Atoi(m[3])
		l.elements, _ = strconv.Atoi(m[4])
		var err error
		if l.row, err = parser.ParseExpr(m[5]); err != nil {
			return nil, fmt.Errorf("LAYOUTS.md: %s %s: %w", form, l.operand, err)
		}
		if l.column, err = parser.ParseExpr(m[6]); err != nil {
			return nil, fmt.Errorf("LAYOUTS.md: %s %s: %w", form, l.operand, err)
		}
		all = append(all, l)
	}
	if len(all) == 0 {
		return nil, fmt.Errorf("LAYOUTS.md has no table of %s", form)
	}
	return all, nil
}

// place is the documented row and column of element i of a lane.
func (l layout) place(lane, i int) (row, column int, err error) {
	if row, err = evaluate(l.row, lane, i); err != nil {
		return 0, 0, fmt.Errorf("LAYOUTS.md: %s %s: %w", l.form, l.operand, err)
	}
	if column, err = evaluate(l.column, lane, i); err != nil {
		return 0, 0, fmt.Errorf("LAYOUTS.md: %s %s: %w", l.form, l.operand, err)
	}
	return row, column, nil
}

// evaluate computes an expression of whole numbers, lane and i.
func evaluate(e ast.Expr, lane, i int) (int, error) {
	switch e := e.(type) {
	case *ast.BasicLit:
		return strconv.Atoi(e.Value)
	case *ast.Ident:
		switch e.Name {
		case "lane":
			return lane, nil
		case "i":
			return i, nil
		}
		return 0, fmt.Errorf("%s is neither lane nor i", e.Name)
	case *ast.ParenExpr:
		return evaluate(e.X, lane, i)
	case *ast.BinaryExpr:
		x, err := evaluate(e.X, lane, i)
		if err != nil {
			return 0, err
		}
		y, err := evaluate(e.Y, lane, i)
		if err != nil {
			return 0, err
		}
		return evaluateBinary(e.Op, x, y)
	}
	return 0, fmt.Errorf("an expression of %T", e)
}

func evaluateBinary(op token.Token, x, y int) (int, error) {
	switch op {
	case token.ADD:
		return x + y, nil
	case token.MUL:
		return x * y, nil
	case token.XOR:
		return x ^ y, nil
	case token.QUO, token.REM:
		if y == 0 {
			return 0, fmt.Errorf("division by zero")
		}
		if op == token.QUO {
			return x / y, nil
		}
		return x % y, nil
	}
	return 0, fmt.Errorf("operator %s", op)
}
