"""What buyers have accepted, and what invoices say of their days, stand in the state: no table has another shape."""

revision = "0005"
down_revision = "0004"
branch_labels = None
depends_on = None


def upgrade() -> None:
    """Change no table: objects of before are other bytes, which `hanse node rebuild` writes anew from the entries."""
