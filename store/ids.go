package store

import "fmt"

// idSet is a sparse bitmap of row ids: positions in a corpus lie close together, so it takes about a bit each.
type idSet map[int64]*[1 << 10]uint64

// add refuses an id that is negative or was added before.
func (s idSet) add(id int64) error {
	if id < 0 {
		return fmt.Errorf("row id %d is negative", id)
	}
	page, at := id>>16, id&(1<<16-1)
	if s[page] == nil {
		s[page] = new([1 << 10]uint64)
	}
	if s[page][at>>6]&(1<<(at&63)) != 0 {
		return fmt.Errorf("row id %d is given twice", id)
	}
	s[page][at>>6] |= 1 << (at & 63)
	return nil
}

func (s idSet) has(id int64) bool {
	page, at := s[id>>16], id&(1<<16-1)
	return page != nil && page[at>>6]&(1<<(at&63)) != 0
}

// addShard adds the ids of a shard; the error names the file.
func (s idSet) addShard(f *shardFile) error {
	for i := range f.ids.Len() {
		if err := s.add(f.ids.At(i)); err != nil {
			return fmt.Errorf("%s: %w", f.path, err)
		}
	}
	return nil
}

func (s idSet) addAll(ids []int64) error {
	for _, id := range ids {
		if err := s.add(id); err != nil {
			return err
		}
	}
	return nil
}
