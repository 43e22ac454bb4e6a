package main

import "golang.org/x/mod/sumdb/tlog"

// firstBadEntry believes the tiles as far as the checkpoint reaches. `continues` is up to where a saved checkpoint vouches.
func firstBadEntry(files logFiles, current checkpoint, continues int64) int64 {
	believed := newBelieved(files, current)
	for index := int64(0); index*tileWidth < files.size; index++ {
		start := index * tileWidth
		entries, isWhole, isThere := files.bundle(index)
		if !isThere {
			return start
		}
		leaves := make([]tlog.Hash, len(entries))
		for i, entry := range entries {
			leaves[i] = tlog.RecordHash(entry)
		}
		if expected := believed.tile(0, index); expected != nil {
			for i, leaf := range leaves {
				if leaf != expected[i] {
					return start + int64(i)
				}
			}
			if !isWhole {
				return start + int64(len(entries))
			}
			continue
		}
		root, isKnown := believed.rootOf(0, index)
		if !isWhole || (isKnown && (len(leaves) != tileWidth || subtreeRoot(leaves) != root)) {
			return start
		}
	}
	return continues
}

// believed gives the tiles that lead to the root of the checkpoint.
type believed struct {
	files logFiles
	// edge has the tile that is not full of each level; nil when they do not lead to the root.
	edge [][]tlog.Hash
}

func newBelieved(files logFiles, current checkpoint) believed {
	var edge [][]tlog.Hash
	for level := 0; power(level) <= files.size; level++ {
		index := files.size / power(level+1)
		var hashes []tlog.Hash
		if files.width(level, index) > 0 {
			if hashes = files.tile(level, index); hashes == nil {
				return believed{files: files}
			}
		}
		edge = append(edge, hashes)
	}
	if rootOfEdge(edge) != current.root {
		edge = nil
	}
	return believed{files: files, edge: edge}
}

func (b believed) tile(level int, index int64) []tlog.Hash {
	if b.edge == nil {
		return nil
	}
	if b.files.width(level, index) < tileWidth {
		return b.edge[level]
	}
	hashes := b.files.tile(level, index)
	root, isKnown := b.rootOf(level, index)
	if hashes == nil || !isKnown || subtreeRoot(hashes) != root {
		return nil
	}
	return hashes
}

// rootOf is the root of a full tile, as the tile above has it.
func (b believed) rootOf(level int, index int64) (root tlog.Hash, isKnown bool) {
	above := b.tile(level+1, index/tileWidth)
	if int64(len(above)) <= index%tileWidth {
		return root, false
	}
	return above[index%tileWidth], true
}

// subtreeRoot joins neighbours until one is left; their number is a power of two.
func subtreeRoot(hashes []tlog.Hash) tlog.Hash {
	if len(hashes) == 1 {
		return hashes[0]
	}
	half := len(hashes) / 2
	return tlog.NodeHash(subtreeRoot(hashes[:half]), subtreeRoot(hashes[half:]))
}

// rootOfEdge joins the subtrees at the right edge, from the smallest on.
func rootOfEdge(edge [][]tlog.Hash) tlog.Hash {
	root, isEmpty := emptyRoot, true
	for _, hashes := range edge {
		for size := 1; len(hashes) > 0; size *= 2 {
			if len(hashes)&size == 0 {
				continue
			}
			left := subtreeRoot(hashes[len(hashes)-size:])
			if isEmpty {
				root, isEmpty = left, false
			} else {
				root = tlog.NodeHash(left, root)
			}
			hashes = hashes[:len(hashes)-size]
		}
	}
	return root
}
