"""How much the node's front takes on at once. What the ledger bounds stands in `hanse_ledger.limits`."""

BODY_BYTES = 8 * 1024 * 1024
"""The most that a request's body may have: a thousand records of the usual size, several times over."""

BODY_SECONDS = 30
"""How long a sender may take over a body."""

BODIES_BYTES = 128 * 1024 * 1024
"""The most that all bodies under way may have together."""

PROOFS = 4
"""How many proofs are made at a time, and how long in seconds another one waits for its turn."""
PROOF_WAIT_SECONDS = 10

PAGE_RECORDS = 200
"""The most records that a page of a history lists."""

SUBSCRIBERS = 64
EVENTS_READ = 256
"""The most entries that are read for a subscriber at once; it holds no more than these."""

HEARTBEAT_SECONDS = 15

CONNECTIONS = 1_000
OPEN_FILES = 4_096
"""How many files and connections the node asks the system to let it have open."""

HEAD_SECONDS = 10
"""How long a request's head may take to arrive, and a new connection to send one."""

STALL_SECONDS = 30
"""How long an answer may wait for its reader to take more of it."""

KEEP_ALIVE_SECONDS = 30
STOP_SECONDS = 5
"""How long a stop waits for requests under way."""

TOKENS = 64
TOKEN_CHARACTERS = (16, 256)
TOKEN_FILE_BYTES = 64 * 1024
