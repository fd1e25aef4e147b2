# Two commands do everything on a fresh machine with Python 3.11 or newer: `make run` and `make test`.
PYTHON ?= python3
PORT   ?= 8501
VENV   := .venv
BIN    := $(VENV)/bin

.PHONY: run test check bench lock docs clean help

help:            ## this list
	@grep -E '^[a-z]+: .*##' $(MAKEFILE_LIST) | sed -E 's/: .*##/\t/'

run: var/prepared  ## set up what is missing, then serve the app on 127.0.0.1 (PORT=8501)
	@echo "Scoping is at http://127.0.0.1:$(PORT)  (Ctrl-C stops it)"
	@$(BIN)/streamlit run app.py --server.port $(PORT)

test: $(VENV)/dev  ## set up what the tests need, then run them all
	@sh tests/system_packages.sh
	$(MAKE) --no-print-directory check
	$(BIN)/python -m pytest

check: $(VENV)/dev  ## style, types and import contracts
	$(BIN)/ruff check .
	$(BIN)/mypy
	$(BIN)/lint-imports

bench: $(VENV)/dev  ## speed and memory, as ratios or on this machine
	@for script in benchmarks/*.py; do echo "== $$script"; $(BIN)/python $$script || exit 1; done

docs: $(VENV)/dev  ## the data dictionary and the screenshots of the README
	$(BIN)/python -m geo_data.template docs/DATA.md
	$(BIN)/python docs/screenshots.py

lock:            ## pin the dependencies anew (needs uv)
	uv pip compile -q --universal --python-version 3.11 --generate-hashes --no-emit-index-url requirements.in -o requirements.txt
	uv pip compile -q --universal --python-version 3.11 --generate-hashes --no-emit-index-url requirements-dev.in -o requirements-dev.txt

clean:           ## remove the environment; data in var/ stays
	rm -rf $(VENV)

$(VENV)/python:
	@$(PYTHON) -c 'import sys; sys.exit(sys.version_info < (3, 11))' || \
	  { echo "Scoping needs Python 3.11 or newer; this is $$($(PYTHON) --version). Give one with PYTHON=python3.12"; exit 1; }
	@echo "Creating the virtual environment in $(VENV)"
	@$(PYTHON) -m venv $(VENV)
	@touch $@

$(VENV)/ready: $(VENV)/python requirements.txt pyproject.toml
	@echo "Installing the dependencies (a few minutes the first time)"
	@$(BIN)/python -m pip install --quiet --disable-pip-version-check --require-hashes --only-binary :all: -r requirements.txt
	@$(BIN)/python -m pip install --quiet --disable-pip-version-check --no-deps --editable .
	@touch $@

$(VENV)/dev: $(VENV)/ready requirements-dev.txt
	@echo "Installing what the tests need"
	@$(BIN)/python -m pip install --quiet --disable-pip-version-check --require-hashes --only-binary :all: -r requirements-dev.txt
	@touch $@

var/prepared: $(VENV)/ready
	@$(BIN)/scoping prepare
	@touch $@
