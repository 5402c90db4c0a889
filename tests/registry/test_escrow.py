"""Escrow of the keys: two sheets of paper are the keys, one tells nothing, and a typing mistake is found."""

from __future__ import annotations

import datetime as dt
import os
from dataclasses import replace
from pathlib import Path

import pytest
from hypothesis import given, settings
from hypothesis import strategies as st
from pyrage import x25519

from bianque.model.errors import BadInput, BadRegister
from bianque.registry import escrow
from bianque.registry.escrow import SHARE_LENGTH, Keys, join, split
from bianque.registry.escrow_sheet import Holder, asks_for_passphrase, opened, printed, sealed_of
from bianque.registry.register import create
from bianque.registry.root import Root

AT = dt.datetime(2026, 3, 1, 8, tzinfo=dt.UTC)
SECRETS = st.binary(min_size=SHARE_LENGTH, max_size=SHARE_LENGTH)


@pytest.fixture(scope="module")
def identity() -> x25519.Identity:
    return x25519.Identity.generate()


def keys_from(secret: bytes) -> Keys:
    return Keys(Root(secret[:32]), secret[32:])


def drawn() -> Keys:
    return keys_from(os.urandom(SHARE_LENGTH))


def whole(keys: Keys) -> bytes:
    return keys.root.secret + keys.door


def sheets(keys: Keys, identity: x25519.Identity) -> list[str]:
    return [printed(share, Holder(str(identity.to_public())), AT) for share in split(keys)]


SHEET = sheets(keys_from(bytes(range(SHARE_LENGTH))), x25519.Identity.generate())[0].splitlines()


@given(SECRETS, SECRETS)
def test_both_shares_make_the_key(secret: bytes, first: bytes) -> None:
    one, other = split(keys_from(secret), first)
    assert whole(join(one, other)) == whole(join(other, one)) == secret


@given(SECRETS, SECRETS, SECRETS)
def test_one_share_fits_every_key(secret: bytes, first: bytes, another: bytes) -> None:
    """Perfect secrecy: whatever the second share is, every other key has a first share that would give it."""
    second = split(keys_from(secret), first)[1]
    fitting = bytes(a ^ b for a, b in zip(second.secret, another, strict=True))
    assert split(keys_from(another), fitting)[1].secret == second.secret


def test_each_share_is_drawn_anew_each_time() -> None:
    keys = drawn()
    shares = {split(keys)[n].secret for n in (0, 1) for _ in range(64)}
    assert len(shares) == 128
    ones = sum(byte.bit_count() for secret in shares for byte in secret) / (128 * SHARE_LENGTH * 8)
    assert 0.48 < ones < 0.52  # 65,536 fair coins: beyond this with probability below 1e-23


@pytest.mark.parametrize("case", ["other register", "other escrow", "twice", "changed"])
def test_shares_that_do_not_belong_together_are_refused_with_the_reason(case: str) -> None:
    keys = drawn()
    one, other = split(keys)
    wrong, says = {
        "other register": (split(drawn())[1], "two different root keys"),
        "other escrow": (split(keys)[1], "not made together"),
        "twice": (one, "given twice"),
        "changed": (replace(other, secret=bytes(SHARE_LENGTH)), "do not make the keys"),
    }[case]
    with pytest.raises(BadInput, match=says):
        join(one, wrong)


def test_a_sheet_survives_paper(identity: x25519.Identity) -> None:
    keys = drawn()
    typed = [
        sheet.lower().replace("begin share", "BEGIN SHARE").replace("end share", "END SHARE")
        for sheet in sheets(keys, identity)
    ]
    head, _, body = typed[0].partition("BEGIN SHARE")
    careless = f"{head}BEGIN SHARE{body.replace(' 0', '  o')}".replace("\n  o", "\n 0")
    shares = [opened(careless, "share 1", keys=[identity]), opened(typed[1], "share 2", keys=[identity])]
    assert whole(join(*shares)) == whole(keys)


@settings(max_examples=150, deadline=None)
@given(st.data())
def test_every_single_typing_mistake_is_found_in_its_line(data: st.DataObject) -> None:
    lines = [*SHEET]
    body = range(lines.index("BEGIN SHARE") + 1, lines.index("END SHARE"))
    row = data.draw(st.sampled_from(list(body)))
    column = data.draw(st.sampled_from([n for n, letter in enumerate(lines[row]) if n > 2 and letter != " "]))
    letter = data.draw(st.sampled_from([c for c in "0123456789ABCDEFGHJKMNPQRSTVWXYZ" if c != lines[row][column]]))
    lines[row] = f"{lines[row][:column]}{letter}{lines[row][column + 1 :]}"
    with pytest.raises(BadInput, match=f"line {lines[row][:2]} of the share"):
        sealed_of("\n".join(lines), "share 1")


def test_a_missing_line_is_named(identity: x25519.Identity) -> None:
    lines = sheets(drawn(), identity)[0].splitlines()
    del lines[lines.index("BEGIN SHARE") + 3]
    with pytest.raises(BadInput, match="line 03 of the share is missing"):
        sealed_of("\n".join(lines), "share 1")


def test_a_passphrase_opens_its_sheet_and_no_other_does() -> None:
    keys = drawn()
    share = split(keys)[0]
    sheet = printed(share, Holder(passphrase="correct horse battery"), AT)
    assert asks_for_passphrase(sheet, "share 1")
    assert opened(sheet, "share 1", passphrase="correct horse battery") == share
    with pytest.raises(BadInput, match="the passphrase does not open"):
        opened(sheet, "share 1", passphrase="correct horse batterie")


def test_a_short_passphrase_is_refused_without_quoting_it() -> None:
    with pytest.raises(BadInput, match="fewer than 12") as raised:
        printed(split(drawn())[0], Holder(passphrase="hunter2"), AT)
    assert "hunter2" not in raised.value.diagnostics()


def test_another_identity_does_not_open_a_sheet(identity: x25519.Identity) -> None:
    sheet = sheets(drawn(), identity)[0]
    with pytest.raises(BadInput, match="the identity does not open"):
        opened(sheet, "share 1", keys=[x25519.Identity.generate()])


def test_a_sheet_is_read_in_both_languages_and_names_its_register(identity: x25519.Identity) -> None:
    keys = drawn()
    sheet = sheets(keys, identity)[1]
    assert "份额（2/2）" in sheet
    assert "share 2 of 2" in sheet
    assert f"root key: {keys.root.fingerprint()}" in sheet
    assert max(map(len, sheet.splitlines())) < 200


def test_an_escrow_is_complete_when_both_holders_have_opened_their_share(tmp_path: Path) -> None:
    keys = drawn()
    assert escrow.remembered(tmp_path, keys.root) is None
    shares = split(keys)
    escrow.remember(tmp_path, shares, AT)
    assert not escrow.confirm(tmp_path, keys.root, shares[0], AT).complete
    assert not escrow.confirm(tmp_path, keys.root, shares[0], AT).complete
    assert escrow.confirm(tmp_path, keys.root, shares[1], AT).complete
    with pytest.raises(BadInput, match="no share of the last escrow"):
        escrow.confirm(tmp_path, keys.root, split(keys)[0], AT)
    read = escrow.remembered(tmp_path, keys.root)
    assert read is not None
    assert read.complete
    assert escrow.remembered(tmp_path, drawn().root) is None
    state = (tmp_path / escrow.STATE_FILE).read_bytes()
    assert keys.root.secret.hex().encode() not in state
    assert all(share.secret.hex().encode() not in state for share in shares)
    assert (tmp_path / escrow.STATE_FILE).stat().st_mode & 0o077 == 0


def test_a_damaged_record_of_an_escrow_says_what_to_do(tmp_path: Path) -> None:
    (tmp_path / escrow.STATE_FILE).write_text("{")
    with pytest.raises(BadRegister, match="no record of an escrow"):
        escrow.remembered(tmp_path, drawn().root)


def test_keys_put_back_never_take_the_place_of_others(tmp_path: Path) -> None:
    keys = drawn()
    escrow.put_back(keys, tmp_path / "new")
    escrow.put_back(keys, tmp_path / "new")
    assert (tmp_path / "new" / "root.key").read_bytes() == keys.root.secret
    assert (tmp_path / "new" / "door.key").read_bytes() == keys.door
    with pytest.raises(BadRegister, match="another key lies there"):
        escrow.put_back(drawn(), tmp_path / "new")
    assert (tmp_path / "new" / "root.key").read_bytes() == keys.root.secret


def test_the_escrow_of_a_register_holds_the_key_of_its_door_and_makes_it_where_there_is_none(tmp_path: Path) -> None:
    register = create(tmp_path / "register")
    keys = escrow.keys_of(register.at_rest, register.root)
    assert keys == escrow.keys_of(register.at_rest, register.root)
    assert (register.at_rest / "door.key").read_bytes() == keys.door
    assert (register.at_rest / "door.key").stat().st_mode & 0o077 == 0
    register.close()
