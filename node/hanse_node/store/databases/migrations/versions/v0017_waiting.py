"""What waits for somebody stands in lists too, in the table of lists. What is of before must be rebuilt."""

revision = "0017"
down_revision = "0016"
branch_labels = None
depends_on = None


def upgrade() -> None:
    """Change no table: its rows are more (see `hanse_node.store.index.waiting`)."""
