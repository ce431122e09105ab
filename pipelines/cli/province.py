"""The sample province: ``simulate`` writes its exports, ``demo`` takes them the whole way."""

from __future__ import annotations

import json as json_module
from pathlib import Path
from typing import TYPE_CHECKING, Annotated, Any

import typer

from pipelines.cli import figures, job, progress
from pipelines.cli.shell import Debug, Json, begin, count, emit, month_of, say

if TYPE_CHECKING:
    from pipelines.settings import Settings
    from pipelines.simulate.config import SimulationConfig

_DEMO_SCALE = 0.01


def add_to(app: typer.Typer) -> None:
    """Add this module's commands."""
    app.command(epilog="Example: `cchc simulate exports --scale 0.1 --dirt 0`")(simulate)
    app.command(epilog="Example: `cchc demo --home data/demo`")(demo)


def simulate(
    directory: Annotated[Path, typer.Argument(help="Where the exports are written.")],
    first: Annotated[str, typer.Option("--from", help="First month, YYYY-MM.")] = "2020-01",
    months: Annotated[int, typer.Option(help="How many months.")] = 16,
    scale: Annotated[float, typer.Option(help="Size; 1.0 and 16 months are about 300,000 dossiers.")] = 1.0,
    seed: Annotated[int, typer.Option(help="The same seed gives the same bytes.")] = 1,
    dirt: Annotated[float, typer.Option(help="Share of rows beside which a fault is planted.")] = 0.02,
    json: Json = False,
    debug: Debug = False,
) -> None:
    """Write a sample province's exports, and `truth.json` that lists every planted fault.

    From January 2020 for 16 months or more, one scenario is planted on purpose: the department of
    education carries the figures of a published inspection (1,887 resolved, 1,143 early, 738 on time,
    3 late, 3 in no class).
    """
    from pipelines.simulate.config import SimulationConfig

    begin(as_json=json, debug=debug)
    config = SimulationConfig(
        directory=directory, start=month_of(first), months=months, scale=scale, seed=seed, dirt=dirt
    )
    result = _simulate(config)
    if not emit(result):
        say(
            f"{count(result.rows)} rows in {count(result.files)} files under {result.directory}, "
            f"{result.seconds:.1f} s, {count(round(result.rows / result.seconds))} rows/s."
        )


def _simulate(config: SimulationConfig) -> Any:
    from pipelines.simulate.province import simulate as simulate_province

    with progress.counting("simulating") as tell:
        return simulate_province(config, on_progress=tell)


def demo(
    home: Annotated[Path, typer.Option(help="Where the demonstration lives; safe to remove.")] = Path("data/demo"),
    debug: Debug = False,
) -> int:
    """Simulate a small province, run the whole pipeline on it, and show the figures that matter."""
    from pipelines.flows.run import run

    settings = _settings_of_demo(home, debug=debug)
    exports = home / "exports"
    if not (exports / "truth.json").exists():
        say(f"Simulating a small province (scale {_DEMO_SCALE}, 16 months, with planted faults) …")
        result = _simulate(_config_of_demo(exports))
        say(f"  {count(result.rows)} rows in {count(result.files)} files, {result.seconds:.1f} s")
    say("Collect → prepare → validate → load → build → gate → publish → report …")
    with progress.of_run() as tell:
        done = run(settings, inbox=str(exports), on_progress=tell)
    if not progress.shows():
        for step in done.steps:
            say("  " + progress.line_of(step.name, step.seconds, dict(step.counts)))
    job.show_run(done)
    _show_figures(settings, exports)
    say(f"Page:    {done.page}")
    say(f"Tables:  {settings.home}/published/current.duckdb (schema marts), Parquet beside it")
    say(f"More:    CCHC_HOME={home} {_KEY_VARIABLE}={_key_file(home)} cchc status")
    return 1 if done.faults else 0


_KEY_VARIABLE = "CCHC_PSEUDONYM_KEY_FILE"


def _key_file(home: Path) -> Path:
    return home / "pseudonym.key"


def _settings_of_demo(home: Path, *, debug: bool) -> Settings:
    from pipelines.flows.doctor import create_key

    key = _key_file(home)
    if not key.exists():
        create_key(key)
    settings = begin(debug=debug, home=home, pseudonym_key_file=key, settle_seconds=0)
    return settings.model_copy(update={"databases": None})  # the demonstration is of its own exports only


def _config_of_demo(exports: Path) -> SimulationConfig:
    from pipelines.simulate.config import SimulationConfig

    return SimulationConfig(directory=exports, scale=_DEMO_SCALE)


def _show_figures(settings: Settings, exports: Path) -> None:
    """The headline, then the inspection that the truth of the exports says was planted."""
    from pipelines.flows.inspection import inspection
    from pipelines.flows.inspection_words import words_of

    figures.show_headline(settings)
    scenario = json_module.loads((exports / "truth.json").read_text(encoding="utf-8"))["scenario"]
    found = inspection(
        settings,
        agency=scenario["agency_code"],
        start=month_of(scenario["from"]),
        end=month_of(scenario["to"]),
    )
    figures.show_inspection(found, words_of("vi"))
