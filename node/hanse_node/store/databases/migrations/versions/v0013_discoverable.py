"""Records are found by the hash of their document's file that they show. What is of before must be rebuilt."""

import sqlalchemy as sa
from alembic import op

revision = "0013"
down_revision = "0012"
branch_labels = None
depends_on = None


def upgrade() -> None:
    """Create the table (see `hanse_node.store.index.discoverable`)."""
    op.create_table(
        "discoverable",
        sa.Column("key", sa.LargeBinary, primary_key=True),
        sa.Column("position", sa.BigInteger, primary_key=True),
        sqlite_with_rowid=False,
    )
