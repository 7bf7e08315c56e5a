"""The tables of what is: entries, heads, published proofs, webhooks and reads. Hashes are blobs of 32 bytes.

Positions are counted from 0, times in milliseconds since 1970. Entries are the truth. What follows from them stands in
`index`, a file a table, and could be built again; with those tables `metadata` is whole, so that whoever wants all of
them takes it from there.
"""

from sqlalchemy import BigInteger, Column, Index, Integer, LargeBinary, MetaData, Table, Text

metadata = MetaData()

# SQLite stores a table under its row number only if the key is declared INTEGER.
Number = BigInteger().with_variant(Integer(), "sqlite")

# The entries in order; leaf = SHA-256(0x00, data).
entry = Table(
    "entry",
    metadata,
    Column("position", Number, primary_key=True, autoincrement=False),
    Column("data", LargeBinary, nullable=False),
    Column("leaf", LargeBinary, nullable=False),
)

# Two rows: where the ledger stands, and who its members are.
head = Table(
    "head",
    metadata,
    Column("id", Integer, primary_key=True, autoincrement=False),
    Column("data", LargeBinary, nullable=False),
)

# One row: the height of the consortium's engine, whether its newest block held accepted records or not. Else none.
block = Table(
    "block",
    metadata,
    Column("id", Integer, primary_key=True, autoincrement=False),
    Column("height", BigInteger, nullable=False),
)

# The signed checkpoint of each block's end.
checkpoint = Table(
    "checkpoint",
    metadata,
    Column("size", Number, primary_key=True, autoincrement=False),
    Column("note", Text, nullable=False),
)

# Proofs that this node has published (see `publications`): no part of the ledger, and no other node has them. `name` is
# of 16 bytes, `given` the SHA-256 of the file that was sent, `secret` that of what withdraws it, `file` the proof as it
# was renewed last; nil once it is withdrawn.
publication = Table(
    "publication",
    metadata,
    Column("name", LargeBinary, primary_key=True),
    Column("holder", Text, nullable=False),
    Column("given", LargeBinary, nullable=False),
    Column("secret", LargeBinary, nullable=False),
    Column("made", BigInteger, nullable=False),
    Column("renewed", BigInteger, nullable=False),
    Column("ended", BigInteger, nullable=True),
    Column("file", LargeBinary, nullable=True),
    Index("publication_renewed", "ended", "renewed"),
)

# Webhooks of this node (see `webhooks`): no part of the ledger either. `position` is the first that was not told yet,
# or not looked at; `version` is another one after each change by the operator, so that a node which runs meanwhile
# never writes over it what it knows of before. `wants` is JSON. `failing` is since when deliveries fail, `due` when the
# next is tried, `paused` since when none is.
webhook = Table(
    "webhook",
    metadata,
    Column("name", Text, primary_key=True),
    Column("owner", Text, nullable=False),
    Column("url", Text, nullable=False),
    Column("wants", LargeBinary, nullable=False),
    Column("public", Text, nullable=False),
    Column("made", BigInteger, nullable=False),
    Column("version", BigInteger, nullable=False),
    Column("position", BigInteger, nullable=False),
    Column("failing", BigInteger, nullable=True),
    Column("attempts", Integer, nullable=False),
    Column("due", BigInteger, nullable=False),
    Column("paused", BigInteger, nullable=True),
    Column("reason", Text, nullable=False),
)

# The newest deliveries of each, in order. `status` is that of the answer; nil where there was none.
webhook_delivery = Table(
    "webhook_delivery",
    metadata,
    Column("hook", Text, primary_key=True),
    Column("turn", Number, primary_key=True, autoincrement=False),
    Column("made", BigInteger, nullable=False),
    Column("id", Text, nullable=False),
    Column("position", BigInteger, nullable=True),
    Column("type", Text, nullable=False),
    Column("milliseconds", Integer, nullable=False),
    Column("status", Integer, nullable=True),
    Column("fault", Text, nullable=False),
)

# Who has read what of whom, an hour each (see `queries.readers.readlog`): no part of the ledger, of this node alone.
# `party` is whom it concerns, empty for everybody; `reader`, `name` and `member` are a `Caller`; `object` is the object
# or the record, `payload` the sealed bytes; empty where none is named. `delayed` is 1 of offices that decide or settle.
read_row = Table(
    "read_row",
    metadata,
    Column("turn", Number, primary_key=True, autoincrement=False),
    Column("party", LargeBinary, nullable=False),
    Column("first", BigInteger, nullable=False),
    Column("last", BigInteger, nullable=False),
    Column("times", BigInteger, nullable=False),
    Column("reader", Text, nullable=False),
    Column("name", Text, nullable=False),
    Column("member", Text, nullable=False),
    Column("delayed", Integer, nullable=False),
    Column("entitled", Text, nullable=False),
    Column("way", Text, nullable=False),
    Column("kind", Text, nullable=False),
    Column("object", LargeBinary, nullable=False),
    Column("payload", LargeBinary, nullable=False),
    Index("read_row_party", "party", "turn"),
)
