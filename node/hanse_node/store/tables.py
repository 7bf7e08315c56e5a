"""The tables of a ledger. Hashes are blobs of 32 bytes, times milliseconds, positions and numbers counted from 0.

Entries are the truth. Objects and claims are the state to which they lead; tiles, records and
history follow from the entries and could be built again.
"""

from sqlalchemy import BigInteger, Column, Integer, LargeBinary, MetaData, SmallInteger, Table, Text

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

# Where each record stands, and the number of the object that it creates. The key is that object's id, which follows
# from the record's: one look-up by hash, where two tables would dirty two pages for each new invoice.
record = Table(
    "record",
    metadata,
    Column("key", LargeBinary, primary_key=True),
    Column("position", BigInteger, nullable=False),
    Column("object", BigInteger, nullable=True),
    sqlite_with_rowid=False,
)

# The present value of each object, under its number; leaf as in the object tree.
object_ = Table(
    "object",
    metadata,
    Column("number", Number, primary_key=True, autoincrement=False),
    Column("data", LargeBinary, nullable=False),
    Column("leaf", LargeBinary, nullable=False),
)

# What exists once, by the SHA-256 of its key: its place in the sparse tree.
claim = Table(
    "claim",
    metadata,
    Column("place", LargeBinary, primary_key=True),
    Column("value", LargeBinary, nullable=False),
    sqlite_with_rowid=False,
)

# C2SP tlog-tiles: up to 256 hashes of complete subtrees of 256 to the power of level leaves; their SHA-256 beside them.
tile = Table(
    "tile",
    metadata,
    Column("level", SmallInteger, primary_key=True),
    Column("index", BigInteger, primary_key=True),
    Column("hashes", LargeBinary, nullable=False),
    Column("checksum", LargeBinary, nullable=False),
    sqlite_with_rowid=False,
)

# The records that touched each object, in order: object number, count before, position of the record.
history = Table(
    "history",
    metadata,
    Column("object", BigInteger, primary_key=True),
    Column("sequence", BigInteger, primary_key=True),
    Column("position", BigInteger, nullable=False),
    sqlite_with_rowid=False,
)

# Way marks: objects as they stood when their histories passed a multiple of 256, `count` records long. `position` is
# that of the group's state entry, `path` the hashes from the object's leaf to the root that this states.
mark = Table(
    "mark",
    metadata,
    Column("object", BigInteger, primary_key=True),
    Column("count", BigInteger, primary_key=True),
    Column("position", BigInteger, nullable=False),
    Column("data", LargeBinary, nullable=False),
    Column("path", LargeBinary, nullable=False),
    sqlite_with_rowid=False,
)

# Two rows: where the ledger stands, and who its members are.
head = Table(
    "head",
    metadata,
    Column("id", Integer, primary_key=True, autoincrement=False),
    Column("data", LargeBinary, nullable=False),
)

# One row: the newest block of the consortium's engine, whether it held a group or not. Without that engine, none.
block = Table(
    "block",
    metadata,
    Column("id", Integer, primary_key=True, autoincrement=False),
    Column("height", BigInteger, nullable=False),
)

# The signed checkpoint of each group's end.
checkpoint = Table(
    "checkpoint",
    metadata,
    Column("size", Number, primary_key=True, autoincrement=False),
    Column("note", Text, nullable=False),
)
