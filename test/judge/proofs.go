package main

import (
	"bytes"
	"encoding/base64"
	"fmt"
	"os"
	"strconv"
	"strings"

	"golang.org/x/mod/sumdb/tlog"
)

// checkFile checks a proof that the log handed out: a receipt or a request to a witness.
func (l *staticLog) checkFile(t *trust, known []*checkpoint, file string, counts *Counts) error {
	if strings.HasSuffix(file, ".checkpoint") {
		return nil
	}
	data, err := os.ReadFile(file)
	if err != nil {
		return err
	}
	head, signed, found := bytes.Cut(data, []byte("\n\n"))
	if !found {
		return fmt.Errorf("no empty line before the checkpoint")
	}
	c, err := t.openCheckpoint(signed)
	if err != nil {
		return err
	}
	lines := strings.Split(string(head), "\n")
	switch {
	case strings.HasSuffix(file, ".tlog-proof"):
		counts.Receipts++
		return l.checkReceipt(c, lines)
	case strings.HasSuffix(file, ".add-checkpoint"):
		counts.Requests++
		return checkRequest(c, known, lines)
	}
	return fmt.Errorf("the name does not end in .checkpoint, .tlog-proof or .add-checkpoint")
}

func (l *staticLog) checkReceipt(c *checkpoint, lines []string) error {
	if lines[0] != "c2sp.org/tlog-proof@v1" {
		return fmt.Errorf("the header is %q", lines[0])
	}
	lines = lines[1:]
	if len(lines) > 0 && strings.HasPrefix(lines[0], "extra ") {
		if _, err := base64.StdEncoding.Strict().DecodeString(lines[0][len("extra "):]); err != nil {
			return err
		}
		lines = lines[1:]
	}
	if len(lines) == 0 {
		return fmt.Errorf("no index")
	}
	index, hashes, err := parseProof("index ", lines)
	if err != nil {
		return err
	}
	if index >= int64(len(l.entries)) {
		return fmt.Errorf("no entry %d", index)
	}
	return tlog.CheckRecord(hashes, c.N, c.Hash, index, tlog.RecordHash(l.entries[index]))
}

func checkRequest(c *checkpoint, known []*checkpoint, lines []string) error {
	size, hashes, err := parseProof("old ", lines)
	if err != nil {
		return err
	}
	for _, older := range known {
		if older.N != size {
			continue
		}
		if size == 0 {
			if len(hashes) > 0 {
				return fmt.Errorf("a proof from size 0")
			}
			return nil
		}
		return tlog.CheckTree(hashes, c.N, c.Hash, size, older.Hash)
	}
	return fmt.Errorf("no checkpoint of size %d was given", size)
}

// parseProof reads a line with a number, and hashes.
func parseProof(word string, lines []string) (int64, []tlog.Hash, error) {
	decimal, found := strings.CutPrefix(lines[0], word)
	number, err := strconv.ParseInt(decimal, 10, 64)
	if !found || err != nil || number < 0 || strconv.FormatInt(number, 10) != decimal {
		return 0, nil, fmt.Errorf("%q instead of %q and a number", lines[0], word)
	}
	var hashes []tlog.Hash
	for _, line := range lines[1:] {
		hash, err := parseHash(line)
		if err != nil {
			return 0, nil, err
		}
		hashes = append(hashes, hash)
	}
	return number, hashes, nil
}
