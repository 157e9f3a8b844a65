// Judge reads the static files of a public log and checks everything in them with Go's own implementation of notes and
// transparency logs (golang.org/x/mod/sumdb), which shares no code with the log that made them.
//
//	judge -key VKEY [-witness VKEY] [-origin O] [-sample N] [-commits] FOLDER [FILE…]
//
// FOLDER holds checkpoint, tile/… and tile/entries/…. Each FILE is told by the end of its name: an earlier .checkpoint, a
// .tlog-proof, or an .add-checkpoint request, which must prove what it says against one of the checkpoints.
//
// On success it prints one line of JSON with the number of things checked and exits 0; otherwise it says on stderr what is wrong
// and exits 1.
package main

import (
	"encoding/json"
	"flag"
	"fmt"
	"os"
	"path/filepath"
	"sort"
	"strings"
	"syscall"
)

// Counts says how much was checked, so that a caller can tell that something was.
type Counts struct {
	Size          int64 `json:"size"`
	Checkpoints   int   `json:"checkpoints"`
	Cosignatures  int   `json:"cosignatures"`
	Entries       int   `json:"entries"`
	Bundles       int   `json:"bundles"`
	Tiles         int   `json:"tiles"`
	Inclusions    int   `json:"inclusions"`
	Consistencies int   `json:"consistencies"`
	Receipts      int   `json:"receipts"`
	Requests      int   `json:"requests"`
	Commits       int   `json:"commits,omitempty"`
}

func main() {
	key := flag.String("key", "", "the log's verifier key")
	witness := flag.String("witness", "", "verifier key (type 4) of a witness that must have cosigned the checkpoint")
	origin := flag.String("origin", "", "the log's origin; by default the name of its key")
	sample := flag.Int64("sample", 32, "how many entries a size to prove included, besides those at the edges of tiles")
	commits := flag.Bool("commits", false, "read the entries as commits, too, and check the chain of each stream")
	peak := flag.Bool("peak", false, "say on stderr how much memory was taken at most, in KiB")
	flag.Parse()
	if *key == "" || flag.NArg() < 1 {
		flag.Usage()
		os.Exit(2)
	}
	counts, err := judge(*key, *witness, *origin, *sample, *commits, flag.Arg(0), flag.Args()[1:])
	if err != nil {
		fmt.Fprintln(os.Stderr, "judge:", err)
		os.Exit(1)
	}
	if *peak {
		var usage syscall.Rusage
		if err := syscall.Getrusage(syscall.RUSAGE_SELF, &usage); err == nil {
			fmt.Fprintf(os.Stderr, "peak %d\n", usage.Maxrss)
		}
	}
	line, _ := json.Marshal(counts)
	fmt.Println(string(line))
}

func judge(key, witness, origin string, sample int64, commits bool, folder string, files []string) (*Counts, error) {
	trust, err := newTrust(key, witness, origin)
	if err != nil {
		return nil, err
	}
	counts := &Counts{}
	latest, err := trust.readCheckpoint(filepath.Join(folder, "checkpoint"))
	if err != nil {
		return nil, err
	}
	if witness != "" && latest.cosignatures == 0 {
		return nil, fmt.Errorf("the witness did not cosign the checkpoint")
	}
	counts.Size = latest.N
	counts.Cosignatures = latest.cosignatures
	checkpoints := []*checkpoint{latest}
	for _, file := range files {
		if strings.HasSuffix(file, ".checkpoint") {
			earlier, err := trust.readCheckpoint(file)
			if err != nil {
				return nil, err
			}
			checkpoints = append(checkpoints, earlier)
		}
	}
	sort.Slice(checkpoints, func(i, j int) bool { return checkpoints[i].N < checkpoints[j].N })
	if checkpoints[len(checkpoints)-1].N > latest.N {
		return nil, fmt.Errorf("the log of %d entries was rolled back to %d", checkpoints[len(checkpoints)-1].N, latest.N)
	}
	counts.Checkpoints = len(checkpoints)
	log, err := readLog(folder, latest.N)
	if err != nil {
		return nil, err
	}
	if commits {
		if err := log.checkCommits(counts); err != nil {
			return nil, err
		}
	}
	for _, each := range checkpoints {
		if err := log.checkTree(each, sample, counts); err != nil {
			return nil, fmt.Errorf("size %d: %w", each.N, err)
		}
	}
	if err := log.checkPairs(checkpoints, counts); err != nil {
		return nil, err
	}
	for _, file := range files {
		if err := log.checkFile(trust, checkpoints, file, counts); err != nil {
			return nil, fmt.Errorf("%s: %w", filepath.Base(file), err)
		}
	}
	return counts, nil
}
