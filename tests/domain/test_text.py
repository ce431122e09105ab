"""Vietnamese text compared without its dress, and errors that say what to do."""

from __future__ import annotations

import pytest

from pipelines.domain.errors import CchcError, DataRefused, InternalFault, SourceUnavailable, WrongUse
from pipelines.domain.text import canonical_key, clean

SAME = [
    ("Mã hồ sơ", "mã  hồ sơ"),
    ("Mã hồ sơ", "Ma\u0303 ho\u0302\u0300 so\u031b"),
    ("Đắk Lắk", "\u00d0ắk L\u0103\u0301k"),
    ("Krông Búk", "Krông  Bu\u0301k\u200b"),
    ("Hòa Bình", "Hoà Bình"),
    ("Cư M'gar", "Cư M\u2019gar"),
    ("Ngày trả", "\ufeffNgày\u00a0trả "),
    ("MaHoSo", "mahoso"),
]


@pytest.mark.parametrize(("one", "other"), SAME)
def test_spellings_of_one_name(one: str, other: str) -> None:
    assert canonical_key(one) == canonical_key(other)


@pytest.mark.parametrize(("one", "other"), [("Ea Súp", "Ea Kar"), ("Bước 1", "Bước 2"), ("Đi", "Đến")])
def test_other_names_stay_apart(one: str, other: str) -> None:
    assert canonical_key(one) != canonical_key(other)


def test_clean_keeps_accents_and_drops_what_is_not_seen() -> None:
    assert clean(" Sở\u00a0\u200b Gia\u0301o  dục\r\n") == "Sở Giáo dục"


@pytest.mark.parametrize(
    ("kind", "code", "retry"),
    [(InternalFault, 1, False), (WrongUse, 2, False), (DataRefused, 3, False), (SourceUnavailable, 4, True)],
)
def test_the_class_of_an_error_is_its_exit_code(kind: type[CchcError], code: int, retry: bool) -> None:
    error = kind("What happened.", next_step="What to do.")
    assert (error.exit_code, error.retryable) == (code, retry)
    assert str(error) == "What happened. Next: What to do."
    assert str(kind("Alone.")) == ("Alone. Next: " + kind.usual_next_step if kind.usual_next_step else "Alone.")
