// Reads and writes logs with Go's own packages, so that two implementations that share no code are seen to agree:
// golang.org/x/mod/sumdb/{note,tlog} and github.com/transparency-dev/formats. Standard input is a JSON array of jobs,
// standard output a JSON array of their answers; ../go.test.ts drives it.
package main

import (
	"bytes"
	"crypto/ed25519"
	"encoding/base64"
	"encoding/json"
	"errors"
	"fmt"
	"log"
	"os"
	"strings"

	flog "github.com/transparency-dev/formats/log"
	fnote "github.com/transparency-dev/formats/note"
	"github.com/transparency-dev/formats/proof"
	"github.com/transparency-dev/formats/witness"
	"golang.org/x/mod/sumdb/note"
	"golang.org/x/mod/sumdb/tlog"
)

// Bytes are base64 in JSON, as encoding/json has them.
type job struct {
	Kind      string
	Note      []byte
	Log       string   // vkey
	Witnesses []string // vkeys
	Records   [][]byte
	Index     int64
	Old, New  int64
	OldRoot   []byte
	NewRoot   []byte
	Proof     [][]byte
	File      []byte
	Policy    string
	// For writing: seeds of Ed25519 keys, and the second of each cosignature.
	Origin       string
	LogSeed      []byte
	WitnessNames []string
	WitnessSeeds [][]byte
}

type answer struct {
	Error   string   `json:"error,omitempty"`
	Origin  string   `json:"origin,omitempty"`
	Size    uint64   `json:"size"`
	Root    []byte   `json:"root,omitempty"`
	Signers []signer `json:"signers,omitempty"`
	Note    []byte   `json:"note,omitempty"`
	File    []byte   `json:"file,omitempty"`
	Proof   [][]byte `json:"proof,omitempty"`
	Vkeys   []string `json:"vkeys,omitempty"`
	Met     bool     `json:"met"`
}

type signer struct {
	Name string `json:"name"`
	Time int64  `json:"time"`
}

func main() {
	var jobs []job
	if err := json.NewDecoder(os.Stdin).Decode(&jobs); err != nil {
		log.Fatal(err)
	}
	answers := make([]answer, len(jobs))
	for i, j := range jobs {
		a, err := do(j)
		if err != nil {
			a = answer{Error: err.Error()}
		}
		answers[i] = a
	}
	if err := json.NewEncoder(os.Stdout).Encode(answers); err != nil {
		log.Fatal(err)
	}
}

func do(j job) (answer, error) {
	switch j.Kind {
	case "checkpoint":
		return checkpoint(j)
	case "inclusion":
		return answer{}, tlog.CheckRecord(hashes(j.Proof), j.New, hash(j.NewRoot), j.Index, tlog.RecordHash(j.Records[0]))
	case "consistency":
		return answer{}, tlog.CheckTree(hashes(j.Proof), j.New, hash(j.NewRoot), j.Old, hash(j.OldRoot))
	case "proof":
		return proofFile(j)
	case "policy":
		group, err := witness.ParsePolicy([]byte(j.Policy))
		return answer{Met: err == nil && group.Satisfied(j.Note)}, err
	case "write":
		return write(j)
	case "write proofs":
		return writeProofs(j)
	}
	return answer{}, fmt.Errorf("no job of kind %q", j.Kind)
}

// The checkpoint as both packages read it, and who has signed it.
func checkpoint(j job) (answer, error) {
	logVerifier, err := note.NewVerifier(j.Log)
	if err != nil {
		return answer{}, err
	}
	var others []note.Verifier
	for _, vkey := range j.Witnesses {
		v, err := fnote.NewVerifierForCosignatureV1(vkey)
		if err != nil {
			return answer{}, err
		}
		others = append(others, v)
	}
	parsed, _, signed, err := flog.ParseCheckpoint(j.Note, logVerifier.Name(), logVerifier, others...)
	if err != nil {
		return answer{}, err
	}
	tree, err := tlog.ParseTree([]byte("go.sum database tree\n" + strings.SplitN(signed.Text, "\n", 2)[1]))
	if err != nil {
		return answer{}, err
	}
	if uint64(tree.N) != parsed.Size || !bytes.Equal(tree.Hash[:], parsed.Hash) {
		return answer{}, errors.New("the two packages read different heads")
	}
	a := answer{Origin: parsed.Origin, Size: parsed.Size, Root: parsed.Hash}
	for _, s := range signed.Sigs {
		one := signer{Name: s.Name}
		if s.Name != logVerifier.Name() {
			at, err := fnote.CoSigV1Timestamp(s)
			if err != nil {
				return answer{}, err
			}
			one.Time = at.Unix()
		}
		a.Signers = append(a.Signers, one)
	}
	return a, nil
}

// A tlog-proof file: what it holds, that it proves the record, and that it is written the same again.
func proofFile(j job) (answer, error) {
	var p proof.TLogProof
	if err := p.Unmarshal(j.File); err != nil {
		return answer{}, err
	}
	if !bytes.Equal(p.Marshal(), j.File) {
		return answer{}, errors.New("the file is written otherwise")
	}
	j.Note = p.Checkpoint
	a, err := checkpoint(j)
	if err != nil {
		return answer{}, err
	}
	var path []tlog.Hash
	for _, h := range p.Hashes {
		path = append(path, tlog.Hash(h))
	}
	return a, tlog.CheckRecord(path, int64(a.Size), hash(a.Root), int64(p.Index), tlog.RecordHash(j.Records[0]))
}

// A tree in memory, as the package asks for its hashes.
type stored []tlog.Hash

func (s stored) ReadHashes(indexes []int64) ([]tlog.Hash, error) {
	out := make([]tlog.Hash, len(indexes))
	for i, at := range indexes {
		out[i] = s[at]
	}
	return out, nil
}

func grow(records [][]byte) (stored, error) {
	var s stored
	for n, record := range records {
		more, err := tlog.StoredHashes(int64(n), record, s)
		if err != nil {
			return nil, err
		}
		s = append(s, more...)
	}
	return s, nil
}

// A checkpoint over the records, signed by the log and cosigned by the witnesses, and the keys to check it with.
func write(j job) (answer, error) {
	s, err := grow(j.Records)
	if err != nil {
		return answer{}, err
	}
	root, err := tlog.TreeHash(int64(len(j.Records)), s)
	if err != nil {
		return answer{}, err
	}
	logKey, logVkey, err := keys(j.Origin, 1, j.LogSeed)
	if err != nil {
		return answer{}, err
	}
	logSigner, err := note.NewSigner(logKey)
	if err != nil {
		return answer{}, err
	}
	signers, vkeys := []note.Signer{logSigner}, []string{logVkey}
	for i, name := range j.WitnessNames {
		skey, _, err := keys(name, 1, j.WitnessSeeds[i])
		if err != nil {
			return answer{}, err
		}
		w, err := fnote.NewSignerForCosignatureV1(skey)
		if err != nil {
			return answer{}, err
		}
		_, vkey, err := keys(name, 4, j.WitnessSeeds[i])
		if err != nil {
			return answer{}, err
		}
		signers, vkeys = append(signers, w), append(vkeys, vkey)
	}
	text := flog.Checkpoint{Origin: j.Origin, Size: uint64(len(j.Records)), Hash: root[:]}.Marshal()
	signed, err := note.Sign(&note.Note{Text: string(text)}, signers...)
	if err != nil {
		return answer{}, err
	}
	a := answer{Size: uint64(len(j.Records)), Root: root[:], Note: signed, Vkeys: vkeys}
	if len(j.Records) > 0 {
		path, err := tlog.ProveRecord(int64(len(j.Records)), j.Index, s)
		if err != nil {
			return answer{}, err
		}
		file := proof.TLogProof{Index: uint64(j.Index), Checkpoint: signed}
		for _, h := range path {
			file.Hashes = append(file.Hashes, h)
		}
		a.File = file.Marshal()
	}
	return a, nil
}

// The proofs of the packages, for comparison hash by hash: from Old to New, where Old is above 0.
func writeProofs(j job) (answer, error) {
	s, err := grow(j.Records)
	if err != nil {
		return answer{}, err
	}
	path, err := tlog.ProveTree(j.New, j.Old, s)
	if err != nil {
		return answer{}, err
	}
	root, err := tlog.TreeHash(j.New, s)
	if err != nil {
		return answer{}, err
	}
	a := answer{Root: root[:]}
	for _, h := range path {
		a.Proof = append(a.Proof, append([]byte(nil), h[:]...))
	}
	return a, nil
}

// The text forms of a key: the private one is always that of an Ed25519 note signer, from which both kinds are made.
func keys(name string, kind byte, seed []byte) (skey, vkey string, err error) {
	private := ed25519.NewKeyFromSeed(seed)
	vkey, err = note.NewEd25519VerifierKey(name, private.Public().(ed25519.PublicKey))
	if err != nil {
		return "", "", err
	}
	id := strings.Split(vkey, "+")[1]
	skey = fmt.Sprintf("PRIVATE+KEY+%s+%s+%s", name, id, base64.StdEncoding.EncodeToString(append([]byte{1}, seed...)))
	if kind == 4 {
		vkey, err = fnote.VKeyToCosignatureV1(vkey)
	}
	return skey, vkey, err
}

func hash(b []byte) (h tlog.Hash) {
	copy(h[:], b)
	return h
}

func hashes(all [][]byte) []tlog.Hash {
	out := make([]tlog.Hash, len(all))
	for i, b := range all {
		out[i] = hash(b)
	}
	return out
}
