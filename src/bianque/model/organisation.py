"""Who holds personal data, and who answers for it: agencies and organisations."""

from __future__ import annotations

from dataclasses import dataclass
from enum import StrEnum

from bianque.model.text import Text


class HolderKind(StrEnum):
    """What kind of body an organisation is: what it may provide or collect follows from it."""

    COMMAND = "command"  # the command body of an emergency, and the health authorities that work for it
    EDUCATION = "education"
    POLICE = "police"  # rail and air real-name records included
    GRASSROOTS = "grassroots"  # community workers: the only kind that collects anew
    TELECOM = "telecom"
    INTERNET = "internet"  # providers of SDKs included
    HOSPITAL = "hospital"
    LABORATORY = "laboratory"


@dataclass(frozen=True, slots=True)
class Agency:
    """A controller that writes to the register."""

    id: str
    name: Text


@dataclass(frozen=True, slots=True)
class Organisation:
    """A body named in an emergency."""

    id: str
    agency: str
    kind: HolderKind
    name: Text
