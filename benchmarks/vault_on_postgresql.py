"""The same register on PostgreSQL: how fast do people come in, and how fast is one of a million found?

As `vault.py`, in a database of its own on a server that this script starts, with forced row-level security and a role
of the agency; `vault_on_postgresql.py PEOPLE` takes another number.
"""

from __future__ import annotations

import sys
import tempfile
from pathlib import Path

import vault
from cost import verdict

sys.path.insert(0, str(Path(__file__).resolve().parent.parent))

from tests import postgres

from bianque.registry.register import create_on_postgresql


def main() -> None:
    count = int(sys.argv[1]) if len(sys.argv) > 1 else 1_000_000
    with tempfile.TemporaryDirectory() as folder, postgres.server() as server, server.database() as owner:
        register = create_on_postgresql(Path(folder) / "register", owner, "cdc")
        rate = vault.importing(register, vault.tracer(), count)
        slowest = vault.looking_up(register, vault.tracer(), count)
        register.close()
    verdict(f"5,000 people a second into a register of {count:,} on PostgreSQL", rate >= 5000)
    verdict(f"one of {count:,} found by phone in less than 20 ms, 99 times in a hundred", slowest < 0.02)


if __name__ == "__main__":
    main()
