"""A revision as a later release may bring it: a person's workplace is called employer, and sealed for that place."""

from __future__ import annotations

import sqlalchemy as sa
from alembic import op

from bianque.registry.keys import KeyRing
from bianque.registry.marks import mark_every_row
from bianque.registry.sealed import Place, seal, unseal
from bianque.registry.suites import suite_of
from bianque.registry.versions import Vault

revision = "0002"
down_revision = "0001"
branch_labels = None
depends_on = None

PERSON = sa.table(
    "person",
    *(sa.column(name) for name in ("id", "agency", "emergency", "version", "key")),
    sa.column("workplace", sa.LargeBinary),
    sa.column("employer", sa.LargeBinary),
)


def upgrade(store: str) -> None:
    if store == "register":
        op.add_column("person", sa.Column("employer", sa.LargeBinary))


def reseal(vault: Vault) -> None:
    for row in vault.register.execute(sa.select(PERSON).where(PERSON.c.workplace.is_not(None))).all():
        ring = KeyRing(vault.root, suite_of(vault.register), row.agency, row.emergency)
        cipher = ring.cipher(ring.open(vault.keys, [row.id])[row.id, row.key])
        place = Place("person", row.id, row.version)
        moved = seal(cipher, place, "employer", unseal(cipher, place, "workplace", row.workplace))
        vault.register.execute(sa.update(PERSON).where(PERSON.c.id == row.id).values(employer=moved, workplace=None))
    mark_every_row(vault.root, vault.register)
