"""How figures and their premises are put into words and records."""

from __future__ import annotations

import pytest

from bianque.model.emergency_file import SerialIntervalSpec
from bianque.services import estimates


@pytest.mark.parametrize(
    ("spec", "zh", "en"),
    [
        (
            SerialIntervalSpec(mean=7.5, sd=3.4, source="Li et al. 2020"),
            "均值7.5天，标准差3.4天；Li et al. 2020",
            "mean 7.5 d, sd 3.4 d; Li et al. 2020",
        ),
        (
            SerialIntervalSpec(distribution=[0.0, 0.4, 0.6], source="a registry"),
            "3个每日权重；a registry",
            "3 daily weights; a registry",
        ),
    ],
)
def test_the_serial_interval_is_named_with_its_source_in_both_languages(
    spec: SerialIntervalSpec, zh: str, en: str
) -> None:
    words = estimates.in_words(spec)
    assert (words.zh, words.en) == (zh, en)
