"""Ways in which the rows of a table can be dirty (``domain.md`` §5), as SQL over the texts of its cells."""

from __future__ import annotations

from dataclasses import dataclass, field

EXCEL_SERIAL = "printf('%.8f', (epoch(strptime({c}, '{f}')) - epoch(timestamp '1899-12-30')) / 86400)"
DATE_TIME, DATE = "%d/%m/%Y %H:%M:%S", "%d/%m/%Y"

# The same name written in another way: a letter of another alphabet, another apostrophe, the older place
# of the tone mark, decomposed letters, blanks too many.
ODD_NAMES = {
    "double_space": ("agency_name", "replace(agency_name, ' ', '  ')"),
    "decomposed": ("agency_name", "replace(replace(agency_name, 'ở', 'ơ' || chr(777)), 'ã', 'a' || chr(771))"),
    "foreign_letter": ("agency_name", "replace(agency_name, 'Đ', chr(208))"),
    "curly_apostrophe": ("agency_name", "replace(agency_name, chr(39), chr(8217))"),
    "tone_placement": ("agency_name", "replace(agency_name, 'hóa', 'hoá')"),
}


@dataclass(frozen=True)
class Fault:
    """A way to break a copy of a row: the rule it must be found under, and the values that break it.

    ``values`` maps columns to SQL expressions over the clean row; ``ragged`` changes the number of cells
    instead (delimited text only): ``cut`` takes cells off the end, ``added`` puts some on.
    """

    kind: str
    values: dict[str, str] = field(default_factory=dict)
    ragged: str = ""


@dataclass(frozen=True)
class Dirt:
    """How the rows of one stream can be dirty.

    ``new_key`` gives the values that make a broken copy's key one that nobody uses; ``{n}`` is its number.
    ``odd`` are values written in another allowed way: the row is clean all the same.
    """

    new_key: dict[str, str]
    faults: tuple[Fault, ...]
    odd: dict[str, tuple[str, str]]

    @property
    def in_order(self) -> tuple[Fault, ...]:
        """Faults by number: those that a sheet can have come first."""
        return (*(f for f in self.faults if not f.ragged), *(f for f in self.faults if f.ragged))

    @property
    def whole(self) -> int:
        """Number of faults that a sheet can have."""
        return sum(not f.ragged for f in self.faults)

    @property
    def touched(self) -> set[str]:
        """Columns that any of it changes."""
        columns = {c for f in self.faults for c in f.values} | {c for c, _ in self.odd.values()}
        return columns | set(self.new_key)

    def cell(self, column: str) -> str:
        """A column's text with what fault ``fault_no`` or odd way ``odd_no`` (from 1; 0 is none) makes of it."""
        cases = []
        for number, fault in enumerate(self.in_order, 1):
            changed = {**({} if fault.kind == "duplicate_key" else self.new_key), **fault.values}
            if column in changed:
                cases.append(f"when fault_no = {number} then {changed[column].replace('{n}', 'ident')}")
        for number, (of, value) in enumerate(self.odd.values(), 1):
            if of == column:
                cases.append(f"when odd_no = {number} and \"{column}\" <> '' then {value}")
        return f'case when fault_no = 0 and odd_no = 0 then "{column}" {" ".join(cases)} else "{column}" end'

    def ragged_numbers(self, how: str) -> str:
        """Numbers of the faults that are ragged in one way, for an ``in``."""
        return ", ".join(str(n) for n, f in enumerate(self.in_order, 1) if f.ragged == how) or "-1"

    @property
    def odd_kind(self) -> str:
        """The odd way that a row was really written in; null where it changes nothing."""
        cases = [
            f"when odd_no = {n} and \"{c}\" <> '' and \"{c}\" is distinct from ({v}) then '{kind}'"
            for n, (kind, (c, v)) in enumerate(self.odd.items(), 1)
        ]
        return f"case {' '.join(cases)} end"

    @property
    def fault_kind(self) -> str:
        """The rule that a broken copy must be found under."""
        kinds = ", ".join(f"'{f.kind}'" for f in self.in_order)
        return f"[{kinds}][fault_no]"


def excel_serial(column: str, written: str) -> tuple[str, str]:
    """A moment as the number that a sheet keeps for it."""
    return column, EXCEL_SERIAL.format(c=column, f=written)
