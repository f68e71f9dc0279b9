package store

import (
	"context"
	"fmt"
	"io/fs"
	"os"
	"runtime"
	"sync"
	"unsafe"

	"attrib/kernels"
)

// WindowBytes is the size of a window of a shard. Windows begin at multiples of windowStride and overlap, so that a tile of
// up to a stride lies in one; the pages that are read of one are a stride and a tile.
const WindowBytes = 2 * windowStride

const windowStride = 8 << 20

// aheadBytes is what is read ahead beyond a window: those that are mapped next begin there.
const aheadBytes = WindowBytes

// maxMapped bounds all windows of a store together; rows beyond are copied. Where the address space is limited, it is a sixteenth
// of that.
func maxMapped() int64 {
	return min(WindowBytes*int64(max(8, 2*runtime.GOMAXPROCS(0))), spaceLimit()/16)
}

// idleWindows is how many windows stay mapped that no tile views, for the tile that comes next.
const idleWindows = 1

// window is a mapped part of a shard.
type window struct {
	cache *windows
	file  *shardFile
	place int64 // bytes from place·windowStride
	data  []byte
	views int
	used  uint64 // when it was last given back
}

// Unhold is called when a tile does not view the window any more.
func (w *window) Unhold() {
	c := w.cache
	c.mu.Lock()
	defer c.mu.Unlock()
	c.clock++
	w.views, w.used = w.views-1, c.clock
	c.trim(idleWindows)
}

// windows are the mapped windows of a store.
type windows struct {
	mu     sync.Mutex
	open   []*window
	mapped int64
	most   int64 // of mapped; 0 for maxMapped
	clock  uint64
	closed bool
}

// view gives bytes of a shard without copying, or nil where they do not lie in one window, where too much is mapped
// already, or where the system cannot map. The tile holds the window under slot.
func (c *windows) view(f *shardFile, offset, n int64, t *kernels.Tile, slot int) ([]byte, error) {
	place := offset / windowStride
	if n == 0 || !canMap || offset+n > place*windowStride+WindowBytes {
		return nil, nil
	}
	w, err := c.acquire(f, place)
	if w == nil || err != nil {
		return nil, err
	}
	t.Hold(slot, w)
	from := offset - place*windowStride
	return w.data[from : from+n : from+n], nil
}

func (c *windows) acquire(f *shardFile, place int64) (*window, error) {
	c.mu.Lock()
	defer c.mu.Unlock()
	if c.closed {
		return nil, errClosed
	}
	for _, w := range c.open {
		if w.file == f && w.place == place {
			w.views++
			return w, nil
		}
	}
	size := min(WindowBytes, f.size-place*windowStride)
	if c.mapped+size > c.limit() {
		c.trim(0)
	}
	if c.mapped+size > c.limit() {
		return nil, nil
	}
	file, err := f.reopen()
	if err != nil {
		return nil, err
	}
	defer file.Close()
	data, err := mapFile(file, place*windowStride, size)
	if err != nil {
		return nil, nil // no address space left, or a file system that cannot map: rows are copied
	}
	readAhead(file, place*windowStride+size, aheadBytes)
	w := &window{cache: c, file: f, place: place, data: data, views: 1}
	c.open, c.mapped = append(c.open, w), c.mapped+size
	return w, nil
}

func (c *windows) limit() int64 {
	if c.most > 0 {
		return c.most - 1
	}
	return maxMapped()
}

// trim unmaps windows that nobody views, the longest unused first, until that many are left.
func (c *windows) trim(keep int) {
	for {
		idle, oldest := 0, -1
		for i, w := range c.open {
			if w.views > 0 {
				continue
			}
			idle++
			if oldest < 0 || w.used < c.open[oldest].used {
				oldest = i
			}
		}
		if idle <= keep {
			return
		}
		c.drop(oldest)
	}
}

func (c *windows) drop(i int) {
	w := c.open[i]
	c.open = append(c.open[:i], c.open[i+1:]...)
	c.mapped -= int64(len(w.data))
	unmap(w.data) // fails only for memory that is not mapped
	w.data = nil
}

// close unmaps everything, viewed or not.
func (c *windows) close() {
	c.mu.Lock()
	defer c.mu.Unlock()
	for len(c.open) > 0 {
		c.drop(len(c.open) - 1)
	}
	c.closed = true
}

// at is the shard whose window holds the address.
func (c *windows) at(addr uintptr) *shardFile {
	c.mu.Lock()
	defer c.mu.Unlock()
	for _, w := range c.open {
		if from := uintptr(unsafe.Pointer(&w.data[0])); addr >= from && addr-from < uintptr(len(w.data)) {
			return w.file
		}
	}
	return nil
}

// reopen opens the shard's file again and refuses it when it is not the one that was verified.
func (f *shardFile) reopen() (*os.File, error) {
	file, err := os.Open(f.path)
	if err != nil {
		return nil, err
	}
	if err := f.unchanged(file); err != nil {
		file.Close()
		return nil, err
	}
	return file, nil
}

// unchanged refuses a file that is not the one that was verified. One that was only touched, by a link to it, say, is verified
// again.
func (f *shardFile) unchanged(file *os.File) error {
	now, err := file.Stat()
	if err != nil {
		return err
	}
	f.mu.Lock()
	defer f.mu.Unlock()
	if err := sameFile(f.path, f.stat, now); err != nil || changeTime(now) == changeTime(f.stat) || f.SHA256 == "" {
		return err
	}
	if err := f.checkHash(context.Background(), file); err != nil {
		return fmt.Errorf("%s: %w", f.path, err)
	}
	f.stat = now
	return nil
}

// sameFile is an error unless both are the same file, of the same size and with the same time of modification.
func sameFile(path string, was, now fs.FileInfo) error {
	if !os.SameFile(now, was) || now.Size() != was.Size() || !now.ModTime().Equal(was.ModTime()) {
		return fmt.Errorf("%s: the file was changed after it was opened", path)
	}
	return nil
}

func (c *windows) isClosed() bool {
	c.mu.Lock()
	defer c.mu.Unlock()
	return c.closed
}
