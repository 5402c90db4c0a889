"""Whether a register is well: a question whoever holds its folder may ask. It names no person and reads none."""

from __future__ import annotations

import datetime as dt
from pathlib import Path

from bianque.registry import condition, hardware_root
from bianque.registry.condition import Finding, State
from bianque.registry.register import open_register

__all__ = ["Finding", "State", "look_over", "without_escrow"]


def look_over(folder: Path, at: dt.datetime) -> list[Finding]:
    """Everything worth looking at.

    raises  BadRegister  when it cannot be opened: on PostgreSQL also when a role could do what it must not
    """
    register = open_register(folder)
    try:
        return list(condition.findings(register, at))
    finally:
        register.close()


def without_escrow(folder: Path) -> str:
    """What is to be done so that the keys of a register cannot be lost; '' where it is done.

    raises  BadRegister  when its root key cannot be read
    """
    finding = condition.keys_escrow(folder, hardware_root.root_of(folder))
    return f"{finding.found}: {finding.remedy}" if finding.remedy else ""
