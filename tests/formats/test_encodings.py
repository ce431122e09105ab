"""Encodings of Vietnamese: known by evidence, read to NFC, and never guessed."""

from __future__ import annotations

import io
import unicodedata
from collections.abc import Callable
from contextlib import suppress
from pathlib import Path

import pytest
from hypothesis import given
from hypothesis import strategies as st

from pipelines.domain.errors import DataRefused
from pipelines.domain.syllables import is_syllable
from pipelines.formats.encodings import CODEC, CellReader, byte_evidence, font_of_text
from pipelines.formats.legacy_fonts import from_tcvn3, from_vni, to_tcvn3, to_vni
from pipelines.formats.sniff import sniff
from pipelines.settings import Settings
from tests.formats.taken_in import HEADER, cells, csv_of, prepared

Make = Callable[..., Settings]
STREAM, NAME = "igate.dossiers", "hoso_20200104_20200105T010000.csv"
PROSE = "Sở Giáo dục và Đào tạo tỉnh Đắk Lắk báo cáo tình hình giải quyết thủ tục hành chính"
LETTERS = "aàáảãạăằắẳẵặâầấẩẫậbcdđeèéẻẽẹêềếểễệghiìíỉĩịklmnoòóỏõọôồốổỗộơờớởỡợpqrstuùúủũụưừứửữựvxyỳýỷỹỵ"
ASCII = "".join(map(chr, range(32, 127)))
VIETNAMESE = st.lists(st.text(LETTERS + LETTERS.upper() + ASCII + "\n", min_size=0, max_size=40), max_size=5).map(
    " ".join
)


@given(VIETNAMESE)
def test_windows_1258_comes_back_equal(text: str) -> None:
    assert text.encode("windows-1258-nfc").decode("windows-1258-nfc") == unicodedata.normalize("NFC", text)


@given(VIETNAMESE)
def test_tcvn3_comes_back_equal_but_for_letter_case(text: str) -> None:
    assert text.encode("tcvn3").decode("tcvn3").casefold() == text.casefold()
    small = text.lower()
    assert from_tcvn3(to_tcvn3(small)) == small, "small letters come back as they are"


@given(VIETNAMESE)
def test_vni_comes_back_equal(text: str) -> None:
    assert text.encode("vni").decode("vni") == text
    assert from_vni(to_vni(text)) == text


@given(
    VIETNAMESE, st.sampled_from(["tcvn3", "vni", "windows-1258-nfc", "utf-8-tcvn3", "utf-16-vni"]), st.integers(1, 7)
)
def test_pieces_of_any_size_give_the_same_text(text: str, codec: str, size: int) -> None:
    import codecs

    data = text.encode(codec)
    decoder = codecs.getincrementaldecoder(codec)()
    pieces = [decoder.decode(data[n : n + size]) for n in range(0, len(data), size)]
    assert "".join([*pieces, decoder.decode(b"", True)]) == data.decode(codec)


@given(st.binary(max_size=400))
def test_any_bytes_are_text_or_refused(data: bytes) -> None:
    import tempfile

    with tempfile.TemporaryDirectory() as folder:
        path = Path(folder) / "x.csv"
        path.write_bytes(data)
        families = []
        with suppress(DataRefused):
            families.append(sniff(path, file_name="x.csv").family)
        assert set(families) <= {"text", "html", "spreadsheet"}


def test_a_sign_that_would_be_read_as_another_letter_is_not_written() -> None:
    for name in ("tcvn3", "vni"):
        with pytest.raises(UnicodeEncodeError):
            ("§" if name == "tcvn3" else "ö").encode(name)


def test_what_stands_for_u_with_a_horn() -> None:
    assert from_tcvn3("Th«ng t\u00ad") == from_tcvn3("Th«ng t\u2212") == "Thông tư"


def test_letters_that_are_unicode_already_stay() -> None:
    assert from_tcvn3("M¸y mãc thiết bÞ, phụ tïng") == "Máy móc thiết bị, phụ tùng"


@pytest.mark.parametrize("encoding", CODEC)
def test_an_encoding_is_known_by_its_words(encoding: str) -> None:
    assert byte_evidence(PROSE.encode(CODEC[encoding])).encoding == encoding


def test_other_languages_and_single_words_decide_nothing() -> None:
    french = "Année scolaire à Besançon: élèves diplômés, âgés, très étonnés du succès"
    assert byte_evidence(french.encode("cp1252")).encoding is None
    assert byte_evidence("S\xeb".encode("latin-1")).encoding is None
    assert font_of_text(french) is None
    assert font_of_text(PROSE) == "unicode"


def test_fonts_of_one_sheet_are_told_apart_by_cell() -> None:
    unicode, tcvn3, vni = PROSE, to_tcvn3(PROSE.lower()), to_vni(PROSE)
    reader = CellReader([unicode, tcvn3, vni])
    assert [reader.read(t) for t in (unicode, tcvn3, vni)] == [PROSE, PROSE.lower(), PROSE]
    assert reader.found == {"unicode": 1, "tcvn3": 1, "vni": 1}


def test_a_cell_whose_font_cannot_be_told_stays_and_is_counted() -> None:
    both = "töï"  # no syllable as it stands; "tự" in VNI, nothing in TCVN3
    assert CellReader([both]).read(both) == "tự"
    either = next(w for w in _two_ways() if not is_syllable(w))
    reader = CellReader([either])
    assert reader.read(either) == either
    assert reader.undecided == {either: 1}


def _two_ways() -> list[str]:
    """Words that are legal, and different, both as TCVN3 and as VNI."""
    signs = [chr(c) for c in range(0xA1, 0x100)]
    words = [f"{a}{v}{s}" for a in "tmn" for v in "aeou" for s in signs]
    return [
        w for w in words if from_tcvn3(w) != from_vni(w) and is_syllable(from_tcvn3(w)) and is_syllable(from_vni(w))
    ]


@pytest.mark.parametrize(
    "codec",
    ["utf-8", "utf-8-sig", "utf-16", "utf-16-le", "windows-1258-nfc", "tcvn3", "vni", "utf-8-tcvn3", "utf-16-vni"],
)
def test_the_same_rows_in_every_encoding(make_settings: Make, codec: str) -> None:
    rows = [HEADER, *(cells(n, note=PROSE.lower(), applicant_name=f"nguyễn văn {n}") for n in range(1, 40))]
    data = csv_of(*rows, delimiter="\t").encode(codec)
    package = prepared(make_settings(), STREAM, NAME, data)
    assert package.result.refusal is None
    assert set(package.column("note")) == {PROSE.lower()}
    assert package.result.rows == 39
    expected = prepared(make_settings(home=make_settings().home / "x"), STREAM, NAME, csv_of(*rows))
    assert package.column("applicant_name") == expected.column("applicant_name"), "one person, one pseudonym"


def test_text_beyond_the_sample_is_read_in_the_same_encoding(make_settings: Make) -> None:
    rows = [HEADER, *(cells(n, note=f"{PROSE} {n}") for n in range(1, 4000))]
    package = prepared(make_settings(), STREAM, NAME, csv_of(*rows).encode("vni"))
    assert package.column("note") == [f"{PROSE} {n}" for n in range(1, 4000)]


def test_unsure_is_refused_with_the_evidence(make_settings: Make) -> None:
    data = csv_of(HEADER, cells(1)).replace("Nguyễn Văn Thử", "Besançon").encode("utf-8").replace(b"\xc3\xa7", b"\xe7")
    package = prepared(make_settings(), STREAM, NAME, data)
    assert "words with marks that are Vietnamese syllables" in (package.result.refusal or "")
    assert "set `encoding` in the contract" in (package.result.refusal or "")


def test_the_contract_may_set_the_encoding(tmp_path: Path) -> None:
    path = tmp_path / "a.csv"
    path.write_bytes("Së".encode("latin-1"))
    with pytest.raises(DataRefused):
        sniff(path, file_name="a.csv")
    found = sniff(path, file_name="a.csv", encoding="tcvn3")
    assert (found.encoding, found.head) == ("tcvn3", "Sở")
    path.write_text("Së", encoding="utf-8")
    assert sniff(path, file_name="a.csv", encoding="tcvn3").head == "Sở"
    assert sniff(path, file_name="a.csv", encoding="utf-8").head == "Së"


def test_a_stream_of_text_is_read_as_a_file_is() -> None:
    with io.TextIOWrapper(io.BytesIO(PROSE.encode("vni")), encoding="vni", newline="") as stream:
        assert "".join(iter(lambda: stream.read(7), "")) == PROSE
