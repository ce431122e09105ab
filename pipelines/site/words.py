"""Words of the pages for codes of the marts; what other layers say too stands in ``pipelines.domain.labels``."""

from __future__ import annotations

from pipelines.domain.labels import Text

LEVELS = {
    "province": Text("Sở, ban, ngành", "Departments"),
    "district": Text("Huyện, thị xã, thành phố", "Districts"),
    "commune": Text("Xã, phường, thị trấn", "Communes"),
    "other": Text("Không có trong danh mục", "Not on the list"),
    "all": Text("Toàn tỉnh", "Whole province"),
}
ONE_OF = {
    "all": Text("Toàn tỉnh", "Province"),
    "province": Text("Sở, ngành", "Department"),
    "district": Text("Huyện", "District"),
    "commune": Text("Xã", "Commune"),
    "other": Text("Khác", "Other"),
}
CLASSES = {
    "early": Text("Trước hạn", "Early"),
    "on_time": Text("Đúng hạn", "On time"),
    "late": Text("Quá hạn", "Late"),
    "unexplained": Text("Chưa giải thích được", "Unexplained"),
}
CHANNELS = {
    "counter": Text("Trực tiếp", "At the counter"),
    "online": Text("Trực tuyến", "On line"),
    "postal": Text("Bưu chính công ích", "By post"),
    "untold": Text("Không ghi kênh", "Channel not told"),
}
OPEN = {
    "open_in_due": Text("Trong hạn", "Not due yet"),
    "open_late": Text("Quá hạn", "Past due"),
    "open_undated": Text("Không có hẹn trả", "No due date"),
}
SERIES = {
    "own": Text("Cơ quan này", "This agency"),
    "peers": Text("Trung vị cùng cấp", "Median of its level"),
    "forecast": Text("Xu hướng, khoảng 80 %", "Trend, 80 % interval"),
    "target": Text("Chỉ tiêu", "Target"),
    **LEVELS,
}
OUTLOOKS = {
    "reached": Text("Đã đạt", "Reached"),
    "in_time": Text("Kịp hạn theo xu hướng", "In time on this trend"),
    "too_late": Text("Trễ hạn theo xu hướng", "Too late on this trend"),
    "not_on_this_trend": Text("Không tới theo xu hướng này", "Not on this trend"),
    "no_clear_trend": Text("Chưa rõ xu hướng", "No clear trend"),
    "too_few_months": Text("Chưa đủ tháng để dự báo", "Too few months to tell"),
}
# How an outlook is shown: good, fair, bad or plain. The word always stands beside the colour.
OUTLOOK_STATES = {
    "reached": "good",
    "in_time": "good",
    "too_late": "bad",
    "not_on_this_trend": "bad",
    "no_clear_trend": "fair",
    "too_few_months": "plain",
}
RULES = {
    "R_PLAIN": Text(
        "So ngày kết thúc với ngày hẹn trả; rút, dừng, không hẹn trả không xếp loại",
        "The day of the end against the due day; withdrawn, stopped and undated are in no class",
    ),
    "R_DATE": Text(
        "Như R_PLAIN, nhưng rút và không hẹn trả tính là đúng hạn",
        "As R_PLAIN, but withdrawn and undated count as on time",
    ),
    "R_TRA": Text("Thời điểm trả kết quả so với hẹn trả", "The moment of handing over against the due moment"),
    "R_766": Text(
        "Theo QĐ 766: nhật ký so với hẹn trả; bổ sung lần hai là quá hạn",
        "By Decision 766: the log's end against due; a second request for supplements is late",
    ),
    "R_GL": Text("Không sau hẹn trả là trước hạn, còn lại quá hạn", "No later than due is early, all else late"),
    "R_STRICT": Text(
        "Nhật ký so với hạn tính lại theo lịch làm việc",
        "The log's end against the due moment recomputed from the working calendar",
    ),
}
DENOMINATORS = {
    "RESOLVED": Text("Trên hồ sơ đã giải quyết", "Of all resolved"),
    "CLASSED": Text("Trên hồ sơ xếp loại được", "Of those in a class"),
    "RECEIVED": Text("Trên hồ sơ tiếp nhận", "Of those received"),
    "HANDLED": Text("Trên tiếp nhận và kỳ trước chuyển sang", "Of those received and carried over"),
}
UNITS = {
    "share": Text("tỷ lệ, %", "share, %"),
    "count": Text("số lượng", "count"),
    "points": Text("điểm", "points"),
    "rank": Text("thứ hạng", "rank"),
}
BETTER = {"higher": Text("cao hơn là tốt", "higher is better"), "lower": Text("thấp hơn là tốt", "lower is better")}
OVER_TIME = {
    "sum": Text("năm cộng các tháng", "a year adds its months up"),
    "last": Text("số tồn: năm lấy tháng mới nhất", "a stock: a year takes its newest month"),
    "own": Text("mỗi kỳ đếm riêng", "each period is counted by itself"),
}
QUALITY = {
    "loaded": Text("Đã nhận", "Taken in"),
    "warned": Text("Nhận, có cảnh báo", "Taken in with a warning"),
    "held": Text("Bị giữ lại", "Held back"),
}
NO_ACCUSATION = Text(
    "Dấu hiệu không phải là kết luận vi phạm: sửa sai số liệu, nhập bù, thao tác hàng loạt cho ra cùng một dấu vết.",
    "A signal is not an accusation: a correction, late entry and a bulk action leave the same trace.",
)

# The catalogue names bases in words of both languages.
_BASES = (
    ("no legal formula found", "chưa có công thức trong văn bản pháp luật"),
    ("domain.md", "ghi chú nghiệp vụ"),
    ("line ", "dòng "),
    ("art. ", "điều "),
    ("channel only", "chỉ theo kênh"),
)


def basis(text: str) -> Text:
    """A legal basis as the catalogue has it, for a reader of either language."""
    vi = text
    for english, vietnamese in _BASES:
        vi = vi.replace(english, vietnamese)
    return Text(vi, text.replace("domain.md", "domain notes"))
