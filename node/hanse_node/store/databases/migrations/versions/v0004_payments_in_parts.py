"""Payments in parts: what stands of a payment has other fields. No table changes; what is of before must be rebuilt."""

revision = "0004"
down_revision = "0003"
branch_labels = None
depends_on = None


def upgrade() -> None:
    """Change no table: the objects' bytes are others."""
