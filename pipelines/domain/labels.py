"""Words that readers see for codes of the marts, Vietnamese and English."""

from __future__ import annotations

from typing import NamedTuple


class Text(NamedTuple):
    """The same in both languages."""

    vi: str
    en: str


REASONS = {
    "no_denominator": Text("không có mẫu số", "no denominator"),
    "small_group": Text("nhóm nhỏ, không công bố", "group too small to publish"),
    "not_fed": Text("chưa có dữ liệu", "no data yet"),
    "not_published": Text("không công bố", "not published"),
    "no_person_key": Text("hệ thống không ghi người xử lý", "the system does not tell who"),
    "no_person_match": Text("không khớp được với cán bộ", "nobody matches the staff"),
    "no_data": Text("kỳ này không có số liệu", "no figure in the period"),
    "no_sync_rate": Text("chưa biết tỷ lệ đồng bộ", "the sync rate is unknown"),
    "points_unknown": Text("chưa biết điểm của dòng", "the line's points are unknown"),
    "no_line_scored": Text("không dòng nào chấm được", "no line could be scored"),
}
SYSTEMS = {
    "igate": Text("iGate", "iGate"),
    "idesk": Text("iDesk", "iDesk"),
    "mail": Text("Thư công vụ", "Official mail"),
    "survey": Text("Khảo sát", "Survey"),
    "par_index": Text("Chỉ số CCHC", "PAR index"),
    "website": Text("Cổng thông tin", "Website"),
    "initiatives": Text("Sáng kiến", "Initiatives"),
    "file": Text("Danh mục, báo cáo", "Lists and reports"),
    "reference": Text("Danh mục", "Reference lists"),
}
CAUSES = {
    "no_due_date": Text("không có ngày hẹn trả", "no due date"),
    "withdrawn": Text("công dân rút hồ sơ", "withdrawn by the citizen"),
    "stopped": Text("dừng xử lý", "stopped"),
    "not_returned": Text("chưa trả kết quả", "result not handed over"),
    "no_limit": Text("thủ tục không có thời hạn trong danh mục", "no limit in the list of procedures"),
    "no_calendar": Text("năm chưa có lịch làm việc đã ký", "a year without a signed calendar"),
}
CERTAINTIES = {
    "S0": Text("bài báo 2021", "the article of 2021"),
    "S": Text("đã đọc ở nguồn công khai", "read in a public source"),
    "K": Text("chưa kiểm chứng", "unverified"),
    "P": Text("đề xuất", "a proposal"),
    "D": Text("suy ra", "derived"),
}


def text_of(labels: dict[str, Text], code: str) -> Text:
    """The words for a code; a code that has none, or that a source gave in words, stays as it is."""
    return labels.get(code, Text(code, code))
