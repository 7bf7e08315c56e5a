"""How much the node's front takes on at once. What the ledger bounds stands in `hanse_ledger.values.limits`."""

BODY_BYTES = 8 * 1024 * 1024
"""The most that a request's body may have: a thousand records of the usual size, several times over."""

BODY_SECONDS = 30
"""How long a sender may take over a body."""

BODY_GRACE_SECONDS = 5
BODY_LEAST_RATE = 16 * 1024
"""After the grace a body must have come at so many bytes a second since its beginning: one that drips is ended."""

BODIES_BYTES = 128 * 1024 * 1024
"""The most that all bodies under way may have together, of what has come of them."""

ANSWERS_BYTES = 128 * 1024 * 1024
"""The most that answers may have together that are ready, and not yet taken by those who asked."""

PROOFS = 2
PROOFS_WAITING = 64
"""How many proofs are made at a time, of which each may take a core and megabytes; and how many wait for that."""

READS = 12
READS_WAITING = 256
"""How many other reads are answered at a time, each on a thread, and how many wait for that."""

RECORDS_THREADS = 6
"""So many threads open batches of records, and write their answers, whatever is read meanwhile."""

PEER_BODIES_BYTES = 32 * 1024 * 1024
"""The most that bodies from members' nodes may have together."""

PEER_REQUESTS = 1_024
PEER_REQUESTS_PER_SECOND = 60
PEER_REQUESTS_BURST = 300
"""How many requests of members' nodes are under way at most, and how many each may send: several a block."""

COSIGN_BYTES = 16 * 1024
"""The most that a head may have that is to be cosigned: it bears the signatures of its own node alone."""

COSIGN_WAITS = 512
COSIGN_WAIT_SECONDS = 2.0
"""How many heads of members wait for this node's own commit, and how long."""

HEAD_WAITS = 256
HEAD_WAIT_SECONDS = 1.0
"""How many nodes that follow wait for the next head, and how long, before they ask again."""

COSIGNING, COMPARED_BLOCKS, ACCUSATIONS = 2, 1, 1
"""How many threads cosign, look for blocks, and judge evidence, for members' nodes."""

PEER_WAITING = 256
"""How many wait for one of those threads, each member within its share."""

ACCUSATIONS_PER_SECOND = 2
ACCUSATIONS_BURST = 20
"""How much evidence a member may send."""

ACCUSATION_BYTES = 256 * 1024
"""So many bytes of it count as a file more: one of 8 MiB, which is half a second's work, as those of 16 seconds."""

PAGE_RECORDS = 200
"""The most records that a page of a history lists."""

PUBLICATION_BYTES = 256 * 1024
"""The most that a published proof may have: what a phone takes at once."""

PUBLISHED_PER_SECOND = 0.2
PUBLISHED_BURST = 60
"""How often one token may publish: each is a proof to check, and one to make."""

PUBLICATION_READS_PER_SECOND = 10
PUBLICATION_READS_BURST = 200
"""How often one network, of those that bear no token, may read what is published: a hall has one address."""

PUBLICATION_MISSES_PER_SECOND = 0.2
PUBLICATION_MISSES_BURST = 30
"""How often it may ask for names under which nothing is published, or show a wrong secret."""

PUBLICATION_KEPT_MS = 30 * 24 * 3_600_000
"""So long the name of what was withdrawn is kept: a call that was delayed does not publish it again."""

RENEWAL_ROUND_SECONDS = 5.0
RENEWED_TOGETHER = 16
RENEWED_SECONDS = 2.0
"""So often published proofs are looked at, so many are renewed then at most, and none is begun after so long."""

SUBSCRIBERS = 64
EVENTS_READ = 256
"""The most entries that are read for subscribers at once; each holds no more than these."""

READINGS = 2
"""So many threads read for subscribers; those who are at the same place share a reading."""

HEARTBEAT_SECONDS = 15

CONNECTIONS = 1_000
"""How many connections the front has at most. When there are more, whoever has most loses one."""

PEER_CONNECTIONS = 256
"""Likewise on the listener for members' nodes."""

HANDSHAKES = 64
HANDSHAKE_SECONDS = 5
HANDSHAKES_PER_SECOND = 100
"""How many TLS handshakes are under way at most, how long each may take, and how many begin in a second."""

HANDSHAKES_WAITING = 1_024
ACCEPTED_PER_SECOND = 2_000
"""How many connections wait for their handshake, each network's in turn, and how many are taken up in a second."""

OPEN_FILES = 4_096
"""How many files and connections the node asks the system to let it have open."""

HEAD_BYTES = 16 * 1024
HEADER_FIELDS = 100
"""The most that a request's head may have, and how many header fields."""

HELD_BYTES = 1024 * 1024
"""The most that may come of further requests on a connection before the one under way is answered."""

HEAD_SECONDS = 10
"""How long a request's head may take to arrive, and a new connection to send one."""

LINGER_SECONDS = 2
"""How long whoever sent what is no request may take to read why, before the connection is cut."""

STALL_SECONDS = 30
"""How long an answer may wait for its reader to take more of it."""

KEEP_ALIVE_SECONDS = 30
STOP_SECONDS = 5
"""How long a stop waits for requests under way."""

TOKENS = 64
TOKEN_FILE_BYTES = 64 * 1024

TAG_KEYS_SECONDS = 30.0
"""So often is looked whether the members have voted for a key of tags that is sealed to this node."""

PAYLOAD_BYTES = 8 * 1024 * 1024
"""A sealed document at most."""

PAYLOAD_PIECE_BYTES = 1024 * 1024
"""A piece of one that is sent, at most: so much is lost where a line breaks, and held in memory while it comes."""

PAYLOAD_GRACE_MS = 3_600_000
"""So long after its record has expired an upload is kept that none names."""

PAYLOAD_IDLE_SECONDS = 3_600.0
"""So long an upload may come no further before what has come of it is deleted."""

PAYLOAD_SWEEP_SECONDS = 60.0
"""So often is looked which uploads are named by a record now, and which have come to nothing."""

PAYLOAD_UPLOADS = 10_000
"""So many uploads are known at once, of all senders together."""

PAYLOAD_LOOKED_AT = 1_000
"""So many of the documents that are kept are asked about in one sweep."""

SIGNATURES = 2
SIGNATURES_WAITING = 256
"""How many signed requests are verified at a time, each on a thread, and how many wait for that."""

BAD_SIGNATURES_PER_SECOND = 5
BAD_SIGNATURES_BURST = 100
"""How many requests one network may send whose signatures do not count; more of them are not even looked at."""

NONCES = 131_072
"""So many nonces of signed requests are known at once, of all signers together: about 20 MB."""

PAYLOAD_TELLERS = 4
"""So many senders may say who reads a document that no record names yet."""

PAYLOADS_WANTED = 10_000
"""So many documents each member's node may offer that are still to be fetched, given up ones among them."""

PAYLOAD_OFFERS = 100_000
"""So many offers to other members' nodes are kept until they are taken."""

PAYLOAD_OFFERS_LOOKED_AT = 200
PAYLOAD_OFFERS_GIVEN = 64
"""Of so many documents is looked whether they are for a member's readers when its node asks, and so many are told."""

PAYLOAD_OFFER_PAGES = 10_000
"""So many pages of what another node has are asked for at once."""

PAYLOAD_HOLDERS = 16
"""So many members' nodes are known that may have a document: whoever offers it names at most so many others."""

PAYLOADS_FETCHED = 4
PAYLOADS_FETCHED_EACH = 2
"""So many documents are fetched at once, and offered at once, and so many of them from, or to, one member's node."""

PAYLOAD_PART_BYTES = 512 * 1024
"""So much of a document is asked of another node at once."""

PAYLOAD_PAUSE_SECONDS = 2.0
PAYLOAD_LONGEST_PAUSE_SECONDS = 900.0
"""So long after a first attempt has failed a document is fetched, or offered, again; twice as long each time."""

PAYLOAD_GIVEN_UP_MS = 30 * 24 * 3_600_000
"""After so long a document that never came is given up, and so is an offer that nobody has taken."""

PAYLOAD_FORGOTTEN_MS = 365 * 24 * 3_600_000
"""So long it is said of a document that it was given up."""

PAYLOAD_PEER_READS = 2
"""So many threads read and judge sealed documents for members' nodes."""

PAYLOAD_REQUESTS_PER_SECOND = 20
PAYLOAD_REQUESTS_BURST = 40
"""How often a member's node may offer documents and ask for parts of them, apart from all else that it asks."""

WEBHOOKS = 64
"""So many webhooks a node has at most. Each has one call under way at a time, and nobody waits for it but itself."""

WEBHOOK_SECONDS = 15.0
"""So long a receiver may take until its answer is read; a second more for each 32 KiB that it sends."""

WEBHOOK_ANSWER_BYTES = 64 * 1024
"""The most that a receiver's answer may have."""

WEBHOOK_LOOK_SECONDS = 1.0
"""So often is written how far webhooks have come, and looked whether their operator has changed anything."""

WEBHOOK_UNWRITTEN = 200
"""So many deliveries at most are sent before it is written: a crash lets so many be sent again."""

WEBHOOK_FIRST_PAUSE_MS = 5_000
WEBHOOK_LONGEST_PAUSE_MS = 3_600_000
WEBHOOK_GIVEN_UP_MS = 3 * 24 * 3_600_000
"""A delivery that fails is tried again after so long, twice as long each time, up to an hour, and for three days."""

WEBHOOK_SECRETS = 3
"""So many secrets of a webhook count at once: the newest, and those that it has taken the place of."""

WEBHOOK_OVERLAP_MS = 24 * 3_600_000
WEBHOOK_LONGEST_OVERLAP_MS = 7 * 24 * 3_600_000
"""So long an old secret counts beside the new one, unless its operator says otherwise, and at most."""

WEBHOOK_WANTS = 256
"""So many kinds, objects and parties a webhook may name together."""

DELIVERIES_KEPT = 1_000
"""So many deliveries to each webhook are kept, the newest."""

READS_NOTED = 20_000
READS_NOTED_EACH = 5_000
"""So many different reads are noted one by one until they are written, and so many of one reader's; of more it is
noted once an hour that somebody has read more than that."""

READS_WRITTEN_SECONDS = 5.0
"""So often what was read is written down: a crash forgets no more of it."""

READS_WRITTEN_TOGETHER = 250
"""So many rows of it are written, or let go of, in one transaction, for which the ledger waits."""

READ_ROWS_EACH = 10_000
"""So many rows of an hour one reader fills; then no object is named, and after as many more no party either."""

READ_ROWS_KNOWN = 50_000
"""So many rows of this hour are known, in which reads that come again are counted."""
