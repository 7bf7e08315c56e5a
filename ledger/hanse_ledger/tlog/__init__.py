"""The forms of C2SP: notes, checkpoints, tiles, tlog-proofs."""
