"""The tables of what is: entries, where they end, and heads. Hashes are blobs of 32 bytes, positions counted from 0.

Entries are the truth. What follows from them stands in `index`, a file a table, and could be built again; with those
tables `metadata` is whole, so that whoever wants all of them takes it from there.
"""

from sqlalchemy import BigInteger, Column, Integer, LargeBinary, MetaData, Table, Text

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
