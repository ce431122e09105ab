# The same verbs as CI. `make demo` and `make test` are all a newcomer needs.
PYTHON ?= python3
VENV := .venv
BIN := $(VENV)/bin
UV_VERSION := 0.13.9
STAMP := $(VENV)/.installed
DEMO_HOME ?= data/demo

# uv reads neither pip's settings nor the system's certificates by itself; a closed network has both.
export UV_DEFAULT_INDEX ?= $(shell printf %s "$${PIP_INDEX_URL:-$$($(PYTHON) -m pip config get global.index-url 2>/dev/null)}")
ifeq ($(strip $(UV_DEFAULT_INDEX)),)
unexport UV_DEFAULT_INDEX
endif
export UV_SYSTEM_CERTS ?= true
# Nothing that we run phones home.
export DO_NOT_TRACK := 1
export GX_ANALYTICS_ENABLED := false

.DEFAULT_GOAL := help
.PHONY: help install demo browser screenshots test lint types layers sql format docs docs-links dbt-docs lock bench clean

help: ## Say what there is
	@grep -hE '^[a-z-]+:.*## ' $(MAKEFILE_LIST) | sed -E 's/:.*## /\t/' | expand -t 15

install: $(STAMP) ## Install everything that the lock file names into .venv

# Compiled once, here: where PYTHONDONTWRITEBYTECODE is set, every process would compile its libraries again.
$(STAMP): uv.lock pyproject.toml
	@$(PYTHON) -c 'import sys; sys.exit(0 if sys.version_info >= (3, 11) else "cchc needs Python 3.11 or newer; say `make PYTHON=python3.12 …`")'
	@echo "Installing into $(VENV) (once, a minute or two) …"
	@test -x $(BIN)/python || $(PYTHON) -m venv $(VENV)
	@$(BIN)/python -m pip install --quiet --disable-pip-version-check 'uv==$(UV_VERSION)'
	@$(BIN)/uv export --quiet --frozen --all-groups --no-emit-project --output-file $(VENV)/requirements.txt >/dev/null
	@$(BIN)/uv pip install --quiet --python $(BIN)/python --compile-bytecode --require-hashes -r $(VENV)/requirements.txt
	@$(BIN)/uv pip install --quiet --python $(BIN)/python --no-deps --no-build-isolation -e .
	@$(BIN)/python -m compileall -q dags deploy expectations pipelines
	@touch $(STAMP)

demo: $(STAMP) ## Simulate a small province, run the whole pipeline, show the headline figures
	@$(BIN)/cchc demo --home $(DEMO_HOME)

browser: $(STAMP) ## Find a Chromium for the pages' tests and screenshots, or install one
	@$(BIN)/python -m deploy.browser

screenshots: $(STAMP) browser ## Take the docs' pictures, of a demonstration or of the home that SHOWN names
	@$(BIN)/python -m deploy.screenshots $(SHOWN)

test: $(STAMP) browser ## The whole suite: lint, types, layers and tests, as CI runs them
	@$(MAKE) --no-print-directory --jobs=2 --output-sync lint types layers sql
	$(BIN)/python -m pytest -n 3

lint: $(STAMP) ## ruff and yamllint
	$(BIN)/ruff check .
	$(BIN)/ruff format --check --quiet .
	$(BIN)/yamllint --strict .

types: $(STAMP) ## mypy --strict
	$(BIN)/mypy

layers: $(STAMP) ## Imports point one way
	$(BIN)/lint-imports --no-cache

sql: $(STAMP) ## sqlfluff on the warehouse and the queries
	$(BIN)/sqlfluff lint --disable-progress-bar --processes 2 warehouse/models docs/queries

format: $(STAMP) ## Put the code in shape
	$(BIN)/ruff check --fix .
	$(BIN)/ruff format .

SPHINX := $(BIN)/python -m sphinx --conf-dir docs --quiet --doctree-dir build/doctrees

docs: $(STAMP) ## The documentation as pages, every link and anchor checked: build/docs
	$(SPHINX) --builder html --nitpicky --fail-on-warning --keep-going . build/docs
	@echo "Page: $(CURDIR)/build/docs/docs/index.html"

docs-links: $(STAMP) ## Ask every address outside that the documentation names (needs the network; not for CI)
	$(SPHINX) --builder linkcheck . build/links

lock: $(STAMP) ## Renew uv.lock; it pins versions and hashes and names no index host
	$(BIN)/python deploy/neutral_lock.py $(BIN)/uv

bench: $(STAMP) ## Measure every step against its floor; results in docs/performance*.md
	$(BIN)/python -m bench
	$(BIN)/python -m bench.formats
	$(BIN)/python -m bench.site
	$(BIN)/python -m bench.queries
	$(BIN)/python -m bench.build

dbt-docs: $(STAMP) ## dbt's own pages on the warehouse of CCHC_HOME, as one file under build/dbt_docs
	@$(BIN)/python -m pipelines.flows.dbt_docs

clean: ## Remove what runs left behind (never uv.lock or your exports)
	rm -rf $(VENV) .venv-superset build data .mypy_cache .ruff_cache .pytest_cache .hypothesis

-include deploy/airflow.mk
-include deploy/superset/superset.mk
