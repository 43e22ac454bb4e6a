package main

import (
	"crypto/ed25519"
	"crypto/sha256"
	"encoding/base64"
	"encoding/binary"
	"errors"
	"fmt"
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
	// time is when it was signed, in seconds since 1970; -1 where it does not say.
	time int64
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
	time, err := strictSignatures(string(bytes), opened.Text, key)
	if err != nil {
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
	result := checkpoint{size: size, time: time}
	copy(result.root[:], root)
	if size == 0 && result.root != emptyRoot {
		return none, errors.New("another root than that of an empty log")
	}
	return result, nil
}

// strictSignatures takes each line below the text for a signature, and gives the time of the one that has a time.
func strictSignatures(whole, text, key string) (time int64, err error) {
	lines := strings.Split(strings.TrimSuffix(whole[len(text)+1:], "\n"), "\n")
	if len(lines) > signaturesMax {
		return -1, errors.New("too many signatures")
	}
	parts := strings.SplitN(key, "+", 3)
	name := parts[0]
	public, err := canonical(parts[2])
	if err != nil {
		return -1, err
	}
	public = public[1:]
	plainId, timedId := keyId(name, 0x01, public), keyId(name, 0x04, public)
	plain, timed := 0, 0
	time = -1
	for _, line := range lines {
		parts := strings.Split(line, " ")
		if len(parts) != 3 {
			return -1, errors.New("no signature")
		}
		bytes, err := canonical(parts[2])
		if err != nil || len(bytes) <= 4 {
			return -1, errors.New("no signature")
		}
		if parts[1] != name {
			continue
		}
		switch string(bytes[:4]) {
		case plainId:
			plain++
		case timedId:
			timed++
			if time, err = timeOf(bytes[4:], text, public); err != nil {
				return -1, err
			}
		}
	}
	if plain != 1 || timed > 1 {
		return -1, errors.New("signed more than once")
	}
	return time, nil
}

func keyId(name string, kind byte, public []byte) string {
	hash := sha256.Sum256(append([]byte(name+"\n"+string([]byte{kind})), public...))
	return string(hash[:4])
}

const timeMax = 253402300799

// timeOf checks a signature that has the time before it, 8 bytes, and stands for two lines more before the text.
func timeOf(stamped []byte, text string, public []byte) (int64, error) {
	if len(stamped) != 8+ed25519.SignatureSize {
		return -1, errors.New("no signature with its time")
	}
	time := binary.BigEndian.Uint64(stamped)
	signed := fmt.Sprintf("cosignature/v1\ntime %d\n%s", time, text)
	if time > timeMax || !ed25519.Verify(public, []byte(signed), stamped[8:]) {
		return -1, errors.New("a wrong time")
	}
	return int64(time), nil
}

// canonical decodes base64 in its one canonical form.
func canonical(text string) ([]byte, error) {
	bytes, err := base64.StdEncoding.Strict().DecodeString(text)
	if err == nil && base64.StdEncoding.EncodeToString(bytes) != text {
		err = errors.New("not canonical base64")
	}
	return bytes, err
}
