"""Way marks: objects as they stood when their histories passed a multiple of 256."""

import sqlalchemy as sa
from alembic import op

revision = "0002"
down_revision = "0001"
branch_labels = None
depends_on = None


def upgrade() -> None:
    """Create the table (see `hanse_node.store.tables`). What passed before has no marks until `hanse node rebuild`."""
    op.create_table(
        "mark",
        sa.Column("object", sa.BigInteger, primary_key=True),
        sa.Column("count", sa.BigInteger, primary_key=True),
        sa.Column("position", sa.BigInteger, nullable=False),
        sa.Column("data", sa.LargeBinary, nullable=False),
        sa.Column("path", sa.LargeBinary, nullable=False),
        sqlite_with_rowid=False,
    )
