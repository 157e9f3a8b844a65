package main

import (
	"bytes"
	"crypto/ed25519"
	"crypto/sha256"
	"encoding/base64"
	"encoding/binary"
	"fmt"
	"os"
	"strconv"
	"strings"

	"golang.org/x/mod/sumdb/note"
	"golang.org/x/mod/sumdb/tlog"
)

const cosignatureKey = 4

// cosigner verifies cosignatures (c2sp.org/tlog-cosignature), of which package note knows nothing.
type cosigner struct {
	name   string
	hash   uint32
	public ed25519.PublicKey
}

func (c *cosigner) Name() string    { return c.name }
func (c *cosigner) KeyHash() uint32 { return c.hash }

func (c *cosigner) Verify(text, sig []byte) bool {
	if len(sig) != 8+ed25519.SignatureSize {
		return false
	}
	head := fmt.Sprintf("cosignature/v1\ntime %d\n", binary.BigEndian.Uint64(sig))
	return ed25519.Verify(c.public, append([]byte(head), text...), sig[8:])
}

func newCosigner(vkey string) (*cosigner, error) {
	parts := strings.SplitN(vkey, "+", 3)
	if len(parts) != 3 {
		return nil, fmt.Errorf("the witness's key has %d parts", len(parts))
	}
	key, err := base64.StdEncoding.Strict().DecodeString(parts[2])
	if err != nil || len(key) != 1+ed25519.PublicKeySize || key[0] != cosignatureKey {
		return nil, fmt.Errorf("the witness's key is no Ed25519 key of type 4")
	}
	sum := sha256.Sum256(append([]byte(parts[0]+"\n"), key...))
	if parts[1] != fmt.Sprintf("%x", sum[:4]) {
		return nil, fmt.Errorf("the id of the witness's key is wrong")
	}
	return &cosigner{parts[0], binary.BigEndian.Uint32(sum[:]), key[1:]}, nil
}

// trust is what the judge was told to believe.
type trust struct {
	origin  string
	log     note.Verifier
	witness *cosigner
}

func newTrust(key, witness, origin string) (*trust, error) {
	verifier, err := note.NewVerifier(key)
	if err != nil {
		return nil, err
	}
	if origin == "" {
		origin = verifier.Name()
	}
	t := &trust{origin: origin, log: verifier}
	if witness != "" {
		t.witness, err = newCosigner(witness)
	}
	return t, err
}

// checkpoint is a tree whose size and root the log signed.
type checkpoint struct {
	tlog.Tree
	cosignatures int
}

func (t *trust) readCheckpoint(file string) (*checkpoint, error) {
	data, err := os.ReadFile(file)
	if err != nil {
		return nil, err
	}
	return t.openCheckpoint(data)
}

func (t *trust) openCheckpoint(data []byte) (*checkpoint, error) {
	signed, err := note.Open(data, note.VerifierList(t.log))
	if err != nil {
		return nil, fmt.Errorf("checkpoint: %w", err)
	}
	lines := strings.Split(signed.Text, "\n")
	if len(lines) != 4 || lines[3] != "" {
		return nil, fmt.Errorf("checkpoint: %d lines instead of 3", len(lines)-1)
	}
	if lines[0] != t.origin {
		return nil, fmt.Errorf("checkpoint: the origin is %q instead of %q", lines[0], t.origin)
	}
	size, err := strconv.ParseInt(lines[1], 10, 64)
	if err != nil || size < 0 || strconv.FormatInt(size, 10) != lines[1] {
		return nil, fmt.Errorf("checkpoint: %q is no size", lines[1])
	}
	root, err := parseHash(lines[2])
	if err != nil {
		return nil, fmt.Errorf("checkpoint: %w", err)
	}
	c := &checkpoint{Tree: tlog.Tree{N: size, Hash: root}}
	if t.witness != nil && bytes.Contains(data, []byte("— "+t.witness.name+" ")) {
		cosigned, err := note.Open(data, note.VerifierList(t.witness))
		if err != nil {
			return nil, fmt.Errorf("cosignature: %w", err)
		}
		c.cosignatures = len(cosigned.Sigs)
	}
	return c, nil
}

func parseHash(text string) (tlog.Hash, error) {
	var hash tlog.Hash
	data, err := base64.StdEncoding.Strict().DecodeString(text)
	if err != nil || len(data) != len(hash) || base64.StdEncoding.EncodeToString(data) != text {
		return hash, fmt.Errorf("%q is no hash", text)
	}
	copy(hash[:], data)
	return hash, nil
}
