"""Where the lake, the register and the jobs are, and how the pages are reached: from the environment."""

from __future__ import annotations

from pathlib import Path

from pydantic import Field
from pydantic_settings import BaseSettings, SettingsConfigDict


class Settings(BaseSettings):
    """BIANQUE_LAKE is the folder of the lake, BIANQUE_REGISTER that of the register.

    BIANQUE_JOBS is that of the jobs: `jobs` beside the lake without it. BIANQUE_HOSTS (a JSON list) names the hosts the
    pages answer to. BIANQUE_SECURE says that readers come over https: cookies then go over nothing else.
    """

    model_config = SettingsConfigDict(env_prefix="BIANQUE_", populate_by_name=True)

    lake: Path
    register_folder: Path = Field(validation_alias="BIANQUE_REGISTER")
    jobs: Path | None = None
    secure: bool = False
    hosts: tuple[str, ...] = ("127.0.0.1", "localhost", "::1")

    def jobs_folder(self) -> Path:
        return self.jobs or self.lake.absolute().parent / "jobs"
