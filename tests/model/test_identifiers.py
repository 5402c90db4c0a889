"""Identifiers: what is written in many ways is compared in one, and a slip of the pen is noticed."""

from __future__ import annotations

import datetime as dt

import pytest
from hypothesis import given
from hypothesis import strategies as st

from bianque.model import identifiers
from bianque.model.identifiers import Kind, fault, normal


@pytest.mark.parametrize("number", ["11010519491231002X", "440524188001010014"])
def test_the_examples_of_gb_11643_1999_are_accepted(number):
    """GB 11643-1999, section 4 and annex A."""
    assert fault(Kind.ID_NUMBER, number) == ""


def test_an_id_number_says_region_birth_date_and_sex():
    assert identifiers.region("11010519491231002X") == "110105"
    assert identifiers.birth_date("11010519491231002X") == dt.date(1949, 12, 31)
    assert identifiers.sex("11010519491231002X") == "female"
    assert identifiers.sex("440524188001010014") == "male"


@given(
    st.integers(110000, 999999),
    st.dates(dt.date(1900, 1, 1), dt.date(2030, 1, 1)),
    st.integers(0, 999),
    st.data(),
)
def test_one_wrong_digit_and_two_swapped_neighbours_are_noticed(region, born, order, data):
    first = f"{region}{born:%Y%m%d}{order:03d}"
    number = first + identifiers.check_character(first)
    assert fault(Kind.ID_NUMBER, number) == ""
    place = data.draw(st.integers(0, 16))
    other = data.draw(st.sampled_from([digit for digit in "0123456789" if digit != number[place]]))
    assert fault(Kind.ID_NUMBER, number[:place] + other + number[place + 1 :])
    swapped = number[:place] + number[place + 1] + number[place] + number[place + 2 :]
    if swapped != number:
        assert fault(Kind.ID_NUMBER, swapped)


@pytest.mark.parametrize(
    ("number", "why"),
    [
        ("11010519490231002X", "date"),
        ("110105194912310021", "checksum"),
        ("110105491231002", "form"),  # fifteen digits: the first generation, void since 2013
        ("11010519491231002x", "form"),
        ("", "form"),
        ("１１０１０５１９４９１２３１００２Ｘ", "form"),
    ],
)
def test_a_wrong_id_number_is_told_why(number, why):
    assert fault(Kind.ID_NUMBER, number) == why


@pytest.mark.parametrize(
    "typed",
    [
        "13800138000",
        "138 0013 8000",
        "138-0013-8000",
        "+86 138 0013 8000",
        "0086-13800138000",
        "8613800138000",
        "１３８００１３８０００",
        "（86）138—0013—8000",
        " +86(138)00138000\t",
    ],
)
def test_a_phone_has_one_form_however_it_is_typed(typed):
    assert normal(Kind.PHONE, typed) == "13800138000"


@pytest.mark.parametrize(
    "typed", ["11010519491231002x", "110105 19491231 002X", "１１０１０５１９４９１２３１００２ｘ"]
)
def test_an_id_number_has_one_form_however_it_is_typed(typed):
    assert normal("id_number", typed) == "11010519491231002X"


def test_passports_have_capitals_cards_digits_and_accounts_their_case():
    assert normal(Kind.PASSPORT, "e 1234 5678") == "E12345678"
    assert normal(Kind.CARD, "6222 0212 3456 7890") == "6222021234567890"
    assert normal(Kind.ACCOUNT, " Wx_Li-2 ") == "Wx_Li-2"
    assert (
        fault(Kind.PASSPORT, "E12345678") == fault(Kind.CARD, "6222021234567890") == fault("account", "Wx_Li-2") == ""
    )
    assert fault(Kind.CARD, "62220212X") == fault(Kind.PASSPORT, "E1") == fault("account", "a b") == "form"


@given(st.sampled_from(list(Kind)), st.text(max_size=30))
def test_what_is_normal_stays_as_it_is(kind, value):
    once = normal(kind, value)
    if fault(kind, once) == "":
        assert normal(kind, once) == once


@pytest.mark.parametrize(
    ("number", "why"), [("16312345678", "prefix"), ("1380013800", "form"), ("23800138000", "form")]
)
def test_a_number_that_no_mobile_has_is_told_why(number, why):
    assert fault(Kind.PHONE, number) == why


def test_the_exercise_s_numbers_are_well_formed_and_belong_to_no_operator():
    assert fault(Kind.PHONE, "15400012345") == ""
    assert identifiers.EXERCISE_PREFIX not in identifiers.OPERATORS


@pytest.mark.parametrize(
    ("text", "whether"),
    [
        ("unconscious, family not reached", False),
        ("call 138-0013-8000 first", True),
        ("电话１３８００１３８０００", True),
        ("holder of 110105 19491231 002X", True),
        ("list of 2021-02-01, 12345 persons", False),
        ("batch 20210201123456", False),
    ],
)
def test_a_free_text_with_a_number_of_a_person_is_noticed(text, whether):
    assert identifiers.mentioned(text) is whether
