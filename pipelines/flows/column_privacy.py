"""Whether a column names or reaches persons, for a drafted contract (``domain.md`` §1.6).

Both its header and its values speak. Where they leave it open the column is marked personal: one hash too many can be
taken back, a name in the lake cannot.
"""

from __future__ import annotations

import re
from collections.abc import Sequence
from dataclasses import dataclass

from pipelines.domain.contracts import Privacy
from pipelines.domain.syllables import is_syllable
from pipelines.domain.text import canonical_key

# Keys of headers (no accents, blanks, case). Numbers under the second kind are counts of persons, not persons.
_PERSON = re.compile(
    r"hoten|hovaten|cmnd|cmtnd|cccd|cancuoc|hochieu|passport|ngaysinh|namsinh|sinhngay|birth|dienthoai|sodt|"
    r"sdt|dthoai|telephone|phone|mobile|didong|fax|diachi|address|noio|thuongtru|tamtru|incharge|signer|fullname|"
    r"username|taikhoan|sodinhdanh|giaytotuythan|sogiayto|tennguoi|chuhoso|^chuho|chusohuu|chusudung|masothuecanhan|"
    r"sotknganhang|lienhe"
)
_GROUP = re.compile(
    r"^nguoi|nguoi(nop|ky|nhan|gui|lap|duoc|thuchien|xuly|daidien|lienhe|dung)|daidien|canbo|congdan|congchuc|"
    r"vienchuc|staff|employee|nhanvien|lanhdao|^owner|applicant|customer"
)
_MAIL = re.compile(r"email|thudientu|^mail|hopthu")
_FREE = re.compile(r"noidung|ghichu|trichyeu|ykien|lydo|mota|diengiai|note|remark|content|subject|description")
_MONEY = re.compile(r"tien|dong$|gia$|phi$|vnd|kinhphi|amount|size|byte|dungluong|price|tong")

_ADDRESS = re.compile(r"[\w.+-]+@[\w-]+(\.[\w-]+)+")
_PHONE = re.compile(r"(\+84|84|0)[\s.-]?[235789]\d{1,2}([\s.-]?\d){6,7}")
_CITIZEN = re.compile(r"0\d{11}")
_OLD_CARD = re.compile(r"\d{9}|\d{12}")
_WITHIN = re.compile(r"(?<!\d)(0\d{9}|0\d{11})(?!\d)|@[\w-]+\.\w")
_COUNT = re.compile(r"\d{1,5}|\d{1,3}\.\d{3}")
_SURNAME_LIST = (
    "nguyễn trần lê phạm hoàng huỳnh phan vũ võ đặng bùi đỗ hồ ngô dương lý đinh đoàn trịnh mai đào trương lâm phùng "
    "hà tạ cao lưu chu châu tô thái thân văn tống triệu nông lương vương kiều quách"
)
_SURNAMES = frozenset(_SURNAME_LIST.split())
_MOST, _SOME = 0.8, 0.2


@dataclass(frozen=True)
class PrivacyFound:
    """What to do with a column, and why, for the reader of the draft."""

    privacy: Privacy = Privacy.NONE
    why: str = ""


def privacy_of(label: str, values: Sequence[str]) -> PrivacyFound:
    """The privacy of a column by its header and its values, none of them empty."""
    key = canonical_key(label)
    by_header = _by_header(key, values)
    if by_header is not None:
        return by_header
    by_values = _by_values(key, values)
    if by_values is not None:
        return by_values
    if _FREE.search(key):
        return PrivacyFound(Privacy.FREE_TEXT, "free text: numbers and addresses in it are masked")
    return PrivacyFound()


def _by_header(key: str, values: Sequence[str]) -> PrivacyFound | None:
    if _MAIL.search(key):
        return PrivacyFound(Privacy.EMAIL, "header of an e-mail address")
    if _PERSON.search(key):
        return PrivacyFound(Privacy.PERSONAL, "header of something personal")
    if not _GROUP.search(key):
        return None
    if values and all(map(_COUNT.fullmatch, values)):
        return PrivacyFound(Privacy.NONE, "the header speaks of persons, the values are counts")
    return PrivacyFound(Privacy.PERSONAL, "the header speaks of persons; unsure, so personal")


def _by_values(key: str, values: Sequence[str]) -> PrivacyFound | None:
    share = _Shares(values)
    if share.of(_ADDRESS) >= _MOST:
        return PrivacyFound(Privacy.EMAIL, "values are e-mail addresses")
    if share.of(_PHONE) >= _MOST or share.of(_CITIZEN) >= _MOST:
        return PrivacyFound(Privacy.PERSONAL, "values look like telephone or ID numbers")
    if share.of(_PHONE) >= _SOME or share.of(_CITIZEN) >= _SOME:
        return PrivacyFound(Privacy.PERSONAL, "some values look like telephone or ID numbers; unsure, so personal")
    if share.of(_OLD_CARD) >= _MOST and not _MONEY.search(key):
        return PrivacyFound(Privacy.PERSONAL, "numbers of 9 or 12 digits may be ID numbers; unsure, so personal")
    names = sum(map(looks_like_name, values)) / len(values) if values else 0.0
    if names >= _MOST:
        return PrivacyFound(Privacy.PERSONAL, "values look like names of persons")
    if names >= _SOME:
        return PrivacyFound(Privacy.PERSONAL, "some values look like names of persons; unsure, so personal")
    if any(map(_WITHIN.search, values)):
        return PrivacyFound(Privacy.FREE_TEXT, "a telephone or ID number or an address stands within the text: masked")
    return None


class _Shares:
    """Which share of values a pattern fits as a whole; 0 when there is none."""

    def __init__(self, values: Sequence[str]) -> None:
        self._values = values

    def of(self, pattern: re.Pattern[str]) -> float:
        return sum(map(bool, map(pattern.fullmatch, self._values))) / len(self._values) if self._values else 0.0


def looks_like_name(text: str) -> bool:
    """Three to five syllables, each with a capital, the first of them a surname; of the Ê Đê, ``Y …`` and ``H'…``.

    Two syllables are more often a place (Hà Nội) than a person.
    """
    words = text.split()
    if not 2 <= len(words) <= 5 or not all(w[0].isupper() for w in words):
        return False
    first = words[0].casefold().replace("’", "'")
    if first == "y" or first.startswith("h'"):
        return True
    return len(words) > 2 and first in _SURNAMES and all(map(is_syllable, words))
