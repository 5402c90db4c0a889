"""Identifiers of people as they are compared: one spelling for each."""

from __future__ import annotations

import re
import unicodedata

SEPARATORS = re.compile(r"[\s\-‐-―().]+")
COUNTRY = re.compile(r"^(\+|00)?86(?=1\d{10}$)")  # of China, before a mobile number


def normal(kind: str, value: str) -> str:
    """An identifier in the spelling it is compared in.

    kind   phone, id_number, or any other, which loses only spaces and the width of its characters
    """
    text = unicodedata.normalize("NFKC", value).strip()
    if kind == "phone":
        return COUNTRY.sub("", SEPARATORS.sub("", text))
    if kind == "id_number":
        return SEPARATORS.sub("", text).upper()
    return " ".join(text.split())
