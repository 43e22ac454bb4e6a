// A second verifier of audit logs, written from docs/audit-log-format.md alone, with Go's own transparency-log packages for
// signatures and trees. It shares nothing with packages/keywright-verify and is held against it by run.mjs.
//
// Usage: second-verifier FOLDER
//
// FOLDER has a folder for each case: `log`, `public-key`, and checkpoints saved earlier as `saved-0`, `saved-1`, …
// Prints a line for each, in order of their names: `NAME ok`, or `NAME bad INDEX` with the first bad entry.
package main

import (
	"bufio"
	"fmt"
	"log"
	"os"
	"path/filepath"
	"strings"
)

func main() {
	log.SetFlags(0)
	if len(os.Args) != 2 {
		log.Fatal("usage: second-verifier FOLDER")
	}
	cases, err := os.ReadDir(os.Args[1])
	if err != nil {
		log.Fatal(err)
	}
	out := bufio.NewWriter(os.Stdout)
	defer out.Flush()
	for _, each := range cases {
		firstBad, isBad := verify(filepath.Join(os.Args[1], each.Name()))
		if isBad {
			fmt.Fprintf(out, "%s bad %d\n", each.Name(), firstBad)
		} else {
			fmt.Fprintf(out, "%s ok\n", each.Name())
		}
	}
}

func verify(folder string) (firstBad int64, isBad bool) {
	key, err := os.ReadFile(filepath.Join(folder, "public-key"))
	if err != nil {
		log.Fatal(err)
	}
	names, err := filepath.Glob(filepath.Join(folder, "saved-*"))
	if err != nil {
		log.Fatal(err)
	}
	var saved [][]byte
	for _, name := range names {
		note, err := os.ReadFile(name)
		if err != nil {
			log.Fatal(err)
		}
		saved = append(saved, note)
	}
	found := verifyLog(filepath.Join(folder, "log"), strings.TrimSpace(string(key)), saved)
	return found.first, found.any
}

// findings keeps the lowest index of all that is bad.
type findings struct {
	first int64
	any   bool
}

func (f *findings) add(index int64) {
	if !f.any || index < f.first {
		f.first = index
	}
	f.any = true
}
