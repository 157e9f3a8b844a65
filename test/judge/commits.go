package main

import (
	"bytes"
	"crypto/sha256"
	"encoding/hex"
	"encoding/json"
	"fmt"
)

// commit is an entry as the gate writes it. Of its events only what acts.go says is understood.
type commit struct {
	Stream    string           `json:"stream"`
	Version   int64            `json:"version"`
	ID        string           `json:"id"`
	CommandID string           `json:"commandId"`
	At        string           `json:"at"`
	Actor     string           `json:"actor"`
	Prev      *string          `json:"prev"`
	Events    []map[string]any `json:"events"`
}

// streamEnd is the last commit of a stream that was read.
type streamEnd struct {
	version int64
	hash    string
}

// checkCommits reads every entry as a commit and checks that each stream goes on without a gap, each commit naming the hash of the
// one before, and the simplest rules about acts (acts.go).
func (l *staticLog) checkCommits(counts *Counts) error {
	ends := map[string]streamEnd{}
	acts := newActJudge()
	for index, entry := range l.entries {
		var c commit
		decoder := json.NewDecoder(bytes.NewReader(entry))
		decoder.DisallowUnknownFields()
		if err := decoder.Decode(&c); err != nil {
			return fmt.Errorf("entry %d is no commit: %w", index, err)
		}
		end := ends[c.Stream]
		if c.Version != end.version+1 {
			return fmt.Errorf("entry %d: %s@%d comes after version %d", index, c.Stream, c.Version, end.version)
		}
		if (c.Prev == nil) != (end.version == 0) || (c.Prev != nil && *c.Prev != end.hash) {
			return fmt.Errorf("entry %d: %s@%d does not name the commit before it", index, c.Stream, c.Version)
		}
		hash := sha256.Sum256(entry)
		ends[c.Stream] = streamEnd{c.Version, "sha256:" + hex.EncodeToString(hash[:])}
		if err := acts.check(&c); err != nil {
			return fmt.Errorf("entry %d: %w", index, err)
		}
		counts.Commits++
	}
	return nil
}
