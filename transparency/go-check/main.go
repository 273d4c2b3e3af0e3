// Checks a log of ours with the code of Go's own checksum database, golang.org/x/mod/sumdb, and none of ours: note for
// signatures, tlog for trees. Reads one question a line (JSON) and answers each with a line: "accepted", or why not.
//
//	GO111MODULE=off GOPATH=/usr/share/gocode go run transparency/go-check/main.go
package main

import (
	"bufio"
	"crypto/ed25519"
	"encoding/base64"
	"encoding/binary"
	"encoding/json"
	"errors"
	"fmt"
	"os"
	"path/filepath"
	"strconv"
	"strings"

	"golang.org/x/mod/sumdb/note"
	"golang.org/x/mod/sumdb/tlog"
)

type question struct {
	// "checkpoint", "proof", "growth" or "tiles".
	Ask string
	// Verifier keys of the log and of a witness that has to have cosigned; none where the latter is empty.
	Log, Witness string
	// A signed checkpoint; for "growth" the older one.
	Note string
	// An entry, and its tlog-proof.
	Entry []byte
	Proof string
	// The body of an add-checkpoint request: growth from the older checkpoint on.
	Request string
	// Where the log's files are.
	Directory string
}

func main() {
	lines := bufio.NewScanner(os.Stdin)
	lines.Buffer(nil, 1<<20)
	for lines.Scan() {
		var q question
		err := json.Unmarshal(lines.Bytes(), &q)
		if err == nil {
			err = answer(q)
		}
		if err != nil {
			fmt.Println("refused:", err)
		} else {
			fmt.Println("accepted")
		}
	}
}

func answer(q question) error {
	switch q.Ask {
	case "checkpoint":
		_, err := open(q, q.Note)
		return err
	case "proof":
		return checkProof(q)
	case "growth":
		return checkGrowth(q)
	case "tiles":
		return checkTiles(q)
	}
	return errors.New("no such question")
}

// open verifies a checkpoint's signatures and reads its tree.
func open(q question, signed string) (tlog.Tree, error) {
	var none tlog.Tree
	log, err := note.NewVerifier(q.Log)
	if err != nil {
		return none, err
	}
	known := []note.Verifier{log}
	if q.Witness != "" {
		witness, err := newCosigner(q.Witness)
		if err != nil {
			return none, err
		}
		known = append(known, witness)
	}
	opened, err := note.Open([]byte(signed), note.VerifierList(known...))
	if err != nil {
		return none, err
	}
	if len(opened.Sigs) != len(known) {
		return none, errors.New("a signature is missing")
	}
	lines := strings.Split(opened.Text, "\n")
	if len(lines) != 4 || lines[0] != log.Name() {
		return none, errors.New("not this log's checkpoint")
	}
	size, err := strconv.ParseInt(lines[1], 10, 64)
	if err != nil {
		return none, err
	}
	root, err := tlog.ParseHash(lines[2])
	return tlog.Tree{N: size, Hash: root}, err
}

// cosigner is a witness: its signatures (cosignature/v1) are over the note and a time.
type cosigner struct {
	name string
	hash uint32
	key  ed25519.PublicKey
}

const cosignatureV1 = 4

func newCosigner(vkey string) (note.Verifier, error) {
	parts := strings.SplitN(vkey, "+", 3)
	if len(parts) != 3 {
		return nil, errors.New("no verifier key")
	}
	hash, err := strconv.ParseUint(parts[1], 16, 32)
	if err != nil {
		return nil, err
	}
	key, err := base64.StdEncoding.DecodeString(parts[2])
	if err != nil {
		return nil, err
	}
	if len(key) != 1+ed25519.PublicKeySize || key[0] != cosignatureV1 {
		return nil, errors.New("no key of a witness")
	}
	return &cosigner{parts[0], uint32(hash), key[1:]}, nil
}

func (c *cosigner) Name() string    { return c.name }
func (c *cosigner) KeyHash() uint32 { return c.hash }

func (c *cosigner) Verify(text, signature []byte) bool {
	if len(signature) != 8+ed25519.SignatureSize {
		return false
	}
	signed := fmt.Sprintf("cosignature/v1\ntime %d\n%s", binary.BigEndian.Uint64(signature), text)
	return ed25519.Verify(c.key, []byte(signed), signature[8:])
}

// checkProof verifies a C2SP tlog-proof of an entry.
func checkProof(q question) error {
	head, signed, _ := strings.Cut(q.Proof, "\n\n")
	lines := strings.Split(head, "\n")
	if len(lines) < 2 || lines[0] != "c2sp.org/tlog-proof@v1" || !strings.HasPrefix(lines[1], "index ") {
		return errors.New("no tlog-proof")
	}
	index, err := strconv.ParseInt(strings.TrimPrefix(lines[1], "index "), 10, 64)
	if err != nil {
		return err
	}
	hashes, err := parseHashes(lines[2:])
	if err != nil {
		return err
	}
	tree, err := open(q, signed)
	if err != nil {
		return err
	}
	return tlog.CheckRecord(hashes, tree.N, tree.Hash, index, tlog.RecordHash(q.Entry))
}

// checkGrowth verifies what a log sends to a witness: that the tree goes on from the one it sent before.
func checkGrowth(q question) error {
	head, signed, _ := strings.Cut(q.Request, "\n\n")
	lines := strings.Split(head, "\n")
	hashes, err := parseHashes(lines[1:])
	if err != nil {
		return err
	}
	older, err := open(q, q.Note)
	if err != nil {
		return err
	}
	if lines[0] != fmt.Sprintf("old %d", older.N) {
		return errors.New("growth from another tree")
	}
	newer, err := open(q, signed)
	if err != nil {
		return err
	}
	return tlog.CheckTree(hashes, newer.N, newer.Hash, older.N, older.Hash)
}

func parseHashes(lines []string) (hashes []tlog.Hash, err error) {
	for _, line := range lines {
		hash, err := tlog.ParseHash(line)
		if err != nil {
			return nil, err
		}
		hashes = append(hashes, hash)
	}
	return hashes, nil
}

// files are a log's tiles as C2SP tlog-tiles lays them out: tlog's own paths, without the height.
type files struct{ directory string }

func (f files) Height() int                     { return 8 }
func (f files) SaveTiles([]tlog.Tile, [][]byte) {}

func (f files) ReadTiles(tiles []tlog.Tile) (data [][]byte, err error) {
	for _, tile := range tiles {
		bytes, err := os.ReadFile(f.path(tile))
		if err != nil {
			return nil, err
		}
		data = append(data, bytes)
	}
	return data, nil
}

func (f files) path(tile tlog.Tile) string {
	path := strings.Replace(tile.Path(), "tile/8/", "tile/", 1)
	return filepath.Join(f.directory, strings.Replace(path, "tile/data/", "tile/entries/", 1))
}

// checkTiles holds every tile and every entry against the log's own checkpoint.
func checkTiles(q question) error {
	signed, err := os.ReadFile(filepath.Join(q.Directory, "checkpoint"))
	if err != nil {
		return err
	}
	tree, err := open(q, string(signed))
	if err != nil {
		return err
	}
	reader := tlog.TileHashReader(tree, files{q.Directory})
	for first := int64(0); first < tree.N; first += 256 {
		tile := tlog.Tile{H: 8, L: -1, N: first / 256, W: 256}
		if tree.N-first < 256 {
			tile.W = int(tree.N - first)
		}
		bundle, err := os.ReadFile(files{q.Directory}.path(tile))
		if err != nil {
			return err
		}
		if err := checkBundle(bundle, first, tile.W, reader); err != nil {
			return err
		}
	}
	return nil
}

func checkBundle(bundle []byte, first int64, width int, reader tlog.HashReader) error {
	indexes := make([]int64, width)
	for at := range indexes {
		indexes[at] = tlog.StoredHashIndex(0, first+int64(at))
	}
	hashes, err := reader.ReadHashes(indexes)
	if err != nil {
		return err
	}
	for at, hash := range hashes {
		if len(bundle) < 2 || len(bundle) < 2+int(binary.BigEndian.Uint16(bundle)) {
			return errors.New("an entry bundle is too short")
		}
		end := 2 + int(binary.BigEndian.Uint16(bundle))
		if tlog.RecordHash(bundle[2:end]) != hash {
			return fmt.Errorf("entry %d is another one", first+int64(at))
		}
		bundle = bundle[end:]
	}
	if len(bundle) > 0 {
		return errors.New("an entry bundle is too long")
	}
	return nil
}
