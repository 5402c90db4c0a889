"""The tables of the first release: a register is made with them, no earlier one exists."""

from __future__ import annotations

revision = "0001"
down_revision = None
branch_labels = None
depends_on = None


def upgrade(store: str) -> None:
    """Nothing comes before the first revision."""
    del store
