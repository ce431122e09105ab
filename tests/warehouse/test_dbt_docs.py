"""dbt's own documentation is one page that holds what the models say of themselves."""

from __future__ import annotations

from collections.abc import Callable

import pytest

from pipelines.domain.errors import WrongUse
from pipelines.flows.data_dictionary import models
from pipelines.flows.dbt_docs import dbt_docs
from pipelines.settings import Settings
from pipelines.storage.home import Home
from tests.forked_dbt import forked_dbt
from tests.warehouse.conftest import Nights


def test_it_is_one_page_that_holds_every_model(nights: Nights) -> None:
    with forked_dbt():
        page = dbt_docs(nights.settings)
    text = page.read_text(encoding="utf-8")
    assert [m.name for m in models() if f"model.cchc.{m.name}" not in text] == []
    assert page.is_relative_to(nights.home.build)
    assert "<script src=" not in text


def test_before_the_first_build_it_says_what_to_do(make_settings: Callable[..., Settings]) -> None:
    settings = make_settings()
    with pytest.raises(WrongUse, match="cchc build"):
        dbt_docs(settings)
    assert not Home(settings.home).build.exists()
