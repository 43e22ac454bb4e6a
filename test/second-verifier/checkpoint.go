package main

import (
	"encoding/base64"
	"errors"
	"regexp"
	"strconv"
	"strings"

	"golang.org/x/mod/sumdb/note"
	"golang.org/x/mod/sumdb/tlog"
)

const signaturesMax = 64

var sizeForm = regexp.MustCompile(`^(0|[1-9][0-9]{0,15})$`)

type checkpoint struct {
	size int64
	root tlog.Hash
}

// openCheckpoint takes a note by the page's step 1. The signature is checked by x/mod/sumdb/note; what the page wants beyond
// what that package refuses is checked here.
func openCheckpoint(bytes []byte, key string) (checkpoint, error) {
	var none checkpoint
	verifier, err := note.NewVerifier(key)
	if err != nil {
		return none, err
	}
	opened, err := note.Open(bytes, note.VerifierList(verifier))
	if err != nil {
		return none, err
	}
	if err := strictSignatures(string(bytes), opened.Text, verifier.Name()); err != nil {
		return none, err
	}
	lines := strings.Split(strings.TrimSuffix(opened.Text, "\n"), "\n")
	if len(lines) < 3 || lines[0] != verifier.Name() || !sizeForm.MatchString(lines[1]) {
		return none, errors.New("not three lines of this log")
	}
	for _, line := range lines {
		if line == "" {
			return none, errors.New("an empty line")
		}
	}
	size, err := strconv.ParseInt(lines[1], 10, 64)
	if err != nil || size > 1<<53-1 {
		return none, errors.New("no size")
	}
	root, err := canonical(lines[2])
	if err != nil || len(root) != tlog.HashSize {
		return none, errors.New("no root hash")
	}
	result := checkpoint{size: size}
	copy(result.root[:], root)
	if size == 0 && result.root != emptyRoot {
		return none, errors.New("another root than that of an empty log")
	}
	return result, nil
}

func strictSignatures(whole, text, name string) error {
	lines := strings.Split(strings.TrimSuffix(whole[len(text)+1:], "\n"), "\n")
	if len(lines) > signaturesMax {
		return errors.New("too many signatures")
	}
	ours := 0
	for _, line := range lines {
		parts := strings.Split(line, " ")
		if len(parts) != 3 {
			return errors.New("no signature")
		}
		if _, err := canonical(parts[2]); err != nil {
			return err
		}
		if parts[1] == name {
			ours++
		}
	}
	if ours != 1 {
		return errors.New("signed more than once")
	}
	return nil
}

// canonical decodes base64 in its one canonical form.
func canonical(text string) ([]byte, error) {
	bytes, err := base64.StdEncoding.Strict().DecodeString(text)
	if err == nil && base64.StdEncoding.EncodeToString(bytes) != text {
		err = errors.New("not canonical base64")
	}
	return bytes, err
}
