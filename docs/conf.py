"""How Sphinx makes the documentation's site (`make docs`): see decision 14."""

import sys
from importlib.metadata import version as version_of
from pathlib import Path

from pygments.lexers.special import TextLexer
from sphinx.application import Sphinx

sys.path.insert(0, str(Path(__file__).parent))  # where flowcharts.py is

project = "cchc"
author = "cchc"
release = version_of("cchc")
language = "en"

# The root of the checkout is the source, so that README.md and docs/ lead to each other as they do on a git host.
root_doc = "docs/index"
include_patterns = ["*.md", "docs/**"]
exclude_patterns = [".*", "build", "data"]  # folders that are not even looked into
extensions = ["flowcharts", "myst_parser"]

# Anchors are those that git hosts give to headings, down to this level; links to them are checked.
myst_heading_anchors = 4

html_theme = "furo"
html_title = "cchc"
html_copy_source = False
html_show_sphinx = False

# `make docs-links`: what lies outside, asked now and then and not by CI.
linkcheck_timeout = 20
linkcheck_workers = 4
linkcheck_ignore = [r"http://localhost.*"]


def setup(app: Sphinx) -> None:
    """Show blocks of CSV as they are: no lexer knows the language."""
    app.add_lexer("csv", TextLexer)
