"""A text in both languages, and the strictness of everything that is read from a file."""

from __future__ import annotations

from typing import Literal

from pydantic import BaseModel, ConfigDict, Field

Language = Literal["zh-CN", "en"]
LANGUAGES: tuple[Language, ...] = ("zh-CN", "en")


class Strict(BaseModel):
    """A typing mistake in a key is an error, not a setting that is silently ignored."""

    model_config = ConfigDict(extra="forbid", frozen=True, populate_by_name=True, allow_inf_nan=False)


class Text(Strict):
    """One text in both languages."""

    zh: str = Field(description="Chinese (zh-CN)")
    en: str = Field(description="English")

    def in_language(self, language: str) -> str:
        return self.zh if language == "zh-CN" else self.en
