# Anyone handed a proof: valid, not of this ledger, changed on the way, cut off, no proof at all, and not checked at all.
expect 0 hanse verify sale.hanse --offline
expect 10 hanse verify "$D/tampered.hanse" --offline
(cat sale.hanse; echo) >edited.hanse
expect 14 hanse verify edited.hanse --offline
head -c 2000 sale.hanse >cut.hanse
expect 14 hanse verify cut.hanse --offline
expect 14 hanse verify "$D/documents/invoice.xml" --offline
expect 2 hanse verify no-such-file.hanse --offline
expect 2 hanse verify sale.hanse --trust sale.hanse --offline
expect 20 env -u HANSE_TRUST hanse verify sale.hanse --offline
expect 0 hanse verify sale.hanse --node "$N" --home anyone
