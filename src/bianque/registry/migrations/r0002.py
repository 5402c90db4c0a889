"""Rows that say in clear who may read them get a mark (registry/marks.py), as they stand when the upgrade is run; what
is destroyed in the stores of keys and of the door is counted there from now on (registry/destructions.py).
"""

from __future__ import annotations

import sqlalchemy as sa
from alembic import op

from bianque.registry.marks import MARK, mark_every_row, marked_tables
from bianque.registry.versions import Vault

revision = "0002"
down_revision = "0001"
branch_labels = None
depends_on = None


def upgrade(store: str) -> None:
    if store == "register":
        for table in marked_tables():
            op.add_column(table.name, sa.Column(MARK, sa.LargeBinary))
    else:
        op.create_table("destruction", sa.Column("id", sa.Text, primary_key=True))


def reseal(vault: Vault) -> None:
    mark_every_row(vault.root, vault.register)
