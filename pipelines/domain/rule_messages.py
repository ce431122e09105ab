"""What the code of a rule means to a reader, for the rules that every stream shares."""

from __future__ import annotations

from pipelines.domain.contracts import Bilingual, Contract

SHARED = {
    "required_missing": Bilingual(vi="Thiếu giá trị bắt buộc", en="A required value is missing"),
    "bad_date": Bilingual(vi="Không phải ngày giờ hợp lệ", en="Not a valid date or time"),
    "bad_number": Bilingual(vi="Không phải số hợp lệ", en="Not a valid number"),
    "bad_boolean": Bilingual(vi="Không phải giá trị có/không", en="Neither yes nor no"),
    "bad_pattern": Bilingual(vi="Sai định dạng", en="Not of the required form"),
    "bad_enum": Bilingual(vi="Ngoài danh mục cho phép", en="Not one of the allowed codes"),
    "out_of_range": Bilingual(vi="Ngoài khoảng cho phép", en="Out of range"),
    "duplicate_key": Bilingual(vi="Trùng khóa trong cùng một tệp", en="The key stands twice in one file"),
    "too_few_fields": Bilingual(vi="Thiếu ô so với dòng tiêu đề", en="Fewer cells than the header"),
    "too_many_fields": Bilingual(vi="Thừa ô so với dòng tiêu đề", en="More cells than the header"),
    "unknown_column": Bilingual(vi="Có giá trị ở cột ngoài hợp đồng dữ liệu", en="A value in a column of no contract"),
    "unparsed_line": Bilingual(vi="Dòng nhật ký không đọc được", en="A log line of no known shape"),
    "broken_json": Bilingual(vi="Dòng JSON bị hỏng", en="A line that is broken JSON"),
    "not_a_record": Bilingual(vi="Không phải bản ghi JSON", en="JSON, but no record"),
    "nested_value": Bilingual(
        vi="Có danh sách hoặc đối tượng ở chỗ chỉ nhận một giá trị", en="A list or an object where one value belongs"
    ),
    "too_deep": Bilingual(vi="Lồng quá sâu", en="Nested too deeply"),
    "cell_too_long": Bilingual(vi="Giá trị quá dài", en="A value that is too long"),
    "error_cell": Bilingual(
        vi="Ô công thức bị lỗi (#DIV/0!, #REF!, #N/A …)", en="A cell whose formula failed (#DIV/0!, #REF!, #N/A …)"
    ),
    "undecodable": Bilingual(vi="Có ký tự không giải mã được", en="Bytes that are no text"),
}

# Of agencies, not of a row that is held back: rpt_quality finds them.
_OF_AGENCIES = {
    "unknown_agency": Bilingual(
        vi="Mã cơ quan không có trong danh mục cơ quan", en="A code that the list of agencies does not know"
    ),
    "ended_without_successor": Bilingual(
        vi="Cơ quan đã kết thúc, chưa có dòng nào nói cơ quan nào tiếp nhận số liệu; thêm dòng theo docs/agencies.md",
        en="The agency has ended, and no row says who took its figures over; add one as docs/agencies.md says",
    ),
}


def message_of(contract: Contract, code: str) -> Bilingual:
    """The meaning of a rule of this contract; the code itself when nothing is written about it."""
    for rule in contract.rules:
        if rule.code == code:
            return rule.message
    return SHARED.get(code) or _OF_AGENCIES.get(code) or Bilingual(vi=code, en=code)
