"""An inspection in sentences, as a report of an inspection team puts it (the article of 2021, ``domain.md`` §4).

Sentences say what the figures say and nothing more: what no class takes stands beside the classes, what is not known
says why, and no cause is given that no source gave.
"""

from __future__ import annotations

from dataclasses import dataclass, replace

from pipelines.flows.inspection_figures import CLASSES
from pipelines.flows.inspection_parts import Figure, Inspection, Ranking
from pipelines.flows.inspection_words import Words

# Codes of the catalogue that these paragraphs tell of, where it has them.
_SURVEY, _INDEX, _PUBLICITY = ("SURVEY_SATISFACTION",), ("PAR_SCORE", "PAR_RANK"), ("WEBSITE_POSTS", "PAR_INITIATIVES")


@dataclass(frozen=True)
class Paragraph:
    """A title, its sentences, the codes of their definitions and the systems whose files they rest on."""

    title: str
    text: str
    codes: tuple[str, ...] = ()
    systems: tuple[str, ...] = ()


def paragraphs(found: Inspection, words: Words) -> list[Paragraph]:
    """The whole inspection, a paragraph for each matter; what it names can be looked up in the inspection."""
    parts = [
        _dossiers(found, words),
        _late(found, words),
        *(p for s in ("igate", "idesk", "mail") if (p := _figures(found, words, s)) is not None),
        _survey(found, words),
        _ranking(found, words),
        _publicity(found, words),
    ]
    told = [*parts, *([_signals(found, words)] if found.signals else [])]
    codes, systems = {d.code for d in found.definitions}, {s.system for s in found.sources}
    return [
        replace(
            paragraph,
            codes=tuple(c for c in paragraph.codes if c in codes),
            systems=tuple(s for s in paragraph.systems if s in systems),
        )
        for paragraph in told
    ]


def _name(found: Inspection, words: Words) -> str:
    return words(found.agency_name, found.agency_name_en)


def _dossiers(found: Inspection, words: Words) -> Paragraph:
    n = words.count
    period, name = words.period(found.start, found.end), _name(found, words)
    text = words(
        f"{period}, {name} đã giải quyết {n(found.resolved)} hồ sơ thủ tục hành chính: "
        f"{n(found.early)} hồ sơ trước hạn, {n(found.on_time)} hồ sơ đúng hạn, {n(found.late)} hồ sơ quá hạn.",
        f"{period} {name} resolved {n(found.resolved)} dossiers: "
        f"{n(found.early)} early, {n(found.on_time)} on time, {n(found.late)} late.",
    )
    classes = n(found.early + found.on_time + found.late)
    if found.unexplained:
        causes = ", ".join(f"{n(c.count)} {words(c.name_vi, c.name_en)}" for c in found.causes)
        text += words(
            f" Ba loại cộng lại là {classes}; {n(found.unexplained)} hồ sơ không thuộc loại nào: {causes}.",
            f" The classes make {classes}; {n(found.unexplained)} are in no class: {causes}.",
        )
    elif found.resolved:
        text += words(f" Ba loại cộng lại đúng {classes}.", f" The classes make exactly {classes}.")
    open_ = found.pending
    text += words(
        f" Kỳ trước chuyển sang {n(open_.carried_over)} hồ sơ, trong kỳ tiếp nhận {n(found.received)} hồ sơ. Cuối kỳ "
        f"còn {n(open_.total)} hồ sơ đang giải quyết, trong đó {n(open_.late)} hồ sơ đã quá hạn.",
        f" {n(open_.carried_over)} were carried over and {n(found.received)} received in the period. At its end "
        f"{n(open_.total)} were open, {n(open_.late)} of them past their due date.",
    )
    return Paragraph(words("Giải quyết hồ sơ", "Dossiers"), text, CLASSES, ("igate",))


def _late(found: Inspection, words: Words) -> Paragraph:
    n = words.count
    if not found.late:
        text = words("Không có hồ sơ giải quyết quá hạn.", "No dossier was resolved late.")
        return Paragraph(words("Hồ sơ quá hạn", "Late dossiers"), text, ("DOSSIER_LATE",), ("igate",))
    days = max((d.days for d in found.late_dossiers), default=0)
    apologies = sum(d.has_apology for d in found.late_dossiers)
    supplements = sum(d.supplements > 0 for d in found.late_dossiers)
    shown = len(found.late_dossiers)
    of = words(f"Trong {n(shown)} hồ sơ được liệt kê", f"Of the {n(shown)} that are listed")
    text = words(
        f"{n(found.late)} hồ sơ giải quyết quá hạn, chậm nhất {n(days)} ngày. {of}, {n(apologies)} có phiếu xin lỗi, "
        f"{n(supplements)} có yêu cầu bổ sung. Nguồn dữ liệu không ghi nguyên nhân; bảng nêu bước xử lý dài nhất.",
        f"{n(found.late)} dossiers were resolved late, at most {n(days)} days. {of}, {n(apologies)} have an apology "
        f"slip, {n(supplements)} a request for supplements. No source gives a reason; the table has the longest step.",
    )
    return Paragraph(words("Hồ sơ quá hạn", "Late dossiers"), text, ("DOSSIER_LATE",), ("igate",))


def _figures(found: Inspection, words: Words, system: str) -> Paragraph | None:
    """Every figure of a system; those without a value at the end, by reason."""
    shown = [f for f in found.figures if f.system == system]
    if not shown:
        return None
    told = [_figure(f, words) for f in shown if f.value is not None]
    reasons = dict.fromkeys(f.na_reason for f in shown if f.value is None)
    for reason in reasons:
        names = ", ".join(words(f.name_vi, f.name_en) for f in shown if f.value is None and f.na_reason == reason)
        told.append(f"{words('không có số liệu', 'no figure')} ({words.reason(reason)}): {names}")
    return Paragraph(words.system(system), f"{'; '.join(told)}.", tuple(f.code for f in shown), (system,))


def _figure(figure: Figure, words: Words) -> str:
    told = f"{words(figure.name_vi, figure.name_en)}: {words.value(figure.value, figure.unit)}"
    if figure.numerator is not None and figure.denominator is not None:
        told += f" ({words.count(figure.numerator)}/{words.count(figure.denominator)})"
    return told


def _survey(found: Inspection, words: Words) -> Paragraph:
    title, survey = words("Mức độ hài lòng", "Satisfaction"), found.survey
    if survey is None or survey.satisfaction is None:
        reason = words.reason("not_fed" if survey is None else survey.na_reason)
        return Paragraph(title, words(f"Mức độ hài lòng: {reason}.", f"Satisfaction: {reason}."), _SURVEY, ("survey",))
    told, threshold = words.percent(survey.satisfaction), _bare_percent(survey.threshold, words)
    gap = words.decimal(abs(survey.satisfaction - survey.threshold) * 100)
    if survey.satisfaction < survey.threshold:
        text = words(
            f"Mức độ hài lòng năm {survey.year} đạt {told}, thấp hơn ngưỡng {threshold} là {gap} điểm phần trăm.",
            f"Satisfaction in {survey.year} was {told}, {gap} percentage points below the threshold of {threshold}.",
        )
    else:
        text = words(
            f"Mức độ hài lòng năm {survey.year} đạt {told}, đạt ngưỡng {threshold}.",
            f"Satisfaction in {survey.year} was {told} and reaches the threshold of {threshold}.",
        )
    if survey.respondents is not None:
        text += words(
            f" Số phiếu: {words.count(survey.respondents)}.", f" {words.count(survey.respondents)} answers came in."
        )
    return Paragraph(title, text, _SURVEY, ("survey",))


def _bare_percent(share: float, words: Words) -> str:
    """``90 %``: without the decimals of a whole number."""
    text = words.percent(share)
    return text.replace(words(",00 %", ".00 %"), " %")


def _ranking(found: Inspection, words: Words) -> Paragraph:
    title, ranking = words("Chỉ số và xếp hạng CCHC", "PAR index and rank"), found.ranking
    if ranking is None:
        reason = words.reason("not_fed")
        return Paragraph(title, words(f"Chỉ số CCHC: {reason}.", f"PAR index: {reason}."), _INDEX, ("par_index",))
    if ranking.rank is None:
        reason = words.reason(ranking.na_reason)
        text = words(
            f"Chỉ số CCHC năm {ranking.year}: không có thứ hạng ({reason}).",
            f"PAR index {ranking.year}: there is no rank ({reason}).",
        )
        return Paragraph(title, text, _INDEX, ("par_index",))
    moves = [
        _move(words, by, year, rank)
        for by, year, rank in (
            (ranking.since_previous, ranking.previous_year, ranking.previous_rank),
            *(((ranking.since_first, ranking.first_year, ranking.first_rank),) if _is_older(ranking) else ()),
        )
        if by is not None and year is not None
    ]
    place = words.count(ranking.rank) + (f"/{words.count(ranking.ranked)}" if ranking.ranked else "")
    points = words.decimal(ranking.score)
    score = "" if ranking.score is None else words(f" ({points} điểm)", f" ({points} points)")
    moved = (", " if moves else "") + words(" và ", " and ").join(moves)
    text = words(
        f"Chỉ số CCHC năm {ranking.year} xếp thứ {place}{score}{moved}.",
        f"The PAR index of {ranking.year} ranks {place}{score}{moved}.",
    )
    return Paragraph(title, text, _INDEX, ("par_index",))


def _is_older(ranking: Ranking) -> bool:
    return ranking.first_year is not None and ranking.first_year != ranking.previous_year


def _move(words: Words, by: int, year: int, rank: int | None) -> str:
    at = "" if rank is None else words(f" (thứ {words.count(rank)})", f" ({words.count(rank)})")
    if by == 0:
        return words(f"giữ bậc so với năm {year}{at}", f"unchanged since {year}{at}")
    places = words.count(abs(by))
    if by > 0:
        return words(f"tăng {places} bậc so với năm {year}{at}", f"up {places} since {year}{at}")
    return words(f"giảm {places} bậc so với năm {year}{at}", f"down {places} since {year}{at}")


def _publicity(found: Inspection, words: Words) -> Paragraph:
    if found.website_posts is None:
        reason = words.reason(found.website_na_reason)
        text = words(f"Tin bài trên cổng: {reason}.", f"Website posts: {reason}.")
    else:
        posts = words.count(found.website_posts)
        text = words(f"Cổng, trang thông tin đăng {posts} tin bài.", f"{posts} posts stand on the website.")
    told = words.reason(found.initiatives_na_reason) if found.initiatives is None else words.count(found.initiatives)
    text += words(f" Sáng kiến CCHC được công nhận: {told}.", f" Initiatives recognised: {told}.")
    sources = tuple(s for s in ("website", "initiatives") if s in {f.system for f in found.sources})
    return Paragraph(words("Tuyên truyền, sáng kiến", "Publicity and initiatives"), text, _PUBLICITY, sources)


def _signals(found: Inspection, words: Words) -> Paragraph:
    number = words.count(len(found.signals))
    text = words(
        f"{number} dấu hiệu cần xem lại, kèm tỷ lệ toàn tỉnh. Dấu hiệu không phải là kết luận vi phạm.",
        f"{number} signals to look at, the province's share beside. A signal is not an accusation.",
    )
    return Paragraph(words("Dấu hiệu", "Signals"), text, (), ("igate",))
