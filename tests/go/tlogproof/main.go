// Command tlogproof verifies a C2SP tlog-proof under a C2SP tlog-policy, with a library that nobody here wrote.
//
// Usage: tlogproof POLICY ENTRY < PROOF. POLICY is the file that a node serves as /log/policy, ENTRY the entry's bytes.
package main

import (
	"fmt"
	"io"
	"os"

	"filippo.io/torchwood"
	"golang.org/x/mod/sumdb/tlog"
)

func main() {
	if err := verify(os.Args[1:], os.Stdin); err != nil {
		fmt.Fprintln(os.Stderr, err)
		os.Exit(1)
	}
	fmt.Println("verified")
}

func verify(arguments []string, from io.Reader) error {
	if len(arguments) != 2 {
		return fmt.Errorf("usage: tlogproof POLICY ENTRY < PROOF")
	}
	text, err := os.ReadFile(arguments[0])
	if err != nil {
		return err
	}
	policy, err := torchwood.ParsePolicy(text)
	if err != nil {
		return fmt.Errorf("the policy: %w", err)
	}
	entry, err := os.ReadFile(arguments[1])
	if err != nil {
		return err
	}
	proof, err := io.ReadAll(io.LimitReader(from, 1<<20))
	if err != nil {
		return err
	}
	return torchwood.VerifyProof(policy, tlog.RecordHash(entry), proof)
}
