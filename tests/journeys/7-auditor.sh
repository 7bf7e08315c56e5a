# The auditor: the node is stopped, each byte of the ledger is hashed again, and one changed byte is found.
hanse node status --node "$N" --home auditor --json >status.json
kill -TERM %1
wait %1 || true
expect 0 hanse log verify --dir "$D/node"
cp -r "$D/node" changed
python3 - <<'PYTHON'
import sqlite3
with sqlite3.connect("changed/ledger.db") as database:
    (data,) = database.execute("SELECT data FROM entry WHERE position = 3").fetchone()
    database.execute("UPDATE entry SET data = ? WHERE position = 3", (data[:-1] + bytes([data[-1] ^ 1]),))
PYTHON
expect 10 hanse log verify --dir changed
expect 2 hanse log verify --dir nowhere
