"""A text of JSON that looks like a list or an object is a text; a list where the contract has none is a reject."""

from __future__ import annotations

import json
from collections.abc import Callable

import pytest

from pipelines.settings import Settings
from tests.formats.taken_in import HEADER, cells, prepared

Make = Callable[..., Settings]
NAMES = ["[1]", "{}", '{"a": 1}', "[khẩn]", [1], {}]


@pytest.mark.parametrize("broken", [(), ("[", "{")], ids=["whole", "broken"])
def test_a_text_stays_and_a_list_goes(make_settings: Make, broken: tuple[str, ...]) -> None:
    records = [dict(zip(HEADER, cells(n), strict=True)) | {"TenTTHC": v} for n, v in enumerate(NAMES, start=1)]
    data = "\n".join([*(json.dumps(r, ensure_ascii=False) for r in records), *broken])
    package = prepared(make_settings(), "igate.dossiers", "hoso_20200104_20200105T010000.json", data)
    assert package.column("procedure_name") == NAMES[:4]
    assert [rule for _, rule in package.rejects()] == ["nested_value"] * 2 + ["broken_json"] * len(broken)
