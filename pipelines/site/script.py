"""The script that draws charts: Vega-Embed and the compiled charts, packed into one text that every page carries.

Making it takes seconds and depends on nothing but versions, so it is kept in a folder. It is a text of base64 over
gzip, half as long: a page stays small, and the browser unpacks it after the page is painted.
"""

from __future__ import annotations

import base64
import gzip
import hashlib
import json
from importlib.metadata import version
from pathlib import Path

from pipelines.site import charts
from pipelines.storage.atomic import whole_file

_DRAWING = Path(__file__).parent / "assets" / "charts.js"
_SPECS = "/* specs */ {}"


def chart_script(cache: Path) -> str:
    """The packed script, from the folder ``cache`` if it was made there before by the same versions."""
    kept = cache / f"charts-{_mark()}.txt"
    if not kept.exists():
        with whole_file(kept) as draft:
            draft.write_text(_packed(_bundle()), encoding="ascii")
    return kept.read_text(encoding="ascii")


def _mark() -> str:
    """Of all that it is made from."""
    sources = (_DRAWING, Path(charts.__file__), Path(__file__))
    digest = hashlib.sha256(b"".join(source.read_bytes() for source in sources))
    digest.update(f"{version('altair')} {version('vl-convert-python')}".encode())
    return digest.hexdigest()[:16]


def _bundle() -> str:
    """Vega-Embed with what it needs, then our drawing; the module ``vega`` itself comes out of vl-convert empty."""
    import vl_convert

    library = vl_convert.javascript_bundle("window.vegaEmbed = vegaEmbed;")
    drawing = _DRAWING.read_text(encoding="utf-8").replace(_SPECS, json.dumps(charts.specs()))
    return "\n".join(f"(() => {{{part}}})();" for part in (library, drawing))


def _packed(script: str) -> str:
    return base64.b64encode(gzip.compress(script.encode(), compresslevel=9, mtime=0)).decode()
