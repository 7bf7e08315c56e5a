"""Shipments are found by the invoices whose goods are in them. What is of before must be rebuilt."""

import sqlalchemy as sa
from alembic import op

revision = "0007"
down_revision = "0006"
branch_labels = None
depends_on = None


def upgrade() -> None:
    """Create the table (see `hanse_node.store.index.found_by`)."""
    op.create_table(
        "shipment_of_invoice",
        sa.Column("key", sa.LargeBinary, primary_key=True),
        sa.Column("number", sa.BigInteger, primary_key=True),
        sa.Column("object", sa.LargeBinary, nullable=False),
        sqlite_with_rowid=False,
    )
