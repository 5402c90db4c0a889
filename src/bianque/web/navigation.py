"""Where may this reader go, and where does the day begin?  One way a role; the guard decides, this only offers."""

from __future__ import annotations

from bianque.model.authority import Authority, Role

PATHS = {
    "picture": "/situation",
    "wall": "/wall",
    "data": "/data",
    "fold": "/fold",
    "people": "/people",
    "approvals": "/approvals",
    "releases": "/releases",
    "desk": "/desk",
    "access": "/access",
    "released": "/",
    "definitions": "/definitions",
}
FACTS = ("picture", "wall")
# The first of each is where the role's day begins.
WAYS: dict[Role, tuple[str, ...]] = {
    Role.EPIDEMIOLOGIST: (*FACTS, "data", "fold"),
    Role.TRACER: ("people", "releases", *FACTS),
    Role.COMMUNITY_WORKER: ("people", *FACTS),
    Role.HOSPITAL: ("people", *FACTS, "fold"),
    Role.LABORATORY: ("people", *FACTS, "fold"),
    Role.COMMAND: ("approvals", *FACTS, "data", "fold"),
    Role.DPO: ("desk", "approvals", "people", *FACTS, "data"),
    Role.ADMINISTRATOR: ("access", *FACTS),
}


def ways(reader: Authority | None) -> list[tuple[str, str]]:
    """Key of the name and path of each page that is offered."""
    keys = ["released", "definitions"]
    if reader is not None:
        own = WAYS.get(reader.role, ())
        keys = [*own, *(key for key in ("access", "definitions") if key not in own)]
    return [(key, PATHS[key]) for key in keys]


def landing(reader: Authority) -> str:
    """Where a reader's day begins; without an emergency or purpose to work under, where one is chosen."""
    if reader.purpose is None:
        return PATHS["access"]
    return PATHS[WAYS.get(reader.role, ("access",))[0]]
