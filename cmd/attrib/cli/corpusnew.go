package cli

import (
	"encoding/csv"
	"errors"
	"fmt"
	"io"
	"iter"
	"os"
	"slices"
	"strconv"
	"strings"

	"github.com/spf13/cobra"

	"attrib/corpus"
	"attrib/internal/runfile"
	"attrib/store"
)

type corpusNewOptions struct {
	stage
	outFlags
	Contributors string
	Samples      string
	Outputs      string
}

func newCorpusNew(e *env) *cobra.Command {
	var o corpusNewOptions
	cmd := &cobra.Command{
		Use:   "new",
		Short: "Make a corpus folder for features that were made elsewhere, from a file of contributors",
		Long: `Writes a corpus without content: samples 0 … n−1 with who handed them in, and outputs 0 … q−1 that earned 1 each. --contributors is
a CSV file with the columns id, address, rows and, if wanted, role (default data), unit and licence; rows are numbers and ranges such as
"0-99 150 200-249". --samples and --outputs are the files or folders with their rows, in which n and q are counted.`,
		Example: "  attrib corpus new --contributors contributors.csv --samples train.safetensors --outputs query.safetensors --out my/corpus",
		Args:    noArgs,
		RunE: func(cmd *cobra.Command, _ []string) error {
			o.stage = o.outFlags.stage(cmd)
			return runCorpusNew(e, o)
		},
	}
	f := cmd.Flags()
	o.outFlags.register(f)
	f.StringVar(&o.Contributors, "contributors", "", "CSV file: id, address, rows")
	f.StringVar(&o.Samples, "samples", "", "file or folder with a row per training sample")
	f.StringVar(&o.Outputs, "outputs", "", "file or folder with a row per output")
	require(cmd, "contributors", "samples", "outputs", "out")
	return cmd
}

func runCorpusNew(e *env, o corpusNewOptions) error {
	counted := store.ForeignOptions{InOrder: true, Rows: store.RowsFlat} // the rows are only counted
	samples, err := store.OpenForeign(o.Samples, counted)
	if err != nil {
		return err
	}
	outputs, err := store.OpenForeign(o.Outputs, counted)
	if err != nil {
		return err
	}
	folder, err := readOwners(o.Contributors, samples.Rows())
	if err != nil {
		return err
	}
	for i := range outputs.Rows() {
		folder.Queries = append(folder.Queries, corpus.Query{ID: fmt.Sprint(i)})
	}
	inputs := append(append([]string{o.Contributors}, samples.Files()...), outputs.Files()...)
	var report *corpus.Report
	err = o.stage.write(inputs, func(f *runfile.Folder) error {
		if err := corpus.Write(f.Dir, *folder); err != nil {
			return err
		}
		report, err = corpus.Check(f.Dir, corpus.ClaimRules{})
		return err
	})
	if err != nil {
		return err
	}
	return e.print(report, func(w io.Writer) { printCorpus(w, report) })
}

// readOwners reads who handed in which of n rows. All that is wrong is reported together.
func readOwners(path string, n int64) (*corpus.Folder, error) {
	file, err := os.Open(path)
	if err != nil {
		return nil, err
	}
	defer file.Close()
	table, err := csv.NewReader(file).ReadAll()
	if err != nil {
		return nil, fmt.Errorf("%s: %w", path, err)
	}
	if len(table) == 0 {
		return nil, fmt.Errorf("%s: the file is empty", path)
	}
	column, err := ownerColumns(table[0])
	if err != nil {
		return nil, fmt.Errorf("%s:1: %w", path, err)
	}
	own := owners{column: column, of: make([]int32, n)}
	var errs []error
	for i, cells := range table[1:] {
		if err := own.add(cells); err != nil {
			errs = append(errs, fmt.Errorf("%s:%d: %w", path, i+2, err))
		}
	}
	if i := slices.Index(own.of, 0); i >= 0 {
		errs = append(errs, fmt.Errorf("%s: row %d of %d belongs to nobody", path, i, n))
	}
	return &corpus.Folder{Contributors: own.who, MoreSamples: own.samples()}, errors.Join(errs...)
}

// owners are the contributors of a file, and who has which row.
type owners struct {
	column   map[string]int
	who      []corpus.Contributor
	licences []string // as who
	of       []int32  // by row the place in who, counted from 1; 0 for nobody yet
}

func (o *owners) samples() iter.Seq[corpus.Sample] {
	return func(yield func(corpus.Sample) bool) {
		for i, k := range o.of {
			if !yield(corpus.Sample{ID: strconv.Itoa(i), Contributor: o.who[k-1].ID, Licence: o.licences[k-1]}) {
				return
			}
		}
	}
}

func ownerColumns(header []string) (map[string]int, error) {
	column := map[string]int{}
	for i, name := range header {
		if name = strings.TrimSpace(strings.TrimPrefix(name, "\ufeff")); !slices.Contains([]string{"id", "address", "rows", "role", "unit", "licence"}, name) {
			return nil, fmt.Errorf("column %q is not one of id, address, rows, role, unit, licence", name)
		}
		if _, ok := column[name]; ok {
			return nil, fmt.Errorf("column %q is given twice", name)
		}
		column[name] = i
	}
	for _, name := range []string{"id", "address", "rows"} {
		if _, ok := column[name]; !ok {
			return nil, fmt.Errorf("column %q is missing", name)
		}
	}
	return column, nil
}

// add takes one line of the file.
func (o *owners) add(cells []string) error {
	cell := func(name string) string {
		if i, ok := o.column[name]; ok {
			return strings.TrimSpace(cells[i])
		}
		return ""
	}
	who := corpus.Contributor{ID: cell("id"), Address: cell("address"), Role: corpus.Role(cell("role")), Unit: cell("unit")}
	if who.Role == "" {
		who.Role = corpus.RoleData
	}
	o.who, o.licences = append(o.who, who), append(o.licences, cell("licence"))
	for field := range strings.FieldsSeq(cell("rows")) {
		if err := o.give(field); err != nil {
			return fmt.Errorf("column rows: %w", err)
		}
	}
	return nil
}

// give lets the last contributor have a range of rows.
func (o *owners) give(field string) error {
	first, last, err := rowRange(field)
	if err != nil {
		return err
	}
	if last >= int64(len(o.of)) {
		return fmt.Errorf("%s goes beyond the last row, %d", field, len(o.of)-1)
	}
	me := int32(len(o.who))
	for i := first; i <= last; i++ {
		if k := o.of[i]; k != 0 {
			return fmt.Errorf("row %d is given to %q and to %q", i, o.who[k-1].ID, o.who[me-1].ID)
		}
		o.of[i] = me
	}
	return nil
}

// rowRange reads "7" or "0-99".
func rowRange(text string) (first, last int64, err error) {
	a, b, ranged := strings.Cut(text, "-")
	if first, err = strconv.ParseInt(a, 10, 64); err == nil && ranged {
		last, err = strconv.ParseInt(b, 10, 64)
	} else {
		last = first
	}
	if err != nil || first < 0 || last < first {
		return 0, 0, fmt.Errorf("%q is neither a row's number nor a range such as 0-99", text)
	}
	return first, last, nil
}
