"""What never stands in a log: phones, ID numbers, mail addresses, tokens. For text whose fields nobody knows."""

from __future__ import annotations

import re
import unicodedata

# The order counts: an ID number holds runs of digits that look like a phone.
PATTERNS = (
    ("e-mail", re.compile(r"[\w.+-]+@[\w-]+(?:\.[\w-]+)+")),
    ("id", re.compile(r"(?<!\d)\d{6}[ -]?\d{8}[ -]?\d{3}[\dXx](?![\dA-Za-z])")),  # GB 11643-1999
    ("phone", re.compile(r"(?<!\d)(?:(?:\+|00)?86[ -]?)?1[3-9]\d[ -]?\d{4}[ -]?\d{4}(?!\d)")),
    ("id", re.compile(r"(?<!\d)\d{15}(?!\d)")),  # of the first generation
    ("token", re.compile(r"(?<![\w-])[\w-]{40,}(?![\w-])")),  # 256 bits in base64url are 43 characters, in hex 64
)


def redacted(text: str) -> str:
    """The text with each of them replaced by its kind: `[phone]`. Full-width digits are read as the others."""
    text = unicodedata.normalize("NFKC", text)
    for kind, pattern in PATTERNS:
        text = pattern.sub(f"[{kind}]", text)
    return text
