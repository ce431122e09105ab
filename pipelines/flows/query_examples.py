"""Writes ``docs/queries.md``: the questions of ``docs/queries/``, each with its SQL and its first rows.

The rows are of a small simulated province, so that a test can hold the page against them.

Run as ``python -m pipelines.flows.query_examples``; a minute.
"""

from __future__ import annotations

import re
import sys
from collections.abc import Sequence
from dataclasses import dataclass
from datetime import date
from pathlib import Path
from tempfile import TemporaryDirectory

from pipelines.client import Marts
from pipelines.domain.errors import InternalFault

_DOCS = Path(__file__).resolve().parents[2] / "docs"
FOLDER = _DOCS / "queries"
PAGE = _DOCS / "queries.md"
# The province of the page: exports of three months.
SEED, DIRT, MONTHS, SCALE, FIRST_MONTH = 1, 0.02, 3, 0.03, date(2020, 1, 1)

_SHOWN = 5
_HEAD = f"""# Câu hỏi mẫu · Questions and their queries

Trang này sinh từ `docs/queries/*.sql`; đừng sửa tay. Generated from these files by
`python -m pipelines.flows.query_examples`; do not edit. Ask one of your own home:
`cchc sql -f docs/queries/01-on-time-by-rule.sql`, or `Marts().sql(...)` ([for analysts](analyst.md)).

Dưới mỗi câu hỏi là {_SHOWN} dòng đầu của một tỉnh mô phỏng nhỏ · Below each stand its first {_SHOWN} rows, of a small
simulated province (`cchc simulate exports --from {FIRST_MONTH:%Y-%m} --months {MONTHS} --scale {SCALE} --seed {SEED}`).
"""


@dataclass(frozen=True)
class Question:
    """One file: what is asked in both languages, by whom, and the query."""

    name: str
    vi: str
    en: str
    asked_by: str
    sql: str


def questions() -> tuple[Question, ...]:
    """Every question, in the order of the files' names.

    Raises:
        InternalFault: a file does not begin with its question; the message names it.
    """
    return tuple(_question(path) for path in sorted(FOLDER.glob("*.sql")))


def page(marts: Marts) -> str:
    """The whole page as Markdown, with rows of these marts."""
    return "".join([_HEAD, *(_section(question, marts) for question in questions())])


def _question(path: Path) -> Question:
    text = path.read_text(encoding="utf-8")
    found = re.fullmatch(r"-- vi: ([^\n]+)\n-- en: ([^\n]+)\n-- asked by: ([^\n]+)\n(.+)", text, re.DOTALL)
    if found is None:
        raise InternalFault(f"{path.name} does not begin with its question (vi, en, asked by).")
    return Question(path.stem, *found.groups())


def _section(question: Question, marts: Marts) -> str:
    number = question.name.split("-")[0]
    answer = marts.sql(question.sql)
    rows = answer.project("cast(columns(*) as varchar)").limit(_SHOWN).fetchall()
    lines = [
        f"\n## {int(number)}. {question.vi}\n",
        f"_{question.en}_ — {question.asked_by}\n",
        f"```sql\n{question.sql.strip()}\n```\n",
        f"| {' | '.join(answer.columns)} |",
        "|" + "---|" * len(answer.columns),
        *(f"| {' | '.join(_cells(row))} |" for row in rows),
    ]
    return "\n".join(lines) + "\n"


def _cells(row: Sequence[str | None]) -> list[str]:
    return ["" if cell is None else cell.replace("|", "\\|") for cell in row]


def main() -> None:
    """Make the province, write the page, and say where."""
    from pipelines.flows.run import run
    from pipelines.settings import Settings
    from pipelines.simulate.config import SimulationConfig
    from pipelines.simulate.province import simulate

    with TemporaryDirectory(prefix="cchc-queries-") as folder:
        exports = Path(folder) / "exports"
        simulate(SimulationConfig(exports, start=FIRST_MONTH, months=MONTHS, scale=SCALE, seed=SEED, dirt=DIRT))
        settings = Settings(home=Path(folder) / "home", pseudonym_key="of no home that is kept", settle_seconds=0)
        run(settings, inbox=str(exports))
        with Marts(settings.home) as marts:
            PAGE.write_text(page(marts), encoding="utf-8")
    sys.stdout.write(f"{PAGE}\n")


if __name__ == "__main__":
    main()
