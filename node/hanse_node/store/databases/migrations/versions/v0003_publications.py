"""Published proofs: what a node shows under unguessable names. It begins empty, so that nothing need be rebuilt."""

import sqlalchemy as sa
from alembic import op

revision = "0003"
down_revision = "0002"
branch_labels = None
depends_on = None


def upgrade() -> None:
    """Create the table (see `hanse_node.store.tables`)."""
    op.create_table(
        "publication",
        sa.Column("name", sa.LargeBinary, primary_key=True),
        sa.Column("holder", sa.Text, nullable=False),
        sa.Column("given", sa.LargeBinary, nullable=False),
        sa.Column("secret", sa.LargeBinary, nullable=False),
        sa.Column("made", sa.BigInteger, nullable=False),
        sa.Column("renewed", sa.BigInteger, nullable=False),
        sa.Column("ended", sa.BigInteger, nullable=True),
        sa.Column("file", sa.LargeBinary, nullable=True),
    )
    op.create_index("publication_renewed", "publication", ["ended", "renewed"])
