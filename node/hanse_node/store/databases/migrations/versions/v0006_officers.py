"""Officers and four eyes stand in the state of offices: no table has another shape."""

revision = "0006"
down_revision = "0005"
branch_labels = None
depends_on = None


def upgrade() -> None:
    """Change no table: offices of before are other bytes, which `hanse node rebuild` writes anew from the entries."""
