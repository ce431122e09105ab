"""The row-level rules of a contract, as SQL text.

Pure text generation: a contract in, SQL out. The rules that move a row to quarantine and the
expectations that report (``suites.py``) are both made from what stands here, so a rule has one
home; ``batches.py`` checks at every run that both count the same rows.

All rules read the *checked relation* (``checked_relation``): every column under its own name in
its type (null where the text does not cast), and for columns that are not text the canonical text
beside it under ``<name>__text``. The predicates of a contract's own rules therefore run as written.
"""

from __future__ import annotations

from collections.abc import Iterable, Iterator, Sequence
from dataclasses import dataclass
from pathlib import Path

from pipelines.domain.contracts import Column, ColumnType, Contract, Severity, Surprises

LINEAGE = ("_batch_id", "_source_file", "_exported_at", "_row_number")
FINDING_COLUMNS = "_batch_id, _source_file, _row_number, rule, column_name, value, severity"
DUPLICATE_KEY = "duplicate_key"
_BETWEEN_COLUMNS = ", "
_BAD_TYPE = {
    ColumnType.INTEGER: "bad_number",
    ColumnType.DECIMAL: "bad_number",
    ColumnType.BOOLEAN: "bad_boolean",
    ColumnType.DATE: "bad_date",
    ColumnType.DATETIME: "bad_date",
}
# DuckDB's own casts take more than canonical text ('1e3' and '5.7' as integers, 'epoch' as a date).
# A time may have fractions of a second.
_TYPED = {
    ColumnType.INTEGER: "case when regexp_full_match({0}, '-?[0-9]+') then try_cast({0} as bigint) end",
    ColumnType.DECIMAL: (
        "case when regexp_full_match({0}, '-?[0-9]+([.][0-9]+)?') then try_cast({0} as decimal(18, 4)) end"
    ),
    ColumnType.BOOLEAN: "case {0} when 'true' then true when 'false' then false end",
    ColumnType.DATE: "case when {0} like '____-__-__' then try_cast({0} as date) end",
    ColumnType.DATETIME: "case when {0} like '____-__-__ __:__:__%' then try_cast({0} as timestamp) end",
}


@dataclass(frozen=True)
class RowRule:
    """One rule that a row keeps or breaks.

    ``fault`` is an SQL predicate over the checked relation, true for a faulty row (false or null
    otherwise). ``native`` tells that the same rule can be put as a stock expectation: the earlier
    rules of its column cannot hide it.
    """

    code: str
    columns: tuple[str, ...]
    severity: Severity
    fault: str
    native: bool = False

    @property
    def column_name(self) -> str:
        """The column, or the columns with commas between."""
        return _BETWEEN_COLUMNS.join(self.columns)


def quoted(name: str) -> str:
    """An SQL identifier."""
    return '"' + name.replace('"', '""') + '"'


def literal(value: str) -> str:
    """An SQL string."""
    return "'" + value.replace("'", "''") + "'"


def parquet_relation(paths: Sequence[Path]) -> str:
    """An SQL relation over Parquet files of one shape."""
    return f"read_parquet([{', '.join(literal(str(path)) for path in paths)}])"


def text_name(column: Column) -> str:
    """Name of a column's canonical text in the checked relation."""
    return column.name if column.type is ColumnType.TEXT else f"{column.name}__text"


def typed(column: Column) -> str:
    """The value of a column, null where the canonical text is none of its type."""
    return _TYPED.get(column.type, "{0}").format(quoted(column.name))


def is_wrong_type(rule: str) -> bool:
    """Whether a rule is the one that a value of a wrong type breaks."""
    return rule in _BAD_TYPE.values()


def checked_relation(contract: Contract, source: str) -> str:
    """A query with lineage, typed columns and canonical texts; ``source`` is an SQL relation."""
    columns = [quoted(name) for name in LINEAGE]
    for column in contract.columns:
        columns.append(f"{typed(column)} as {quoted(column.name)}")
        if column.type is not ColumnType.TEXT:
            columns.append(f"{quoted(column.name)} as {quoted(text_name(column))}")
    return f"select {', '.join(columns)} from {source}"


def rules_of(contract: Contract) -> tuple[RowRule, ...]:
    """Every row rule of a contract except the key, in contract order.

    Of one column's own rules a row breaks at most the first (required, type, pattern, enum,
    range): what follows from it is not told again. A rule over a null is not broken, and a rule
    over several columns is not asked where one of them could not be read.
    """
    own = [rule for column in contract.columns for rule in _column_rules(column, contract.surprises)]
    several = []
    for rule in contract.rules:
        columns = [contract.column(name) for name in rule.columns]
        readable = [
            f"({quoted(column.name)} is not null or {quoted(text_name(column))} is null)"
            for column in columns
            if column.type is not ColumnType.TEXT
        ]
        several.append(RowRule(rule.code, rule.columns, rule.severity, " and ".join([f"({rule.fault})", *readable])))
    return (*own, *several)


def _column_rules(column: Column, surprises: Surprises) -> Iterator[RowRule]:
    value, text = quoted(column.name), quoted(text_name(column))
    is_text = column.type is ColumnType.TEXT
    at = (column.name,)
    if column.required:
        yield RowRule("required_missing", at, column.severity, f"{text} is null", native=True)
    if not is_text:
        lenient = surprises.wrong_type in ("evolve", "discard_value") and not column.required
        severity = Severity.WARN if lenient else column.severity
        yield RowRule(_BAD_TYPE[column.type], at, severity, f"{text} is not null and {value} is null")
    earlier = "" if is_text else f"{value} is not null and "
    if column.pattern is not None:
        broken = f"not regexp_matches({text}, {literal(column.pattern)})"
        yield RowRule("bad_pattern", at, column.severity, earlier + broken, native=is_text)
        earlier += f"not ({broken}) and "
    if column.enum is not None:
        broken = _outside_enum(column)
        yield RowRule("bad_enum", at, column.severity, earlier + broken, native=column.pattern is None)
        earlier += f"not ({broken}) and "
    if column.min is not None or column.max is not None:
        alone = column.pattern is None and column.enum is None
        yield RowRule("out_of_range", at, column.severity, earlier + _out_of_range(column), native=alone)


def _outside_enum(column: Column) -> str:
    codes = column.enum or {}
    if column.type is ColumnType.INTEGER:
        return f"{quoted(column.name)} not in ({', '.join(str(int(code)) for code in codes)})"
    return f"{quoted(text_name(column))} not in ({', '.join(literal(code) for code in codes)})"


def _out_of_range(column: Column) -> str:
    value = quoted(column.name)
    sides = []
    if column.min is not None:
        sides.append(f"{value} < {column.min:.15g}")
    if column.max is not None:
        sides.append(f"{value} > {column.max:.15g}")
    return f"({' or '.join(sides)})"


def findings_query(contract: Contract, rules: Sequence[RowRule], checked: str) -> str:
    """One pass that gives a row for every row and rule broken; the key's rule is apart.

    Columns: ``_batch_id, _source_file, _row_number, rule, column_name, value, severity``. Rows
    that break nothing are left out before anything is built for them.
    """
    if not rules:
        return f"select {_finding_columns('null', 'null', 'null', 'null')} from {checked} where false"
    flags = [f"({rule.fault}) as _fault_{number}" for number, rule in enumerate(rules)]
    told = [
        f"case when _fault_{number} then {{'rule': {literal(rule.code)}, "
        f"'column_name': {literal(rule.column_name)}, 'value': {_values(contract, rule.columns)}, "
        f"'severity': {literal(rule.severity)}}} end"
        for number, rule in enumerate(rules)
    ]
    broken = " or ".join(f"_fault_{number}" for number in range(len(rules)))
    return (
        "select _batch_id, _source_file, _row_number, finding.rule, finding.column_name, finding.value, "
        "finding.severity from (select _batch_id, _source_file, _row_number, "
        f"unnest([{', '.join(told)}]) as finding from (select *, {', '.join(flags)} from {checked}) where {broken}) "
        "where finding is not null"
    )


def duplicates_query(contract: Contract, checked: str) -> str | None:
    """Every occurrence of a key after the first in its file (by row number); None without a key.

    A hash picks the few candidates, so that the window sees only them. A key with a null in it is
    not compared.
    """
    if not contract.key:
        return None
    texts = [quoted(text_name(contract.column(name))) for name in contract.key]
    whole = " and ".join(f"{text} is not null" for text in texts)
    digest = f"hash(_batch_id, {', '.join(texts)})"
    told = _finding_columns(
        literal(DUPLICATE_KEY),
        literal(_BETWEEN_COLUMNS.join(contract.key)),
        _values(contract, contract.key),
        literal(Severity.FAIL),
    )
    return (
        f"select {told} from (select *, row_number() over "
        f"(partition by _batch_id, {', '.join(texts)} order by _row_number) as _occurrence "
        f"from {checked} where {whole} and {digest} in "
        f"(select digest from (select {digest} as digest from {checked} where {whole}) "
        "group by digest having count(*) > 1)) where _occurrence > 1"
    )


def rejects_query(source: str) -> str:
    """The structural failures that ``prepare`` put aside, as findings."""
    return (
        "select _batch_id, _source_file, _row_number, rule, column_name, value, "
        f"{literal(Severity.FAIL)} as severity from {source}"
    )


def _finding_columns(rule: str, column: str, value: str, severity: str) -> str:
    return (
        f"_batch_id, _source_file, _row_number, cast({rule} as varchar) as rule, cast({column} as varchar) as "
        f"column_name, cast({value} as varchar) as value, cast({severity} as varchar) as severity"
    )


def _values(contract: Contract, names: Iterable[str]) -> str:
    texts = [quoted(text_name(contract.column(name))) for name in names]
    return texts[0] if len(texts) == 1 else f"concat_ws(' | ', {', '.join(texts)})"
