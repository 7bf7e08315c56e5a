"""Lists by state, and payments by their UETR."""

import sqlalchemy as sa
from alembic import op

revision = "0011"
down_revision = "0010"
branch_labels = None
depends_on = None


def upgrade() -> None:
    """Create the tables (see `hanse_node.store.index.lists`). A standing ledger has nothing in them until a rebuild."""
    op.create_table(
        "listed",
        sa.Column("key", sa.LargeBinary, primary_key=True),
        sa.Column("object", sa.LargeBinary, nullable=False),
        sqlite_with_rowid=False,
    )
    op.create_table(
        "payment_of_uetr",
        sa.Column("key", sa.LargeBinary, primary_key=True),
        sa.Column("number", sa.BigInteger, primary_key=True),
        sa.Column("object", sa.LargeBinary, nullable=False),
        sqlite_with_rowid=False,
    )
