"""Legal bases, data sheets and principles: data whose parts fit each other and the code."""

from __future__ import annotations

import datetime as dt
import tomllib
from pathlib import Path

import pytest

import bianque
from bianque.model.authority import PURPOSE_OF_USE, Purpose
from bianque.model.fields import of_table
from bianque.model.organisation import HolderKind
from bianque.safeguard.bases import Rank, bases, carried_by
from bianque.safeguard.principles import principles
from bianque.safeguard.sheets import sheets

PACKAGE = Path(bianque.__file__).parent
# HL7 terminology, value set PurposeOfUse 3.1.0, the codes used here.
HL7 = {"PUBHLTH", "HOPERAT", "TREAT", "HRESCH", "PATRQT", "HCOMPL", "HSYSADMIN"}


def test_special_law_stands_before_general_law() -> None:
    ranks = [basis.rank for basis in bases().values()]
    assert ranks == sorted(ranks, key=lambda rank: rank is Rank.GENERAL)
    assert set(ranks) == set(Rank)
    assert bases()["cn-cybersecurity-2017-41"].rank is Rank.GENERAL


def test_every_article_the_platform_names_is_listed() -> None:
    listed = {key.removeprefix("cn-infectious-diseases-2013-") for key in bases()}
    assert {"12", "32", "33", "39", "40", "41"} <= listed
    listed = {key.removeprefix("cn-regulation-2003-") for key in bases()}
    assert {"10", "11", "21", "44"} <= listed
    assert {"eu-gdpr-6-1-c", "eu-gdpr-6-1-d", "eu-gdpr-6-1-e", "eu-gdpr-9-2-i"} <= bases().keys()
    assert bases()["cn-cac-2020-02-09"].version == dt.date(2020, 2, 9)
    assert bases()["eu-cross-border-threats-2013-16"].article == "16"
    assert bases()["cn-pipl-2021-13"].version > max(sheet.version for sheet in sheets().values())


def test_an_unknown_basis_carries_nothing() -> None:
    assert carried_by("because-we-can") == carried_by(None) == ()
    assert Purpose.CONTACT_TRACING in carried_by("cn-infectious-diseases-2013-12")


def test_only_grassroots_organisations_collect_anew() -> None:
    assert [kind for kind, sheet in sheets().items() if sheet.anew] == [HolderKind.GRASSROOTS]
    assert list(sheets()) == list(HolderKind)


def test_a_sheet_names_registered_fields_and_bases_that_carry_its_purposes() -> None:
    for kind, sheet in sheets().items():
        assert set(sheet.fields) <= of_table("person").keys(), kind
        carried = {purpose for basis in sheet.bases for purpose in bases()[basis].carries}
        assert set(sheet.purposes) <= carried, kind
        assert "2021" in sheet.follows.en, kind


def test_each_of_the_seven_principles_is_kept_by_code_that_exists() -> None:
    assert [principle.article for principle in principles().values()] == [
        *(f"5(1)({letter})" for letter in "abcdef"),
        "5(2)",
    ]
    missing = [path for p in principles().values() for path in p.by if not (PACKAGE / path).exists()]
    assert missing == []


def test_purposes_are_mapped_to_codes_of_hl7() -> None:
    assert PURPOSE_OF_USE.keys() == set(Purpose)
    assert {code for code in PURPOSE_OF_USE.values() if code} == HL7


@pytest.mark.parametrize("path", sorted((PACKAGE / "safeguard").rglob("*.toml")), ids=lambda path: path.name)
def test_every_entry_is_written_in_both_languages(path: Path) -> None:
    def walk(node: object) -> None:
        if isinstance(node, dict):
            assert ("zh" in node) == ("en" in node), node
            for part in node.values():
                walk(part)

    walk(tomllib.loads(path.read_text("utf-8")))
