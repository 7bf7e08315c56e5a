"""Published proofs: under unguessable names, for whoever has the name, and renewed while they stand."""
