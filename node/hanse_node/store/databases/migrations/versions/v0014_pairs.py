"""What stands in the lists of two is a list of theirs. What is of before must be rebuilt."""

import sqlalchemy as sa
from alembic import op

revision = "0014"
down_revision = "0013"
branch_labels = None
depends_on = None


def upgrade() -> None:
    """Create the table (see `hanse_node.store.index.lists`)."""
    op.create_table(
        "paired",
        sa.Column("key", sa.LargeBinary, primary_key=True),
        sa.Column("object", sa.LargeBinary, nullable=False),
        sqlite_with_rowid=False,
    )
