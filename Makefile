# Every target sets up what it needs: a virtual environment in .venv from the locks, once per lock.
.DEFAULT_GOAL := help
SHELL := bash
# The distribution's Python is built with profile-guided optimisation; one compiled without it needs twice the time.
PYTHON ?= $(shell /usr/bin/python3 -c 'import ensurepip, sys; sys.exit(sys.version_info < (3, 11))' 2>/dev/null && echo /usr/bin/python3 || echo python3)
VENV := .venv
BIN := $(VENV)/bin
PIP := $(BIN)/python -m pip --disable-pip-version-check --quiet
ARGS ?=
DIST ?= dist

.PHONY: help demo test check fmt i18n pictures soak interop bench dist compiled lock clean

help: ## Show the targets
	@grep -hE '^[a-z0-9]+:.*##' $(MAKEFILE_LIST) | sed -E 's/^([a-z0-9]+):.*## /\1\t/' | expand -t 10

demo: $(VENV)/.run ## Run the whole platform with simulated carriers and a customer; ARGS="--data DIR --port N --ops-port N"
	@$(BIN)/hongyan demo $(ARGS)

# The tests start hundreds of programs; each would compile all of the source where Python is told to keep nothing compiled.
test soak interop: export PYTHONDONTWRITEBYTECODE =

test: $(VENV)/.dev ## Run the tests; ARGS="tests/wire -k receipts" picks some
	$(BIN)/python -m pytest -n auto --dist loadfile --max-worker-restart 0 --ignore tests/interop -m "not soak" $(ARGS)

check: $(VENV)/.dev ## Lint, formatting, types (of tests: names and calls) and the house rules
	$(BIN)/ruff check
	$(BIN)/ruff format --check
	$(BIN)/mypy
	$(BIN)/python -m pytest -q tests/test_house.py tests/test_catalogue.py tests/docs/test_glossary.py

fmt: $(VENV)/.dev ## Put imports and formatting right
	$(BIN)/ruff check --fix-only --quiet
	$(BIN)/ruff format

i18n: $(VENV)/.dev ## Take new texts into the catalogue of translations, and compile it
	$(BIN)/python -m tests.catalogue

pictures: $(VENV)/.dev ## Take the pictures of the console anew; needs Chromium
	$(BIN)/python -m tests.web.pictures

soak: $(VENV)/.dev ## The long numbers: kill -9, lost writes, hostile carriers, memory
	$(BIN)/python -m pytest --ignore tests/interop -m soak $(ARGS)

interop: $(VENV)/.interop ## Against programs that no one here wrote
	@.ci/interop $(BIN)/python $(ARGS)

bench: $(VENV)/.dev ## Measure; prints a table and writes JSON
	$(BIN)/python -m bench.run $(ARGS)

dist: $(VENV)/.run ## Build wheel and source archive into dist/, and put the lock beside them
	$(BIN)/python -m hatchling build --directory $(DIST)
	@cp requirements.lock $(DIST)/

compiled: $(VENV)/.dev ## The same wheel with its hot parts compiled to C, for this Python and machine; takes minutes
	HONGYAN_COMPILED=2 $(BIN)/python -m hatchling build --target wheel --directory $(DIST)
	@cp requirements.lock $(DIST)/

lock: $(VENV)/.run ## Resolve the locks again from pyproject.toml
	@$(PIP) install pip-tools
	@.ci/lock $(BIN)/pip-compile

clean: ## Remove what the other targets made
	rm -rf .venv .venv-* build dist src/hongyan/web/static/vendor .pytest_cache .mypy_cache .ruff_cache .hypothesis

$(BIN)/python:
	@$(PYTHON) -c 'import sys; sys.exit(sys.version_info < (3, 11) and "Hongyan needs Python 3.11 or newer; name one: make PYTHON=python3.12 …")'
	@$(PYTHON) -c 'import ensurepip' 2>/dev/null || { echo "The venv module is missing: apt-get install python3-venv" >&2; exit 1; }
	$(PYTHON) -m venv $(VENV)

# The lock holds the build backend too, so the project itself installs without reaching for anything that is not hashed.
# Its build fetches the files for the browser (hatch_build.py), with npm of the machine or of a package.
$(VENV)/.run: requirements.lock pyproject.toml hatch_build.py $(wildcard src/hongyan/web/package*.json) | $(BIN)/python
	$(PIP) install --require-hashes --only-binary :all: -r requirements.lock
	command -v npm >/dev/null || $(PIP) install --require-hashes --only-binary :all: -r requirements-npm.lock
	$(PIP) install --no-deps --no-build-isolation -e .
	@touch $@

$(VENV)/.dev: requirements-dev.lock $(VENV)/.run
	$(PIP) install --require-hashes --only-binary :all: -r requirements-dev.lock
	@touch $@

# Two of these peers are published as source only.
$(VENV)/.interop: requirements-interop.lock $(VENV)/.dev
	$(PIP) install --require-hashes -r requirements-interop.lock
	@touch $@
