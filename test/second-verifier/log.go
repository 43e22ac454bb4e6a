package main

import (
	"crypto/sha256"
	"strings"

	"golang.org/x/mod/sumdb/tlog"
)

var emptyRoot = tlog.Hash(sha256.Sum256(nil))

// verifyLog follows "What to check" of the page, and names the first bad entry by its "The first bad entry".
func verifyLog(folder, key string, savedNotes [][]byte) (found findings) {
	files := logFiles{folder: folder}
	note, _ := files.read("checkpoint", checkpointBytesMax)
	current, err := openCheckpoint(note, key)
	if err != nil {
		found.add(0)
		return found
	}
	files.size = current.size

	saved := []checkpoint{current}
	for _, bytes := range savedNotes {
		older, err := openCheckpoint(bytes, key)
		switch {
		case err != nil:
			found.any = true
		case older.size > current.size:
			found.add(current.size)
		default:
			saved = append(saved, older)
		}
	}

	tree, isRead := readTree(files, strings.SplitN(key, "+", 2)[0], &found)
	if !isRead || tree.root(current.size) != current.root {
		found.add(firstBadEntry(files, current, tree.continues(saved, isRead)))
		return found
	}
	tree.compareTiles(files, &found)
	if continues := tree.continues(saved, true); continues < current.size {
		found.add(continues)
	}
	for _, older := range saved {
		if tree.root(older.size) != older.root {
			found.add(tree.continues(saved, true))
		}
	}
	return found
}

// tree holds the hashes of a log as x/mod/sumdb/tlog orders them.
type tree struct{ stored []tlog.Hash }

func (t *tree) ReadHashes(indexes []int64) ([]tlog.Hash, error) {
	hashes := make([]tlog.Hash, len(indexes))
	for i, index := range indexes {
		hashes[i] = t.stored[index]
	}
	return hashes, nil
}

func (t *tree) root(size int64) tlog.Hash {
	if size == 0 {
		return emptyRoot
	}
	root, err := tlog.TreeHash(size, t)
	if err != nil {
		panic(err) // It was asked for no more than it holds.
	}
	return root
}

// continues is up to which size the log is as the checkpoints say, one after the other from the smallest.
func (t *tree) continues(checkpoints []checkpoint, isRead bool) (size int64) {
	if !isRead {
		return 0
	}
	wrong := int64(-1)
	for _, each := range checkpoints {
		if t.root(each.size) != each.root && (wrong < 0 || each.size < wrong) {
			wrong = each.size
		}
	}
	for _, each := range checkpoints {
		if t.root(each.size) == each.root && each.size > size && (wrong < 0 || each.size < wrong) {
			size = each.size
		}
	}
	return size
}

// readTree reads every entry, and says whether they could be read to their end.
func readTree(files logFiles, origin string, found *findings) (*tree, bool) {
	t := &tree{}
	for start := int64(0); start < files.size; start += tileWidth {
		entries, isWhole, _ := files.bundle(start / tileWidth)
		if !isWhole {
			return t, false
		}
		for i, entry := range entries {
			index := start + int64(i)
			if !isEntryOf(entry, origin) {
				found.add(index)
			}
			hashes, err := tlog.StoredHashes(index, entry, t)
			if err != nil {
				panic(err)
			}
			t.stored = append(t.stored, hashes...)
		}
	}
	return t, true
}

func (t *tree) compareTiles(files logFiles, found *findings) {
	for level := 0; power(level) <= files.size; level++ {
		for index := int64(0); files.width(level, index) > 0; index++ {
			hashes := files.tile(level, index)
			isRight := hashes != nil
			for i, hash := range hashes {
				at := index*tileWidth + int64(i)
				isRight = isRight && hash == t.stored[tlog.StoredHashIndex(8*level, at)]
			}
			if !isRight {
				found.add(index * power(level+1))
			}
		}
	}
}
