"""Where the lake and the jobs are and who may ask: from the environment."""

from __future__ import annotations

from pathlib import Path

from pydantic_settings import BaseSettings, SettingsConfigDict


class Settings(BaseSettings):
    """BIANQUE_LAKE is the folder of the lake, BIANQUE_JOBS that of the jobs: `jobs` beside the lake without it.

    BIANQUE_HOSTS (a JSON list) names the hosts the pages answer to.
    """

    model_config = SettingsConfigDict(env_prefix="BIANQUE_")

    lake: Path
    jobs: Path | None = None
    hosts: tuple[str, ...] = ("127.0.0.1", "localhost", "::1")

    def jobs_folder(self) -> Path:
        return self.jobs or self.lake.absolute().parent / "jobs"
