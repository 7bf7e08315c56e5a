"""Lists of one and of two stand in one table, each under a short name. What is of before must be rebuilt."""

import sqlalchemy as sa
from alembic import op

revision = "0015"
down_revision = "0014"
branch_labels = None
depends_on = None


def upgrade() -> None:
    """Create the table anew (see `hanse_node.store.index.lists`)."""
    op.drop_table("listed")
    op.drop_table("paired")
    op.create_table(
        "listed",
        sa.Column("list", sa.LargeBinary, primary_key=True),
        sa.Column("number", sa.BigInteger, primary_key=True),
        sqlite_with_rowid=False,
    )
