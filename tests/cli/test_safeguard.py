"""`bianque safeguard`: what an auditor asks before anything has happened."""

from __future__ import annotations

import datetime as dt
from pathlib import Path

from bianque.drill.authority import authority_toml
from bianque.safeguard.bases import bases
from bianque.services import gate

from .conftest import Run


def test_a_phone_is_personal_and_in_a_list_of_returnees_it_is_health_data(bianque: Run) -> None:
    plain = bianque("safeguard explain person").out.splitlines()
    assert "person.phone            contact           personal  -> personal" not in plain  # beside a health note
    lake = bianque("safeguard explain counts")
    assert lake.out.splitlines()[0] == "counts.feed            technical         none      -> none"
    listed = bianque("safeguard explain person --context health").out
    phone = listed[listed.index("person.phone ") :].splitlines()
    assert phone[0].split() == ["person.phone", "contact", "personal", "->", "sensitive", "art9"]
    assert phone[1].strip().startswith("raised by list-health: The list or label says something of health")


def test_an_emergency_makes_an_address_sensitive_where_it_holds(bianque: Run, tmp_path: Path) -> None:
    terms = tmp_path / "authority.toml"
    terms.write_text(authority_toml(dt.date(2027, 1, 1)), "utf-8")
    elsewhere = bianque("safeguard explain person --region 110101 --emergency", terms)
    assert elsewhere.code == 0
    assert "place-in-emergency" not in elsewhere.out
    code = next(line for line in terms.read_text("utf-8").splitlines() if line.startswith("regions")).split('"')[1]
    here = bianque(f"safeguard explain person --zh --region {code} --emergency", terms).out
    assert "raised by place-in-emergency: 在已宣布应急的地区" in here


def test_what_cannot_be_explained_is_named(bianque: Run, tmp_path: Path) -> None:
    said = bianque("safeguard explain people")
    assert (said.code, said.err.splitlines()[0]) == (2, "error: there is no table people")
    said = bianque("safeguard explain person --context red-haired")
    assert (said.code, said.err.splitlines()[0]) == (2, "error: no rule knows the context red-haired")
    broken = tmp_path / "broken.toml"
    broken.write_text("name = ", "utf-8")
    assert f"error: {broken}: Invalid value" in bianque("safeguard explain person --emergency", broken).err
    broken.write_text("climate = true", "utf-8")
    assert f"error: {broken}: name: Field required" in bianque("safeguard explain person --emergency", broken).err
    said = bianque("safeguard explain person --emergency outbreak")
    assert said.code == 2
    assert "there is no file outbreak" in said.err
    assert "--register" in said.err


def test_bases_sheets_purposes_principles_and_rules_are_printed(bianque: Run) -> None:
    said = bianque("safeguard bases").out
    assert all(key in said for key in bases())
    assert said.splitlines()[-1] == "Configuration, not legal advice."
    assert "telecom: 电信运营商" in bianque("safeguard sheets telecom --zh").out
    assert bianque("safeguard sheets").out.count("kept: ") == 8
    assert bianque("safeguard sheets grocer").code == 2
    assert "contact_tracing        PUBHLTH" in bianque("safeguard purposes").out.splitlines()
    assert bianque("safeguard principles").out.count("5(") == 7
    assert bianque("safeguard rules grant-expired").out.startswith("grant-expired: The grant for this purpose")
    assert len(bianque("safeguard rules").out.splitlines()) == len(gate.rules())
    assert bianque("safeguard rules no-such-rule").code == 2
