package store

import (
	"errors"
	"fmt"
	"io/fs"
	"os"
	"path/filepath"
	"slices"
	"strings"

	"attrib/internal/npy"
	"attrib/internal/safetensors"
)

// Foreign are rows that another program wrote: .safetensors or .npy files, in the order of their names. The files hold, for
// n rows each,
//
//   - one tensor (n×width), or several whose first dimension is n (the gradients of a network's parameters, say): they are
//     flattened and put one after another in the order of their names. F32, F16, BF16 or F64;
//   - or factors: a.<layer> (n×positions×in, or n×in) and d.<layer> (n×positions×out, or n×out), layers in the order of their
//     names, where a row's gradient in that layer is Σ d⊗a;
//   - row_ids (n, int64 or int32): in the same .safetensors file; in NAME.row_ids.npy, or row_ids.npy, beside NAME.npy.
type Foreign struct {
	files  []*foreignFile
	layout Layout
	rows   int64
}

// ForeignOptions say how files are read.
type ForeignOptions struct {
	// InOrder numbers the rows 0, 1, 2 … in the order of the files when these hold no row ids. Default false: that is an error.
	InOrder bool
	// Rows says whether tensors a.<layer>, d.<layer> are factors: RowsFactored, RowsFlat, or RowsAuto. Default: RowsAuto, by their
	// names, which is an error where these could as well be those of a module's parameters.
	Rows string
}

// Values of ForeignOptions.Rows.
const (
	RowsAuto     = "auto"
	RowsFlat     = "flat"
	RowsFactored = "factored"
)

// foreignFile is one file's header.
type foreignFile struct {
	path    string
	size    int64
	rows    int64
	row0    int64
	parts   []foreignTensor // as the columns of the layout; several parts make up a flat row
	ids     foreignTensor
	idsPath string                 // "" when the rows are numbered in order
	stats   map[string]fs.FileInfo // of the files, when they were opened
	rowsAs  string
}

// foreignTensor is where numbers lie in a file.
type foreignTensor struct {
	name      string
	kind      string // of the safetensors format
	bigEndian bool
	shape     []int64
	offset    int64
}

// perRow is how many numbers a row has.
func (t foreignTensor) perRow() int64 {
	n := int64(1)
	for _, d := range t.shape[1:] {
		n *= d
	}
	return n
}

// OpenForeign reads the headers of a file, or of all .safetensors and .npy files of a folder. All that is wrong is reported
// together.
func OpenForeign(path string, o ForeignOptions) (*Foreign, error) {
	names, err := foreignNames(path)
	if err != nil {
		return nil, err
	}
	f := &Foreign{}
	var errs []error
	for _, name := range names {
		file, err := openForeignFile(name, o)
		if err != nil {
			errs = append(errs, fmt.Errorf("%s: %w", name, err))
			continue
		}
		file.row0 = f.rows
		f.rows += file.rows
		f.files = append(f.files, file)
	}
	if len(errs) > 0 {
		return nil, errors.Join(errs...)
	}
	return f, f.agree()
}

func foreignNames(path string) ([]string, error) {
	st, err := os.Stat(path)
	if err != nil || !st.IsDir() {
		return []string{path}, err
	}
	entries, err := os.ReadDir(path)
	if err != nil {
		return nil, err
	}
	var names []string
	for _, e := range entries {
		ids := e.Name() == idsTensor+".npy" || strings.HasSuffix(e.Name(), "."+idsTensor+".npy")
		if ext := filepath.Ext(e.Name()); (ext == ".safetensors" || ext == ".npy") && !ids && !e.IsDir() && e.Name()[0] != '.' {
			names = append(names, filepath.Join(path, e.Name()))
		}
	}
	if len(names) == 0 {
		return nil, fmt.Errorf("%s: the folder holds no .safetensors and no .npy file", path)
	}
	return names, nil
}

func openForeignFile(path string, o ForeignOptions) (*foreignFile, error) {
	f := &foreignFile{path: path, stats: map[string]fs.FileInfo{}, rowsAs: o.Rows}
	var err error
	if filepath.Ext(path) == ".npy" {
		err = f.openNPY()
	} else {
		err = f.openSafetensors()
	}
	if err != nil {
		return nil, err
	}
	slices.SortStableFunc(f.parts, func(a, b foreignTensor) int { return strings.Compare(a.name, b.name) })
	for _, p := range f.parts {
		if p.shape[0] != f.parts[0].shape[0] {
			return nil, fmt.Errorf("tensor %q has %d rows, %q has %d", p.name, p.shape[0], f.parts[0].name, f.parts[0].shape[0])
		}
	}
	f.rows = f.parts[0].shape[0]
	switch {
	case f.idsPath == "" && !o.InOrder:
		return nil, errors.New("it holds no row_ids: give every row the number of its line in the corpus, or say that rows are in the order of those lines")
	case f.idsPath != "" && (len(f.ids.shape) != 1 || f.ids.shape[0] != f.rows || f.ids.kind != "I64" && f.ids.kind != "I32"):
		return nil, fmt.Errorf("row_ids is %s %v, want %d numbers of I64 or I32", f.ids.kind, f.ids.shape, f.rows)
	}
	return f, nil
}

func (f *foreignFile) openSafetensors() error {
	file, st, err := openSized(f.path)
	if err != nil {
		return err
	}
	defer file.Close()
	if f.stats[f.path], err = file.Stat(); err != nil {
		return err
	}
	f.size = st
	header, err := safetensors.Open(file, st)
	if err != nil {
		return err
	}
	for _, t := range header.Tensors {
		part := foreignTensor{name: t.Name, kind: string(t.Type), shape: t.Shape, offset: t.Offset}
		if t.Name == idsTensor {
			f.ids, f.idsPath = part, f.path
			continue
		}
		if err := part.check(); err != nil {
			return err
		}
		f.parts = append(f.parts, part)
	}
	if len(f.parts) == 0 {
		return errors.New("it holds no rows")
	}
	return nil
}

func (t foreignTensor) check() error {
	if len(t.shape) == 0 || slices.Contains(t.shape, 0) {
		return fmt.Errorf("tensor %q has the shape %v, want one row a sample", t.name, t.shape)
	}
	if !slices.Contains([]string{"F32", "F16", "BF16", "F64"}, t.kind) {
		return fmt.Errorf("tensor %q is %s, want F32, F16, BF16 or F64", t.name, t.kind)
	}
	return nil
}

func openSized(path string) (*os.File, int64, error) {
	if st, err := os.Stat(path); err != nil {
		return nil, 0, err
	} else if !st.Mode().IsRegular() { // opening a pipe waits for whoever writes it
		return nil, 0, fmt.Errorf("%s is not a regular file", path)
	}
	file, err := os.Open(path)
	if err != nil {
		return nil, 0, err
	}
	st, err := file.Stat()
	if err != nil {
		file.Close()
		return nil, 0, err
	}
	return file, st.Size(), nil
}

// openNPY also looks for the row ids beside the file.
func (f *foreignFile) openNPY() error {
	part, size, err := npyTensor(f.path, "rows")
	if err != nil {
		return err
	}
	f.size, f.parts = size, []foreignTensor{part}
	if err := errors.Join(part.check(), f.note(f.path)); err != nil {
		return err
	}
	for _, path := range []string{strings.TrimSuffix(f.path, ".npy") + "." + idsTensor + ".npy", filepath.Join(filepath.Dir(f.path), idsTensor+".npy")} {
		ids, _, err := npyTensor(path, idsTensor)
		if errors.Is(err, os.ErrNotExist) {
			continue
		} else if err != nil {
			return fmt.Errorf("%s: %w", path, err)
		}
		f.ids, f.idsPath = ids, path
		return f.note(path)
	}
	return nil
}

// note keeps what a file is, to see later whether it is still the same.
func (f *foreignFile) note(path string) (err error) {
	f.stats[path], err = os.Stat(path)
	return err
}

func npyTensor(path, name string) (foreignTensor, int64, error) {
	file, size, err := openSized(path)
	if err != nil {
		return foreignTensor{}, 0, err
	}
	defer file.Close()
	h, err := npy.Read(file, size)
	if err != nil {
		return foreignTensor{}, 0, err
	}
	if h.Fortran && len(h.Shape) > 1 {
		return foreignTensor{}, 0, errors.New("its columns lie together (Fortran order), want rows: save numpy.ascontiguousarray of it")
	}
	kind, ok := map[string]string{"f4": "F32", "f2": "F16", "f8": "F64", "i8": "I64", "i4": "I32"}[h.Descr[1:]]
	if !ok {
		return foreignTensor{}, 0, fmt.Errorf("its values are %q, want f4, f2 or f8, and i8 or i4 for row ids", h.Descr)
	}
	return foreignTensor{name: name, kind: kind, bigEndian: h.BigEndian(), shape: h.Shape, offset: h.Offset}, size, nil
}

// agree finds the layout and holds every file to the first one's.
func (f *Foreign) agree() error {
	var errs []error
	for i, file := range f.files {
		l, err := file.layout()
		switch {
		case err != nil:
			errs = append(errs, fmt.Errorf("%s: %w", file.path, err))
		case i == 0:
			f.layout = l
		case fmt.Sprint(l.Layers, l.Width) != fmt.Sprint(f.layout.Layers, f.layout.Width):
			errs = append(errs, fmt.Errorf("%s: rows of width %d and layers %v, but %s has width %d and layers %v", file.path, l.Width, l.Layers, f.files[0].path, f.layout.Width, f.layout.Layers))
		case len(l.Layers) == 0 && fmt.Sprint(file.columnNames()) != fmt.Sprint(f.files[0].columnNames()):
			errs = append(errs, fmt.Errorf("%s: rows of %v, but %s has %v", file.path, file.columnNames(), f.files[0].path, f.files[0].columnNames()))
		}
	}
	return errors.Join(errs...)
}

// columnNames are the tensors that make up a flat row, with their shape; none for a single matrix, whose columns have no names.
func (f *foreignFile) columnNames() []string {
	if len(f.parts) == 1 && len(f.parts[0].shape) <= 2 {
		return nil
	}
	var out []string
	for _, p := range f.parts {
		out = append(out, fmt.Sprintf("%q %v", p.name, p.shape[1:]))
	}
	return out
}

// Recipe is the recipe of the rows (Header.Recipe): empty for factored rows and for those of a single matrix.
func (f *Foreign) Recipe() string {
	if len(f.layout.Layers) > 0 || f.files[0].columnNames() == nil {
		return ""
	}
	return recipeOf("tensors", f.files[0].columnNames())
}

// isFactored says whether the tensors are factors. Without being told it goes by their names.
func (f *foreignFile) isFactored() (bool, error) {
	named := func(t foreignTensor) bool { return strings.HasPrefix(t.name, "a.") || strings.HasPrefix(t.name, "d.") }
	switch f.rowsAs {
	case RowsFlat:
		return false, nil
	case RowsFactored:
		return true, nil
	}
	if !slices.ContainsFunc(f.parts, named) {
		return false, nil
	}
	for _, t := range f.parts {
		if last := t.name[strings.LastIndex(t.name, ".")+1:]; last == "weight" || last == "bias" {
			return false, fmt.Errorf("tensor %q could be a factor (a.<layer>, d.<layer>) or a parameter of a module: say which, factored or flat rows", t.name)
		}
	}
	return true, nil
}

// layout of a file's rows, in single precision unless every tensor is of one smaller type.
func (f *foreignFile) layout() (Layout, error) {
	l := Flat(0)
	factored, err := f.isFactored()
	if err != nil {
		return l, err
	}
	if factored {
		layers, err := f.layers()
		if err != nil {
			return l, err
		}
		l = Factored(layers...)
	}
	for _, p := range f.parts {
		if !factored {
			l.Width += int(p.perRow())
		}
	}
	l.Type = f.parts[0].kind
	if l.Type == "F64" || slices.ContainsFunc(f.parts, func(t foreignTensor) bool { return t.kind != l.Type }) {
		l.Type = "F32"
	}
	return l, nil
}

// layers pairs a.<layer> with d.<layer> and puts the parts into the order of the columns.
func (f *foreignFile) layers() ([]Layer, error) {
	byName := map[string]foreignTensor{}
	var names []string
	for _, p := range f.parts {
		byName[p.name] = p
		if name, ok := strings.CutPrefix(p.name, "a."); ok {
			names = append(names, name)
		}
	}
	var layers []Layer
	f.parts = f.parts[:0:0]
	for _, name := range names {
		a, d := byName["a."+name], byName["d."+name]
		if len(d.shape) != len(a.shape) || len(a.shape) < 2 || len(a.shape) > 3 || len(a.shape) == 3 && a.shape[1] != d.shape[1] {
			return nil, fmt.Errorf("layer %q: a is %v and d is %v, want n×positions×in and n×positions×out, or n×in and n×out", name, a.shape, d.shape)
		}
		layer := Layer{Name: name, In: int(a.shape[len(a.shape)-1]), Out: int(d.shape[len(d.shape)-1]), Positions: 1}
		if len(a.shape) == 3 {
			layer.Positions = int(a.shape[1])
		}
		layers = append(layers, layer)
		f.parts = append(f.parts, a, d)
		delete(byName, a.name)
		delete(byName, d.name)
	}
	for name := range byName {
		return nil, fmt.Errorf("tensor %q has no partner: factored rows are pairs a.<layer>, d.<layer>", name)
	}
	return layers, nil
}

// Rows is the number of rows of all files.
func (f *Foreign) Rows() int64 { return f.rows }

// Layout is the form of a row. Its type is that of the files where they agree and a store can hold it, F32 otherwise.
func (f *Foreign) Layout() Layout { return f.layout }

// Files are the files that are read, those of row ids with them.
func (f *Foreign) Files() []string {
	var out []string
	for _, file := range f.files {
		out = append(out, file.path)
		if file.idsPath != "" && file.idsPath != file.path && !slices.Contains(out, file.idsPath) {
			out = append(out, file.idsPath)
		}
	}
	return out
}
