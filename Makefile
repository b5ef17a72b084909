# Two commands matter: `make run` starts everything, `make test` checks everything.
# Only Python 3.11+ and make are needed; the rest is installed into .venv.

PYTHON ?= python3
VENV := .venv
BIN := $(VENV)/bin

.PHONY: run test quick check bench screenshots install install-dev lock clean

run: install
	@exec $(BIN)/flask serve --demo

install: $(VENV)/.runtime

install-dev: $(VENV)/.dev

test: install-dev
	$(BIN)/pytest -n auto --dist worksteal $(ARGS)

# What a developer wants between two edits, in about a minute: one database, no servers.
quick: install-dev
	$(BIN)/ruff check .
	$(BIN)/mypy
	$(BIN)/pytest -n auto --dist worksteal --quick $(ARGS)

check: install-dev
	$(BIN)/ruff format --check .
	$(BIN)/ruff check .
	$(BIN)/djangofmt --check --quiet templates
	$(BIN)/djangofmt check --quiet templates
	$(BIN)/mypy
	$(BIN)/lint-imports

bench: install-dev
	$(BIN)/python -m tests.benches $(ARGS)

# The README's pictures, or with ARGS=FOLDER every page, light and dark, wide and narrow.
screenshots: install-dev
	$(BIN)/python -m tests.screenshots $(ARGS)

# Hashes only: the compiled files name no registry, so they mean the same behind any mirror.
lock:
	uv pip compile pyproject.toml --generate-hashes --no-header --no-annotate --universal --python-version 3.11 --no-emit-index-url -q -o requirements.txt $(ARGS)
	uv pip compile pyproject.toml --group dev --generate-hashes --no-header --no-annotate --universal --python-version 3.11 --no-emit-index-url -q -o requirements-dev.txt $(ARGS)

$(VENV)/bin/python:
	@$(PYTHON) -c 'import sys; sys.exit(sys.version_info < (3, 11))' 2>/dev/null || { \
	  echo "Circular needs Python 3.11 or newer: install it, or name it with 'make PYTHON=python3.12 $(MAKECMDGOALS)'."; exit 1; }
	@if command -v uv >/dev/null 2>&1; then uv venv -q --python "$(PYTHON)" $(VENV); \
	elif $(PYTHON) -c 'import ensurepip, venv' 2>/dev/null; then $(PYTHON) -m venv $(VENV); \
	else echo "Python's venv module is missing: install it (on Debian or Ubuntu: apt install python3-venv) and try again."; exit 1; fi

$(VENV)/.runtime: requirements.txt | $(VENV)/bin/python
	@echo "Installing what Circular needs (once)…"
	@if command -v uv >/dev/null 2>&1; then uv pip install -q --python $(BIN)/python --require-hashes -r requirements.txt; \
	else $(BIN)/python -m pip install -q --disable-pip-version-check --require-hashes -r requirements.txt; fi
	@touch $@

$(VENV)/.dev: requirements-dev.txt $(VENV)/.runtime
	@if command -v uv >/dev/null 2>&1; then uv pip install -q --python $(BIN)/python --require-hashes -r requirements-dev.txt; \
	else $(BIN)/python -m pip install -q --disable-pip-version-check --require-hashes -r requirements-dev.txt; fi
	@touch $@

clean:
	rm -rf $(VENV) .mypy_cache .ruff_cache .pytest_cache
