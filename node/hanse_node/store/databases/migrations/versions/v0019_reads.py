"""Who has read what: the read log. It begins empty, so that nothing need be rebuilt."""

import sqlalchemy as sa
from alembic import op

revision = "0019"
down_revision = "0018"
branch_labels = None
depends_on = None


def upgrade() -> None:
    """Create the table (see `hanse_node.store.tables`)."""
    op.create_table(
        "read_row",
        sa.Column("turn", sa.BigInteger().with_variant(sa.Integer(), "sqlite"), primary_key=True, autoincrement=False),
        sa.Column("party", sa.LargeBinary, nullable=False),
        sa.Column("first", sa.BigInteger, nullable=False),
        sa.Column("last", sa.BigInteger, nullable=False),
        sa.Column("times", sa.BigInteger, nullable=False),
        sa.Column("reader", sa.Text, nullable=False),
        sa.Column("name", sa.Text, nullable=False),
        sa.Column("member", sa.Text, nullable=False),
        sa.Column("delayed", sa.Integer, nullable=False),
        sa.Column("entitled", sa.Text, nullable=False),
        sa.Column("way", sa.Text, nullable=False),
        sa.Column("kind", sa.Text, nullable=False),
        sa.Column("object", sa.LargeBinary, nullable=False),
        sa.Column("payload", sa.LargeBinary, nullable=False),
    )
    op.create_index("read_row_party", "read_row", ["party", "turn"])
