"""Passwords, codes and waits, without a register."""

from __future__ import annotations

import datetime as dt

import pytest

from bianque.model.errors import BadRegister
from bianque.safeguard import guesses, passwords, second_factor, session_rules
from bianque.safeguard.guesses import Count, neighbourhood

AT = dt.datetime(2026, 3, 2, 9, tzinfo=dt.UTC)
RFC_SECRET = "GEZDGNBVGY3TQOJQGEZDGNBVGY3TQOJQ"  # 12345678901234567890, as in RFC 6238, appendix B


@pytest.mark.parametrize(
    ("seconds", "code"),
    [
        (59, "287082"),
        (1111111109, "081804"),
        (1111111111, "050471"),
        (1234567890, "005924"),
        (2000000000, "279037"),
    ],
)
def test_codes_are_those_of_rfc_6238(seconds: int, code: str) -> None:
    """RFC 6238, appendix B, SHA-1; the last six of its eight digits."""
    at = dt.datetime.fromtimestamp(seconds, dt.UTC)
    assert second_factor.code(RFC_SECRET, at) == code
    assert second_factor.step_of(RFC_SECRET, code, at) == seconds // 30
    assert second_factor.step_of(RFC_SECRET, f"{code[:3]} {code[3:]}", at, used=seconds // 30) is None


@pytest.mark.parametrize("typed", ["", "28708", "2870821", "abcdef", "\ud800", "２８７０８２"])
def test_what_is_no_code_is_none(typed: str) -> None:
    assert second_factor.step_of(RFC_SECRET, typed, dt.datetime.fromtimestamp(59, dt.UTC)) is None


def test_a_sealed_secret_opens_under_its_key_for_its_account_alone() -> None:
    key = bytes(range(32))
    sealed = second_factor.seal(key, b"secret", "lan")
    assert second_factor.unseal(key, sealed, "lan") == b"secret"
    assert b"secret" not in sealed
    for wrong in ((bytes(32), sealed, "lan"), (key, sealed, "bo"), (key, sealed[:-1] + b"x", "lan"), (key, b"", "lan")):
        with pytest.raises(BadRegister, match="cannot be opened"):
            second_factor.unseal(*wrong)


def test_passwords_are_kept_as_argon2id_with_the_parameters_of_owasp() -> None:
    """OWASP Password Storage Cheat Sheet: m=19456 (19 MiB), t=2, p=1."""
    kept = passwords.hashed("gibbon onward splashy")
    assert kept.startswith("$argon2id$v=19$m=19456,t=2,p=1$")
    assert kept != passwords.hashed("gibbon onward splashy")
    assert passwords.matches(kept, "gibbon onward splashy")
    assert not passwords.matches(kept, "Gibbon onward splashy")
    assert not passwords.matches(None, "gibbon onward splashy")
    assert not passwords.matches("not a hash", "gibbon onward splashy")


@pytest.mark.parametrize(
    "password",
    [
        "password1234",
        "P@ssw0rd2026!",
        "qwertyuiop123",
        "1q2w3e4r5t6y7u",
        "abcabcabcabc",
        "111111111111",
        "20202021202220232024",
        "woaini5201314",
        "iloveyouforever",
        "Bianque-Admin-2026",
        "wuhan-jikong-2020",
        "hospital.hospital",
        "zhongguo123456",
        "147258369000",
        "963852741159",
        "qazwsxedcrfv",
        "1qazxsw23edc",
        "135792468013",
        "zxcvbnm!@#$%^&*()",
    ],
)
def test_common_passwords_are_common_however_they_are_dressed(password: str) -> None:
    assert passwords.weakness(password) == "common"


@pytest.mark.parametrize(
    "password",
    [
        "gibbon onward splashy",
        "tk7#vbm2qp9x",
        "清晨的露水落在竹叶上面了",
        "wir fahren montags weg",
        "x" * 64 + "quartzjovial",
    ],
)
def test_a_password_of_any_characters_is_taken(password: str) -> None:
    """OWASP ASVS 5.0, 6.2.5 and 6.2.9."""
    assert passwords.weakness(password) is None


def test_words_that_everybody_here_knows_do_not_make_a_password() -> None:
    assert passwords.weakness("chenglan landu 7", ["chenglan", "landu"]) == "common"
    assert passwords.weakness("chenglan landu 7") is None


def test_one_time_passwords_differ_and_could_be_chosen() -> None:
    given = {passwords.one_time() for _ in range(200)}
    assert len(given) == 200
    assert all(passwords.weakness(one) is None for one in given)


@pytest.mark.parametrize(
    ("count", "failures", "seconds"),
    [
        (Count.PAIR, 3, 0),
        (Count.PAIR, 4, 1),
        (Count.PAIR, 8, 16),
        (Count.PAIR, 40, 900),
        (Count.SOURCE, 50, 0),
        (Count.SOURCE, 51, 1),
        (Count.ACCOUNT, 10, 0),
        (Count.ACCOUNT, 100, 60),
        (Count.CODE, 5, 0),
        (Count.CODE, 5000, 900),
    ],
)
def test_a_wait_doubles_up_to_its_longest(count: Count, failures: int, seconds: int) -> None:
    assert guesses.wait(count, failures, AT, AT) == dt.timedelta(seconds=seconds)
    assert not guesses.wait(count, failures, AT, AT + dt.timedelta(seconds=seconds))
    assert not guesses.wait(count, failures, AT, AT + guesses.FORGOTTEN)


@pytest.mark.parametrize(
    ("address", "same"),
    [
        ("203.0.113.5", "203.0.113.5"),
        ("2001:db8:0:7:1::9", "2001:db8:0:7::/64"),
        ("2001:db8:0:7:ffff::1", "2001:db8:0:7::/64"),
        ("::ffff:203.0.113.5", "203.0.113.5"),
        ("", ""),
        ("testclient", "testclient"),
    ],
)
def test_an_address_counts_with_its_neighbourhood(address: str, same: str) -> None:
    assert neighbourhood(address) == same


def test_tokens_have_256_bits_and_are_kept_as_a_digest() -> None:
    tokens = {session_rules.new_token() for _ in range(100)}
    assert len(tokens) == 100
    assert all(len(token) == 43 for token in tokens)  # 32 bytes, base64url
    assert all(token not in session_rules.digest(token) for token in tokens)


def test_a_clock_that_was_set_back_neither_locks_anybody_out_nor_prolongs_a_session() -> None:
    yesterday, minute = AT - dt.timedelta(days=1), dt.timedelta(minutes=1)
    assert guesses.wait(Count.ACCOUNT, 100, AT, yesterday) == minute
    assert not session_rules.lasts(AT, AT, yesterday)
    assert not session_rules.lasts(AT - 60 * minute, AT, AT - minute)


def test_servers_whose_clocks_differ_by_seconds_know_each_others_sessions() -> None:
    assert session_rules.lasts(AT, AT, AT - dt.timedelta(seconds=5))


def test_a_proof_is_too_old_at_exactly_five_minutes() -> None:
    """The decisions ask the same rule: tests/safeguard/test_decide.py."""
    moment = dt.timedelta(microseconds=1)
    assert session_rules.just_proved(AT, AT)
    assert session_rules.just_proved(AT, AT + dt.timedelta(minutes=5) - moment)
    assert not session_rules.just_proved(AT, AT + dt.timedelta(minutes=5))
    assert not session_rules.just_proved(AT, AT - moment)
    assert not session_rules.just_proved(None, AT)
