# The operator: looks the folder over, runs the node in the background, gives a reader a token, takes a backup.
expect 0 hanse doctor --dir "$D/node"
hanse node run --dir "$D/node" --port "$JOURNEY_PORT" >node.out 2>node.log &
for _ in $(seq 300); do [ -s node.out ] && break; sleep 0.2; done
expect 0 hanse node status --node "$N" --home "$D/homes/operator"
expect 0 hanse node status --node "http://127.0.0.1:9,$N" --home "$D/homes/operator"
expect 30 hanse node status --node http://127.0.0.1:9 --home "$D/homes/operator"
expect 0 hanse backup --dir "$D/node" backups/first
expect 2 hanse backup --dir "$D/node" backups/first
expect 0 hanse log verify --dir backups/first
