"""Titles are found by the shipment on which they are issued. What is of before must be rebuilt."""

import sqlalchemy as sa
from alembic import op

revision = "0010"
down_revision = "0009"
branch_labels = None
depends_on = None


def upgrade() -> None:
    """Create the table (see `hanse_node.store.index.found_by`)."""
    op.create_table(
        "title_of_shipment",
        sa.Column("key", sa.LargeBinary, primary_key=True),
        sa.Column("number", sa.BigInteger, primary_key=True),
        sa.Column("object", sa.LargeBinary, nullable=False),
        sqlite_with_rowid=False,
    )
