"""Where the lake is and who may ask: from the environment."""

from __future__ import annotations

from pathlib import Path

from pydantic_settings import BaseSettings, SettingsConfigDict


class Settings(BaseSettings):
    """BIANQUE_LAKE is the folder of the lake; BIANQUE_HOSTS (a JSON list) the host names the pages answer to."""

    model_config = SettingsConfigDict(env_prefix="BIANQUE_")

    lake: Path
    hosts: tuple[str, ...] = ("127.0.0.1", "localhost", "::1")
