"""Personal values as keyed hashes, as SQL over text in canonical form (``domain.md`` §1.6).

HMAC-SHA256 in DuckDB takes almost two microseconds: ``by_value`` hashes each distinct value of a batch once.
"""

from __future__ import annotations

from pipelines.domain.contracts import Column, Privacy
from pipelines.domain.pseudonyms import pseudonym_sql
from pipelines.storage.engine import quote_text


def hashed_sql(column: Column, value: str, key: bytes) -> str:
    """The expression ``value`` as it may pass the lake under the column's privacy; null stays null.

    A mail address keeps its domain: it tells the agency, not the person. An address of the server's own
    (``system_names``) stays as it is. Case does not matter in addresses. ``emails`` is a list with ``;`` between.
    """
    match column.privacy:
        case Privacy.PERSONAL:
            return pseudonym_sql(key, value)
        case Privacy.EMAIL:
            return _address_sql(column, f"lower({value})", key)
        case Privacy.EMAILS:
            addresses = f"list_transform(string_split(lower({value}), ';'), lambda a: trim(a))"
            filled = f"list_filter({addresses}, lambda a: a <> '')"
            return f"array_to_string(list_transform({filled}, lambda a: {_address_sql(column, 'a', key)}), ';')"
        case _:
            return value


def _address_sql(column: Column, address: str, key: bytes) -> str:
    domain = f"case when contains({address}, '@') then '@' || split_part({address}, '@', -1) else '' end"
    hashed = f"{pseudonym_sql(key, address)} || {domain}"
    if column.system_names is None:
        return hashed
    return f"case when regexp_matches({address}, {quote_text(column.system_names)}) then {address} else {hashed} end"
