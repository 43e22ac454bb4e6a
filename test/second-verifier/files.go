package main

import (
	"encoding/binary"
	"fmt"
	"os"
	"path/filepath"

	"golang.org/x/mod/sumdb/tlog"
)

const (
	tileWidth          = 256
	checkpointBytesMax = 128 * 1024
)

// logFiles are the files of a log of some size.
type logFiles struct {
	folder string
	size   int64
}

// read gives a regular file of at most so many bytes; nil when there is none.
func (l logFiles) read(path string, bytesMax int64) (bytes []byte, isRefused bool) {
	name := filepath.Join(l.folder, filepath.FromSlash(path))
	stat, err := os.Stat(name)
	if os.IsNotExist(err) {
		return nil, false
	}
	if err != nil || !stat.Mode().IsRegular() || stat.Size() > bytesMax {
		return nil, true
	}
	bytes, err = os.ReadFile(name)
	return bytes, err != nil
}

func numbered(index, width int64) string {
	path := fmt.Sprintf("%03d", index%1000)
	for rest := index / 1000; rest > 0; rest /= 1000 {
		path = fmt.Sprintf("x%03d/%s", rest%1000, path)
	}
	if width < tileWidth {
		path = fmt.Sprintf("%s.p/%d", path, width)
	}
	return path
}

// power is 256 to the level.
func power(level int) int64 { return 1 << (8 * level) }

// width is how many hashes the tile has.
func (l logFiles) width(level int, index int64) int64 {
	left := l.size/power(level) - index*tileWidth
	if left < 0 {
		return 0
	}
	if left > tileWidth {
		return tileWidth
	}
	return left
}

// bundle gives the entries in a bundle, and whether it holds what it must and nothing else; isThere says whether it was read.
func (l logFiles) bundle(index int64) (entries [][]byte, isWhole, isThere bool) {
	width := l.width(0, index)
	bytes, isRefused := l.read("tile/entries/"+numbered(index, width), width*65537)
	if isRefused {
		return nil, false, false
	}
	isFull := false
	if bytes == nil && width < tileWidth {
		// A partial file may be gone once the full one is there.
		bytes, isRefused = l.read("tile/entries/"+numbered(index, tileWidth), tileWidth*65537)
		isFull = true
	}
	if bytes == nil || isRefused {
		return nil, false, false
	}
	for int64(len(entries)) < width && len(bytes) >= 2 {
		length := int(binary.BigEndian.Uint16(bytes))
		if len(bytes) < 2+length {
			break
		}
		entries = append(entries, bytes[2:2+length])
		bytes = bytes[2+length:]
	}
	return entries, int64(len(entries)) == width && (isFull || len(bytes) == 0), true
}

// tile gives the hashes of a tile; nil when it is not there or of another length.
func (l logFiles) tile(level int, index int64) []tlog.Hash {
	width := l.width(level, index)
	path := fmt.Sprintf("tile/%d/", level)
	bytes, _ := l.read(path+numbered(index, width), tileWidth*tlog.HashSize)
	if bytes != nil && int64(len(bytes)) != width*tlog.HashSize {
		return nil
	}
	if bytes == nil && width < tileWidth {
		bytes, _ = l.read(path+numbered(index, tileWidth), tileWidth*tlog.HashSize)
	}
	if int64(len(bytes)) < width*tlog.HashSize {
		return nil
	}
	hashes := make([]tlog.Hash, width)
	for i := range hashes {
		copy(hashes[i][:], bytes[i*tlog.HashSize:])
	}
	return hashes
}
