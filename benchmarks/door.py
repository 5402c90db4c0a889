"""How many identifiers a second become pseudonyms at the door: new ones, on the disk before they are acknowledged, and
known ones?

Through the real socket of a door in a process of its own, in batches of 20,000, phones that no operator has given out.
The peer does the part that no directory can do without, HMAC-SHA-256 of each value, in the same run and nothing else.
CPU seconds are those of both processes: the door's from the system, the client's from its own clock.
"""

from __future__ import annotations

import datetime as dt
import hmac
import os
import random
import tempfile
import time
from collections.abc import Callable
from pathlib import Path
from typing import TypeVar

from cost import verdict

from bianque.model.identifiers import normal
from bianque.registry import register as registers
from bianque.safeguard import hpke
from bianque.safeguard.door import Door
from bianque.safeguard.release_key import Holder
from bianque.services.door import at_door

T = TypeVar("T")
COUNT = 200_000
ROUNDS = 5  # of the known ones; the best counts, since other work on the machine only slows
NEW_A_SECOND = 30_000
KNOWN_A_SECOND = 200_000


def main() -> None:
    values = [f"154{number:08d}" for number in range(COUNT)]
    random.Random(7).shuffle(values)
    with tempfile.TemporaryDirectory() as folder:
        registers.create(Path(folder) / "register").close()
        with at_door(Path(folder) / "register") as door:
            holders = [Holder(name, name, hpke.public_of(hpke.new_private())) for name in ("one", "two")]
            door.open_emergency("benchmark", holders, dt.datetime.now(dt.UTC))
            plain, _ = timed("HMAC-SHA-256 alone (peer)", door, lambda: [hash_of(value) for value in values])
            new, given = timed("new", door, lambda: enrolled(door, values))
            rates = [timed("known", door, lambda: enrolled(door, values)) for _ in range(ROUNDS)]
            known = max(rate for rate, _ in rates)
            assert all(pseudonyms == given for _, pseudonyms in rates)
            assert len(set(given)) == COUNT
            print(f"best of {ROUNDS} known: {known:,.0f} a second, {known / plain:.2f} of the peer")
    verdict(f"at least {NEW_A_SECOND:,} new identifiers a second", new >= NEW_A_SECOND)
    verdict(f"at least {KNOWN_A_SECOND:,} known identifiers a second", known >= KNOWN_A_SECOND)


def hash_of(value: str) -> bytes:
    return hmac.digest(bytes(32), value.encode(), "sha256")


def enrolled(door: Door, values: list[str]) -> list[str]:
    return door.enrol("benchmark", "phone", [normal("phone", value) for value in values]).pseudonyms


def timed(what: str, door: Door, work: Callable[[], list[T]]) -> tuple[float, list[T]]:
    """Values a second of one run, and what it gave."""
    wall, cpu = time.perf_counter(), spent(door)
    found = work()
    wall, cpu = time.perf_counter() - wall, spent(door) - cpu
    print(f"{what}: {COUNT / wall:,.0f} a second; {wall:.2f} s wall, {cpu:.2f} s CPU")
    return COUNT / wall, found


def spent(door: Door) -> float:
    """CPU seconds of this process and of the door's (proc(5), fields 14 and 15)."""
    fields = Path(f"/proc/{door.pid}/stat").read_text("ascii").rpartition(")")[2].split()
    return time.process_time() + (int(fields[11]) + int(fields[12])) / os.sysconf("SC_CLK_TCK")


if __name__ == "__main__":
    main()
