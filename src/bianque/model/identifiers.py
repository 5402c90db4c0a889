"""Identifiers of persons in China: is it well formed, how is it written in one way only, and what does it say?

GB 11643-1999 builds a citizen's ID number of 18 characters: six of the region (GB/T 2260), eight of the birth date,
three of the order (odd for men), one check character by ISO 7064 MOD 11-2. Mobile numbers have eleven digits, the
first three of which the Ministry of Industry and Information Technology gives to operators.
"""

from __future__ import annotations

import datetime as dt
import re
import unicodedata
from enum import StrEnum


class Kind(StrEnum):
    """What kind of identifier a value is."""

    PHONE = "phone"
    ID_NUMBER = "id_number"
    CARD = "card"  # of a bank, of transport, of health insurance
    ACCOUNT = "account"  # of a person with a service
    PASSPORT = "passport"


WEIGHTS = (7, 9, 10, 5, 8, 4, 2, 1, 6, 3, 7, 9, 10, 5, 8, 4, 2)  # GB 11643-1999, annex A: 2^(17-i) mod 11
CHECKS = "10X98765432"

# Mobile prefixes in use, numbering plan of the telecommunication network (MIIT), as of 2024: three digits each.
OPERATORS = frozenset(
    f"1{two}"
    for first, seconds in {
        "3": "0123456789",
        "4": "01456789",
        "5": "012356789",
        "6": "2567",
        "7": "012345678",
        "8": "0123456789",
        "9": "012356789",
    }.items()
    for two in (first + second for second in seconds)
)
LONGEST_ACCOUNT = 128  # characters; the longest identifier there is, so that the door's frames follow from it
EXERCISE_PREFIX = "154"  # no operator has it: numbers of the exercise's people, which reach nobody

_SEPARATORS = dict.fromkeys(map(ord, " \t\r\n\u3000\xa0-‐‑–—－()（）."))
_ID_NUMBER = re.compile(r"[1-9]\d{16}[\dX]", re.ASCII)
_MOBILE = re.compile(r"1\d{10}", re.ASCII)
_NUMBERS = re.compile(r"(?<!\d)(?:86)?1[3-9]\d{9}(?!\d)|(?<!\d)[1-9]\d{5}(?:18|19|20)\d{9}[\dX]?", re.ASCII)
_OTHERS = {
    Kind.CARD: re.compile(r"\d{6,21}", re.ASCII),
    Kind.ACCOUNT: re.compile(rf"\S{{1,{LONGEST_ACCOUNT}}}"),
    Kind.PASSPORT: re.compile(r"[A-Z0-9]{5,12}", re.ASCII),
}


def normal(kind: Kind | str, value: str) -> str:
    """A value as it is compared and indexed: one person's number has one form, however it was typed.

    Full-width characters become narrow, spaces and dashes go, a phone loses +86 or 0086, letters of ID numbers and
    passports become capitals. An account keeps its case and its signs: two services may tell them apart.
    The result need not be well formed; `fault` says whether it is.
    """
    if value.isascii() and value.isdigit() and not value.startswith("0086"):
        return value if kind != Kind.PHONE or len(value) != 13 else value.removeprefix("86")
    narrow = unicodedata.normalize("NFKC", value)
    if kind == Kind.ACCOUNT:
        return narrow.strip()
    bare = narrow.translate(_SEPARATORS).upper()
    if kind != Kind.PHONE:
        return bare
    for country in ("+86", "0086"):
        if bare.startswith(country):
            return bare.removeprefix(country)
    return bare.removeprefix("86") if len(bare) == 13 else bare


def fault(kind: Kind | str, value: str) -> str:
    """What is wrong with a normal value, in one word; "" when nothing is.

    "form"      length or characters
    "date"      of an ID number: its birth date is no day
    "checksum"  of an ID number: its last character does not fit the others
    "prefix"    of a mobile number: no operator has its first three digits
    """
    kind = Kind(kind)
    if kind is Kind.ID_NUMBER:
        return _id_number_fault(value)
    if kind is Kind.PHONE:
        if not _MOBILE.fullmatch(value):
            return "form"
        return "" if value[:3] in OPERATORS or value.startswith(EXERCISE_PREFIX) else "prefix"
    return "" if _OTHERS[kind].fullmatch(value) else "form"


def mentioned(text: str) -> bool:
    """Whether a free text holds a mobile or ID number: what others will read without a right to it must not."""
    narrow = unicodedata.normalize("NFKC", text).translate(_SEPARATORS).upper()
    return bool(_NUMBERS.search(narrow))


def _id_number_fault(value: str) -> str:
    if not _ID_NUMBER.fullmatch(value):
        return "form"
    try:
        birth_date(value)
    except ValueError:
        return "date"
    return "" if check_character(value[:17]) == value[17] else "checksum"


def check_character(first: str) -> str:
    """The last character of an ID number, from its first 17 digits (GB 11643-1999, ISO 7064 MOD 11-2)."""
    return CHECKS[sum(weight * int(digit) for weight, digit in zip(WEIGHTS, first, strict=True)) % 11]


def region(id_number: str) -> str:
    """The six digits of the region where an ID number was first given: not where its holder lives now."""
    return id_number[:6]


def birth_date(id_number: str) -> dt.date:
    """The day of birth in an ID number.

    raises  ValueError  when the eight digits are no day
    """
    return dt.date(int(id_number[6:10]), int(id_number[10:12]), int(id_number[12:14]))


def sex(id_number: str) -> str:
    """ "male" or "female": the digit before the last is odd for men."""
    return "male" if int(id_number[16]) % 2 else "female"
