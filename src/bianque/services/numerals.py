"""How is a figure written for a reader of a language?  Numbers, intervals and dates, as text."""

from __future__ import annotations

import datetime as dt
import math
from typing import Literal

from bianque.model.situation import Estimate

UNKNOWN = "–"
HIDDEN = "*"  # the mark of statistical offices for a figure withheld: a hidden sum or day need not be small itself
MINUS = "\N{MINUS SIGN}"
MONTHS = ("Jan", "Feb", "Mar", "Apr", "May", "Jun", "Jul", "Aug", "Sep", "Oct", "Nov", "Dec")

Form = Literal["count", "decimal", "ratio", "percent", "days"]


def known(value: float | None) -> bool:
    return value is not None and not math.isnan(value)


def number(value: float | None, form: Form = "count") -> str:
    """One figure: 44,653 · 12.4 · 1.42 · +8.1% · 6.2. Unknown is a dash, never 0."""
    if value is None or math.isnan(value):
        return UNKNOWN
    if math.isinf(value):
        return "∞" if value > 0 else f"{MINUS}∞"
    if form == "percent":
        return _percent(value)
    digits = {"count": 0, "decimal": 1, "ratio": 2, "days": 1}[form]
    if form == "decimal" and abs(value) >= 1000:
        digits = 0
    elif form == "decimal" and 0 < abs(value) < 0.1:
        return f"{value:.2g}".replace("-", MINUS) if abs(value) >= 1e-4 else f"{MINUS if value < 0 else ''}<0.0001"
    text = f"{value:,.{digits}f}"
    return (text if float(text.replace(",", "")) else text.lstrip("-")).replace("-", MINUS)


def _percent(value: float) -> str:
    text = f"{100 * value:+.1f}"
    return ("0.0" if float(text) == 0 else text).replace("-", MINUS) + "%"


def energy(value: float) -> str:
    """A free energy in kcal/mol, to the hundredth that the model knows."""
    return f"{round(value, 2) + 0.0:,.2f}".replace("-", MINUS)


def probability(value: float) -> str:
    """A probability to the hundredth; what is not quite 0 or 1 says so."""
    if 0 < value < 0.01:
        return "<0.01"
    return ">0.99" if 0.99 < value < 1 else f"{value:.2f}"


def tick(value: float, step: float, form: Form) -> str:
    """A round figure on an axis, with the decimals its step needs."""
    scale = 100.0 if form == "percent" else 1.0
    needed = next((digits for digits in range(4) if math.isclose(scale * step, round(scale * step, digits))), 4)
    text = f"{scale * value:{'+' if form == 'percent' else ''},.{needed}f}"
    if float(text.replace(",", "")) == 0:
        text = text.lstrip("+-")
    return text.replace("-", MINUS) + ("%" if form == "percent" else "")


def interval(lower: float | None, upper: float | None, form: Form = "count") -> str:
    """Both ends, or nothing where they are unknown."""
    if not known(lower) or not known(upper):
        return ""
    signed = form == "percent" or min(lower or 0.0, upper or 0.0) < 0  # a dash beside a sign wants room
    return f"{number(lower, form)}{' – ' if signed else '–'}{number(upper, form)}"


def estimate(figure: Estimate, form: Form, language: str = "en") -> str:
    """Value and interval in one line: 1.42 (1.21–1.64), in Chinese 1.42（1.21–1.64）."""
    ends = interval(figure.lower, figure.upper, form)
    if not ends:
        return number(figure.value, form)
    return number(figure.value, form) + (f"（{ends}）" if language == "zh-CN" else f" ({ends})")


def day(date: dt.date | None, language: str) -> str:
    if date is None:
        return UNKNOWN
    if language == "zh-CN":
        return f"{date.year}年{date.month}月{date.day}日"
    return f"{date.day} {MONTHS[date.month - 1]} {date.year}"


def moment(at: dt.datetime, language: str) -> str:
    """A time of day in UTC."""
    utc = at.astimezone(dt.UTC)
    return f"{day(utc.date(), language)} {utc:%H:%M} UTC"


def short_day(date: dt.date, language: str) -> str:
    """A day of a known year, as on an axis."""
    return f"{date.month}月{date.day}日" if language == "zh-CN" else f"{date.day} {MONTHS[date.month - 1]}"


def listing(names: list[str], language: str) -> str:
    """A, B and C are written as a reader of the language separates them."""
    return ("、" if language == "zh-CN" else ", ").join(names)


def share(logarithm: float) -> str:
    """A share by its natural logarithm: 12%, 0.034%, and of a genome about 10⁻²⁴⁰; what is not quite all says so."""
    if logarithm > math.log(0.995):
        return "100%" if logarithm >= 0 else ">99%"
    if logarithm > math.log(1e-5):
        return f"{100 * math.exp(logarithm):.2g}%"
    power = round(logarithm / math.log(10))
    return "10" + str(power).translate(str.maketrans("-0123456789", "⁻⁰¹²³⁴⁵⁶⁷⁸⁹"))
