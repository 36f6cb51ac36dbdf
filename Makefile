# The commands of Lantern. Each builds what it needs; nothing but python3 (3.11 or newer, with venv) and make is assumed.

PYTHON ?= python3
PORT ?= 8000
VENV := .venv
BIN := $(VENV)/bin
RUN_STAMP := $(VENV)/.run-stamp
DEV_STAMP := $(VENV)/.dev-stamp
COMPILE := --quiet --universal --python-version 3.11 --generate-hashes --no-header --no-annotate --no-emit-index-url

.PHONY: help run test soak check bench clean requirements messages

help:
	@echo "make run    the site on http://127.0.0.1:8000 (PORT=9000 changes it)"
	@echo "make test   the whole test suite: both databases, a real browser"
	@echo "make check  style, types, layers, licences, texts, house rules"
	@echo "make bench  speed and size as ratios to a floor of the same run"
	@echo "make soak   the long runs in full"

$(VENV)/.made:
	@$(PYTHON) -c 'import sys; sys.exit(sys.version_info < (3, 11))' 2>/dev/null \
	  || { echo "Lantern needs python3, 3.11 or newer (Debian: apt-get install python3)." >&2; exit 1; }
	@$(PYTHON) -c 'import ensurepip, venv' 2>/dev/null \
	  || { echo "Lantern needs Python's venv (Debian: apt-get install python3-venv)." >&2; exit 1; }
	@$(PYTHON) -m venv $(VENV)
	@touch $@

# Hashes and an editable install refuse each other in one step, so there are two.
$(RUN_STAMP): $(VENV)/.made requirements.txt pyproject.toml
	@echo "Installing what Lantern needs into $(VENV) (once; about a minute)."
	@$(BIN)/python -m pip install --quiet --disable-pip-version-check --require-hashes -r requirements.txt
	@$(BIN)/python -m pip install --quiet --disable-pip-version-check --no-deps --no-build-isolation -e .
	@touch $@

$(DEV_STAMP): $(RUN_STAMP) requirements-dev.txt
	@echo "Installing the tools for tests and checks into $(VENV)."
	@$(BIN)/python -m pip install --quiet --disable-pip-version-check --require-hashes -r requirements-dev.txt
	@touch $@

run: $(RUN_STAMP)
	@exec $(BIN)/lms demo --port '$(PORT)'

test: $(DEV_STAMP)
	@$(BIN)/python -m tests.run

soak: $(DEV_STAMP)
	@$(BIN)/python -m tests.run --soak

bench: $(DEV_STAMP)
	@$(BIN)/python -m tests.bench

check: $(DEV_STAMP)
	@$(BIN)/ruff check .
	@$(BIN)/ruff format --check .
	@$(BIN)/mypy
	@$(BIN)/lint-imports --no-cache
	@$(BIN)/python -m pytest tests/house -q -p no:cacheprovider -n 2 --dist loadfile --database=sqlite

messages: $(DEV_STAMP)  ## after a change of the interface's texts
	@$(BIN)/python -m tests.house.messages

requirements:  ## after a change of pyproject.toml: new versions and hashes (needs uv on PATH)
	uv pip compile $(COMPILE) -o requirements.txt --extra build pyproject.toml
	uv pip compile $(COMPILE) -c requirements.txt -o requirements-dev.txt --extra build --extra dev pyproject.toml

clean:
	rm -rf $(VENV) .mypy_cache .ruff_cache .pytest_cache
