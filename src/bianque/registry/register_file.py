"""register.toml: where the three stores of a register are, when they are not files beside it."""

from __future__ import annotations

import tomllib
from pathlib import Path
from typing import Annotated

from pydantic import Field, ValidationError

from bianque.model.errors import BadRegister
from bianque.model.text import Strict

REGISTER_FILE = "register.toml"
PASSWORDS = "passwords"
Address = Annotated[str, Field(pattern=r"^postgresql://")]


class OnPostgresql(Strict):
    """One agency's way to a register on PostgreSQL: a role a store, the passwords in a file beside this one."""

    agency: Annotated[str, Field(pattern=r"^[\w-]{1,64}$")] = Field(description="id of the agency that writes here")
    register_store: Address = Field(alias="register", description="address of the register, without a password")
    keys: Address = Field(description="address of the wrapped keys, with a role of its own")
    door: Address = Field(description="address of the directory behind the door, with a role of its own")

    def addresses(self) -> dict[str, str]:
        """The address of each store."""
        return {"register": self.register_store, "keys": self.keys, "door": self.door}


def read(folder: Path) -> OnPostgresql | None:
    """What register.toml says of PostgreSQL; None where the stores are SQLite files in the folder.

    raises  BadRegister  when the file cannot be read or says something else than it may
    """
    path = folder / REGISTER_FILE
    if not path.exists():
        return None
    try:
        section = tomllib.loads(path.read_text("utf-8")).get("postgresql")
        return None if section is None else OnPostgresql.model_validate(section)
    except (OSError, UnicodeDecodeError, tomllib.TOMLDecodeError) as cause:
        raise BadRegister(f"{path}: it cannot be read: {cause}") from cause
    except ValidationError as cause:
        first = cause.errors(include_input=False, include_url=False)[0]
        where = ".".join(str(part) for part in first["loc"])
        raise BadRegister(f"{path}: [postgresql] {where}: {first['msg']}") from cause


def passfile(folder: Path) -> Path | None:
    """The file of passwords beside register.toml (libpq's form); None where there is none: libpq then asks its own.

    raises  BadRegister  when others than its owner may read it
    """
    path = folder / PASSWORDS
    if not path.exists():
        return None
    if path.stat().st_mode & 0o077:
        raise BadRegister(f"{path}: others than the owner may read the passwords", remedy=f"chmod 600 {path.name}")
    return path
