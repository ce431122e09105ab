"""First steps with the published marts, for marimo: ``marimo edit docs/notebooks/first_steps.py``.

It takes the home of ``CCHC_HOME`` (default ``./data``), and runs as a plain script as well.
"""

import marimo

__generated_with = "0.25.2"
app = marimo.App(width="medium", app_title="cchc: những bước đầu · first steps")


@app.cell(hide_code=True)
def _():
    import marimo as mo

    mo.md("""
    # Những bước đầu với dữ liệu công bố · First steps with the published marts

    `Marts` mở bản công bố hiện hành, chỉ đọc; mọi câu trả lời đều từ một bản cho đến khi gọi `refresh()`.
    _`Marts` opens the current snapshot, read-only; all answers come from one snapshot until `refresh()` is called._
    """)
    return (mo,)


@app.cell
def _():
    from pipelines.client import Marts

    marts = Marts()
    marts
    return (marts,)


@app.cell(hide_code=True)
def _(mo):
    mo.md("""
    ## 1. Đúng hạn theo từng quy tắc · On time, by rule

    Không có «tỷ lệ đúng hạn» nếu không nêu tên quy tắc; phần không thuộc loại nào đứng riêng.
    _There is no share "on time" without the name of a rule; what no class takes stands by itself._
    """)


@app.cell
def _(marts):
    by_rule = marts.pandas("""
        select
            rule_code as "quy tắc",
            sum(resolved_count) as "đã giải quyết",
            sum(early_count) as "trước hạn",
            sum(on_time_count) as "đúng hạn",
            sum(late_count) as "quá hạn",
            sum(unexplained_count) as "chưa giải thích được"
        from rpt_dossier_resolution
        group by rule_code
        order by rule_code
    """)
    by_rule
    return (by_rule,)


@app.cell(hide_code=True)
def _(mo):
    mo.md("""
    ## 2. Hồ sơ trực tuyến qua từng tháng · Dossiers filed on line, month by month

    Tử số và mẫu số được cộng trước khi chia. _Numerators and denominators are added up before they are divided._
    """)


@app.cell
def _(marts):
    # A relation: nothing is computed until it is asked for.
    online = marts.table("rpt_indicator").filter("indicator_code = 'DOSSIER_ONLINE' and period_type = 'month'")
    by_month = (
        online.filter("value is not null")
        .aggregate("period_start as month, sum(numerator) / sum(denominator) as share, max(target) as target")
        .order("month")
        .df()
    )
    by_month
    return (by_month,)


@app.cell
def _(by_month):
    import altair as alt

    months = alt.Chart(by_month).encode(alt.X("month:T", title="Tháng", axis=alt.Axis(format="%m/%Y")))
    shares = months.mark_line(point=True).encode(
        alt.Y("share:Q", title="Tỷ lệ hồ sơ trực tuyến", axis=alt.Axis(format=".0%")),
        tooltip=[
            alt.Tooltip("month:T", title="Tháng", format="%m/%Y"),
            alt.Tooltip("share:Q", title="Tỷ lệ", format=".1%"),
        ],
    )
    targets = months.mark_line(strokeDash=[4, 4], color="gray").encode(alt.Y("target:Q", title="Chỉ tiêu"))
    chart = (shares + targets).properties(
        width=560, title="Hồ sơ nộp trực tuyến của tỉnh; nét đứt: chỉ tiêu phía trước"
    )
    chart
    return (chart,)


@app.cell(hide_code=True)
def _(mo):
    mo.md("""
    ## 3. Đơn vị nào còn xa chỉ tiêu nhất? · Which agencies are furthest from the target?

    Giá trị được truyền bằng tham số. _Values go in as parameters._
    """)


@app.cell
def _(marts):
    furthest = marts.pandas(
        """
        select a.agency_name as "đơn vị", i.numerator as "tử số", i.denominator as "mẫu số",
               i.value as "giá trị", i.gap as "còn thiếu"
        from rpt_indicator as i
        inner join dim_agency as a using (agency_code)
        where i.indicator_code = $indicator and i.period_type = 'year' and i.denominator >= $least
        qualify row_number() over (partition by i.agency_code order by i.period_start desc) = 1
        order by i.gap desc, a.agency_code
        limit 10
        """,
        {"indicator": "DOSSIER_ONLINE", "least": 5},
    )
    furthest
    return (furthest,)


@app.cell(hide_code=True)
def _(mo):
    mo.md("""
    ## Số liệu tính đến khi nào · As of when

    Mỗi bảng có `as_of`. Con số của một ngày đã qua được tính lại bằng `cchc inspection … --as-of NGÀY`.
    _Each table carries `as_of`. A figure as it was known on a past day comes from `cchc inspection … --as-of DAY`._
    """)


@app.cell
def _(marts):
    known_up_to = marts.as_of
    ages = marts.pandas(
        'select source as "nguồn", stream as "luồng", last_exported_at as "xuất lần cuối", age_days as "tuổi (ngày)" '
        "from rpt_source_freshness order by all"
    )
    ages
    return ages, known_up_to


if __name__ == "__main__":
    app.run()
