"""Each time that keys, or what they opened, were destroyed in a store. Rows are only added: their number says which
copies of the store are from before a destruction, whatever the clocks said.
"""

from __future__ import annotations

from sqlalchemy import Column, Table, Text

from bianque.registry.tables import DOOR, KEYS

DESTRUCTION = {
    store: Table("destruction", tables, Column("id", Text, primary_key=True), info={"only_grows": True})
    for store, tables in (("keys", KEYS), ("door", DOOR))
}
