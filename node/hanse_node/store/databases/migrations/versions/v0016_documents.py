"""Documents are found by what they belong to. What is of before must be rebuilt."""

import sqlalchemy as sa
from alembic import op

revision = "0016"
down_revision = "0015"
branch_labels = None
depends_on = None


def upgrade() -> None:
    """Create the table (see `hanse_node.store.index.found_by`)."""
    op.create_table(
        "document_of_object",
        sa.Column("key", sa.LargeBinary, primary_key=True),
        sa.Column("number", sa.BigInteger, primary_key=True),
        sa.Column("object", sa.LargeBinary, nullable=False),
        sqlite_with_rowid=False,
    )
