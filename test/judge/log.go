package main

import (
	"bytes"
	"crypto/sha256"
	"encoding/binary"
	"errors"
	"fmt"
	"io/fs"
	"os"
	"path/filepath"
	"strings"

	"golang.org/x/mod/sumdb/tlog"
)

const (
	tileHeight = 8
	tileWidth  = 1 << tileHeight
)

// staticLog is a log as static files, with its entries and all hashes that follow from them. It is also a tlog.TileReader of the
// files, so that package tlog checks these against a root by itself.
type staticLog struct {
	folder  string
	entries [][]byte
	hashes  []tlog.Hash
}

func (l *staticLog) Height() int                         { return tileHeight }
func (l *staticLog) SaveTiles(_ []tlog.Tile, _ [][]byte) {}

func (l *staticLog) ReadTiles(tiles []tlog.Tile) ([][]byte, error) {
	var all [][]byte
	for _, tile := range tiles {
		data, err := l.readTile(tile)
		if err != nil {
			return nil, err
		}
		all = append(all, data)
	}
	return all, nil
}

// tilePath is where c2sp.org/tlog-tiles serves a tile: Go's own path without the height, and "entries" for "data".
func tilePath(tile tlog.Tile) string {
	path := strings.TrimPrefix(tile.Path(), fmt.Sprintf("tile/%d/", tile.H))
	return "tile/" + strings.Replace(path, "data/", "entries/", 1)
}

// read gives the bytes of a tile. The partial tiles of earlier sizes may have been deleted once the full one exists; then it gives
// the bytes of the full one.
func (l *staticLog) read(tile tlog.Tile) (data []byte, isWhole bool, err error) {
	data, err = os.ReadFile(filepath.Join(l.folder, tilePath(tile)))
	if errors.Is(err, fs.ErrNotExist) && tile.W < tileWidth {
		full := tile
		full.W = tileWidth
		if data, err := os.ReadFile(filepath.Join(l.folder, tilePath(full))); err == nil {
			return data, false, nil
		}
	}
	return data, true, err
}

func (l *staticLog) readTile(tile tlog.Tile) ([]byte, error) {
	data, isWhole, err := l.read(tile)
	if err != nil {
		return nil, err
	}
	bytes := tile.W * tlog.HashSize
	if !isWhole && len(data) > bytes {
		data = data[:bytes]
	}
	if len(data) != bytes {
		return nil, fmt.Errorf("%s has %d bytes instead of %d", tilePath(tile), len(data), bytes)
	}
	return data, nil
}

func (l *staticLog) readBundle(tile tlog.Tile) ([][]byte, error) {
	data, isWhole, err := l.read(tile)
	if err != nil {
		return nil, err
	}
	var entries [][]byte
	for len(entries) < tile.W {
		if len(data) < 2 || len(data)-2 < int(binary.BigEndian.Uint16(data)) {
			return nil, fmt.Errorf("%s ends within entry %d", tilePath(tile), len(entries))
		}
		end := 2 + int(binary.BigEndian.Uint16(data))
		entries = append(entries, data[2:end])
		data = data[end:]
	}
	if isWhole && len(data) > 0 {
		return nil, fmt.Errorf("%s goes on after its last entry", tilePath(tile))
	}
	return entries, nil
}

// bundles names the entry bundles of a log of this size.
func bundles(size int64) []tlog.Tile {
	var tiles []tlog.Tile
	for at := int64(0); at < size; at += tileWidth {
		tiles = append(tiles, tlog.Tile{H: tileHeight, L: -1, N: at / tileWidth, W: int(min(tileWidth, size-at))})
	}
	return tiles
}

func readLog(folder string, size int64) (*staticLog, error) {
	l := &staticLog{folder: folder}
	for _, bundle := range bundles(size) {
		entries, err := l.readBundle(bundle)
		if err != nil {
			return nil, err
		}
		for _, entry := range entries {
			hashes, err := tlog.StoredHashes(int64(len(l.entries)), entry, l.known())
			if err != nil {
				return nil, err
			}
			l.entries = append(l.entries, entry)
			l.hashes = append(l.hashes, hashes...)
		}
	}
	return l, nil
}

// known reads hashes that were computed from the entries.
func (l *staticLog) known() tlog.HashReaderFunc {
	return func(indexes []int64) ([]tlog.Hash, error) {
		var hashes []tlog.Hash
		for _, index := range indexes {
			if index >= int64(len(l.hashes)) {
				return nil, fmt.Errorf("hash %d is not known", index)
			}
			hashes = append(hashes, l.hashes[index])
		}
		return hashes, nil
	}
}

// checkTree checks the root, every tile and bundle of a size byte for byte against the entries, and proofs made from the tiles.
func (l *staticLog) checkTree(c *checkpoint, sample int64, counts *Counts) error {
	if c.N == 0 {
		if c.Hash != sha256.Sum256(nil) {
			return errors.New("the root of the empty log is not the hash of nothing")
		}
		return nil
	}
	root, err := tlog.TreeHash(c.N, l.known())
	if err != nil {
		return err
	}
	if root != c.Hash {
		return fmt.Errorf("the entries have the root %v, not the signed %v", root, c.Hash)
	}
	for _, tile := range tlog.NewTiles(tileHeight, 0, c.N) {
		expected, err := tlog.ReadTileData(tile, l.known())
		if err != nil {
			return err
		}
		data, err := l.readTile(tile)
		if err != nil {
			return err
		}
		if !bytes.Equal(data, expected) {
			return fmt.Errorf("%s is not what the entries make it", tilePath(tile))
		}
		counts.Tiles++
	}
	for _, bundle := range bundles(c.N) {
		entries, err := l.readBundle(bundle)
		if err != nil {
			return err
		}
		for i, entry := range entries {
			if !bytes.Equal(entry, l.entries[bundle.N*tileWidth+int64(i)]) {
				return fmt.Errorf("%s: entry %d is another than in the latest log", tilePath(bundle), i)
			}
			counts.Entries++
		}
		counts.Bundles++
	}
	return l.checkInclusions(c, sample, counts)
}

func (l *staticLog) checkInclusions(c *checkpoint, sample int64, counts *Counts) error {
	reader := tlog.TileHashReader(c.Tree, l)
	chosen := map[int64]bool{0: true, c.N - 1: true}
	for _, edge := range []int64{1, tileWidth - 1, tileWidth, tileWidth + 1, c.N / tileWidth * tileWidth, c.N/tileWidth*tileWidth - 1} {
		chosen[edge] = true
	}
	for i := int64(0); i < sample; i++ {
		chosen[i*c.N/sample] = true
	}
	for index := range chosen {
		if index < 0 || index >= c.N {
			continue
		}
		proof, err := tlog.ProveRecord(c.N, index, reader)
		if err != nil {
			return err
		}
		if err := tlog.CheckRecord(proof, c.N, c.Hash, index, tlog.RecordHash(l.entries[index])); err != nil {
			return fmt.Errorf("entry %d: %w", index, err)
		}
		counts.Inclusions++
	}
	return nil
}

// checkPairs proves from the tiles that each size begins with every smaller one.
func (l *staticLog) checkPairs(checkpoints []*checkpoint, counts *Counts) error {
	for i, older := range checkpoints {
		for _, newer := range checkpoints[i+1:] {
			if older.N > 0 {
				proof, err := tlog.ProveTree(newer.N, older.N, tlog.TileHashReader(newer.Tree, l))
				if err != nil {
					return fmt.Errorf("%d to %d: %w", older.N, newer.N, err)
				}
				if err := tlog.CheckTree(proof, newer.N, newer.Hash, older.N, older.Hash); err != nil {
					return fmt.Errorf("%d to %d: %w", older.N, newer.N, err)
				}
			}
			counts.Consistencies++
		}
	}
	return nil
}
