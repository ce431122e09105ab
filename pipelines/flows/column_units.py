"""What the values of a column are measured in: said in the YAML (``meta: unit``), else told by type and name."""

from __future__ import annotations

import re

# One word per unit, Vietnamese and English.
UNITS = {
    "text": ("chữ", "text"),
    "code": ("mã", "code"),
    "yes_no": ("có/không", "yes or no"),
    "day": ("ngày", "day"),
    "month": ("tháng, ngày đầu", "month, its first day"),
    "moment": ("thời điểm", "moment"),
    "year": ("năm", "year"),
    "number": ("số thứ tự", "ordinal number"),
    "count": ("số lượng", "count"),
    "days": ("số ngày", "days"),
    "months": ("số tháng", "months"),
    "minutes": ("số phút", "minutes"),
    "hours": ("số giờ", "hours"),
    "share": ("tỷ lệ, 0 đến 1", "share, 0 to 1"),
    "share_a_month": ("tỷ lệ mỗi tháng", "share a month"),
    "points": ("điểm", "points"),
    "rank": ("thứ hạng", "rank"),
    "places": ("số bậc", "places"),
    "dong": ("đồng", "dong"),
    "percent": ("phần trăm", "per cent"),
    "as_published": ("như đã công bố", "as published"),
    "see_unit": ("theo cột unit", "see the column unit"),
    "see_signal": ("theo dấu hiệu", "see the signal"),
}

# The first that fits: type, name, unit.
_TOLD = (
    (r"varchar", r".*(_code|code|na_reason)|line", "code"),
    (r"varchar", r".*", "text"),
    (r"boolean", r".*", "yes_no"),
    (r"date", r"month|.*_month|(arrives|earliest|latest)_in", "month"),
    (r"date", r".*", "day"),
    (r"timestamp", r".*", "moment"),
    (r".*", r".*_count|rows_.*|numerator|denominator|remainder|difference", "count"),
    (r".*", r".*_days", "days"),
    (r".*", r".*_minutes", "minutes"),
    (r".*", r".*_hours", "hours"),
    (r".*", r"months_left", "months"),
    (r".*", r"share|.*_share|weight|value|target|gap|threshold|satisfaction", "share"),
    (r".*", r"pace.*|needed_monthly_gain", "share_a_month"),
    (r".*", r"points|.*_points|score", "points"),
    (r".*", r"year|.*_year", "year"),
    (r".*", r"rank|.*_rank", "rank"),
    (r".*", r"change_since_.*", "places"),
    (r".*", r".*_number|figure_row|weekday", "number"),
    (r".*", r".*_amount", "dong"),
    (r"integer", r"channel|status_code|service_level|return_method|online_payment", "code"),
)


def unit_of(name: str, data_type: str, said: str | None = None) -> str:
    """Key of ``UNITS``.

    Raises:
        KeyError: neither said nor told by the name, or said by a word that is none of ``UNITS``.
    """
    if said is not None:
        if said not in UNITS:
            raise KeyError(f"{said} is no unit; there are {', '.join(UNITS)}")
        return said
    for kind, names, unit in _TOLD:
        if re.fullmatch(kind, data_type) and re.fullmatch(names, name):
            return unit
    raise KeyError("a unit")
