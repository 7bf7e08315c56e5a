"""Invoices say which pledge stands on them, and pledges are objects: no table has another shape."""

revision = "0009"
down_revision = "0008"
branch_labels = None
depends_on = None


def upgrade() -> None:
    """Change no table: invoices of before are other bytes, which `hanse node rebuild` writes anew from the entries."""
