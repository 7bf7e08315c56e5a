"""The tables of what is: entries, where they end, heads, and published proofs. Hashes are blobs of 32 bytes.

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
