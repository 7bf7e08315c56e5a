# The developer: from a clone to a verified proof, and to a broken one.
hanse demo --dir "$D" >demo.out
grep -q "VALID (exit code 0)" demo.out
expect 0 hanse verify "$D/proof.hanse" --offline
expect 0 hanse inspect "$D/proof.hanse"
expect 10 hanse verify "$D/tampered.hanse" --offline
