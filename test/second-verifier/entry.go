package main

import (
	"bytes"
	"encoding/json"
	"net/url"
	"strings"
	"unicode/utf8"
)

// isEntryOf is the page's step 3: one JSON object on one line, each outermost member once, of the customer of the origin.
func isEntryOf(entry []byte, origin string) bool {
	customer, err := url.PathUnescape(origin[strings.LastIndex(origin, "/")+1:])
	if err != nil || !utf8.ValidString(customer) {
		return false
	}
	n := len(entry)
	if n < 2 || entry[0] != '{' || entry[n-1] != '}' || !utf8.Valid(entry) || bytes.ContainsAny(entry, "\r\n") {
		return false
	}
	if !json.Valid(entry) {
		return false
	}
	members := json.NewDecoder(bytes.NewReader(entry))
	if _, err := members.Token(); err != nil {
		return false
	}
	seen := map[string]json.RawMessage{}
	for members.More() {
		name, err := members.Token()
		if err != nil {
			return false
		}
		var value json.RawMessage
		if err := members.Decode(&value); err != nil {
			return false
		}
		if _, isTwice := seen[name.(string)]; isTwice {
			return false
		}
		seen[name.(string)] = value
	}
	var named any
	return json.Unmarshal(seen["customerId"], &named) == nil && named == customer
}
