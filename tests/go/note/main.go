// Command note opens a signed note with the library that the Go module ecosystem trusts its checksum database with.
//
// Usage: note VKEY < NOTE. It prints the names and key hashes of the signatures that it verified, then the text.
package main

import (
	"fmt"
	"io"
	"os"

	"golang.org/x/mod/sumdb/note"
)

func main() {
	if err := open(os.Args[1:], os.Stdin, os.Stdout); err != nil {
		fmt.Fprintln(os.Stderr, err)
		os.Exit(1)
	}
}

func open(arguments []string, from io.Reader, to io.Writer) error {
	if len(arguments) != 1 {
		return fmt.Errorf("usage: note VKEY < NOTE")
	}
	verifier, err := note.NewVerifier(arguments[0])
	if err != nil {
		return fmt.Errorf("the verifier key: %w", err)
	}
	data, err := io.ReadAll(io.LimitReader(from, 1<<20))
	if err != nil {
		return err
	}
	opened, err := note.Open(data, note.VerifierList(verifier))
	if err != nil {
		return fmt.Errorf("the note: %w", err)
	}
	for _, signature := range opened.Sigs {
		fmt.Fprintf(to, "verified %s+%08x\n", signature.Name, signature.Hash)
	}
	fmt.Fprintf(to, "unverified %d\n%s", len(opened.UnverifiedSigs), opened.Text)
	return nil
}
