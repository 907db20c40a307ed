# Two commands do everything on a machine with only python3 (3.11 or later) and make: `make demo`, `make test`.

PYTHON ?= python3
VENV := .venv
BIN := $(VENV)/bin
READY := $(VENV)/.ready

# make demo HISTORY=file.csv LISTENER=name   with somebody's own listening history besides
# make demo SERVE=0                          stops before serving
DEMO_STORE ?= demo-store
DEMO_FILES := build/sample
HISTORY ?=
LISTENER ?= ada
SERVE ?= 1
PORT ?= 8000
TIMBRAL := $(BIN)/timbral --store $(DEMO_STORE)

.PHONY: help demo test test-slow check bench lint types contracts templates scan aws-check audit requirements clean

help:  ## Show what there is to make
	@grep -hE '^[a-z-]+:.*##' $(MAKEFILE_LIST) | sed -E 's/^([a-z-]+):[^#]*## /\1\t/' | expand -t 14

$(READY): .ci/installer.txt .ci/requirements.txt batch/encoder/requirements.txt pyproject.toml
	@$(PYTHON) -c 'import sys; sys.exit(sys.version_info < (3, 11) and "Timbral needs Python 3.11 or later")'
	$(PYTHON) -m venv $(VENV)
	$(BIN)/python -m pip install --quiet --disable-pip-version-check --require-hashes --no-deps -r .ci/installer.txt
	$(BIN)/uv pip install --quiet --python $(BIN)/python --require-hashes --no-deps -r .ci/requirements.txt
	$(BIN)/uv pip install --quiet --python $(BIN)/python --require-hashes --no-deps -r batch/encoder/requirements.txt
	$(BIN)/uv pip install --quiet --python $(BIN)/python --no-deps --no-build-isolation --editable .
	@touch $@

$(DEMO_FILES)/everybody.csv: | $(READY)
	$(TIMBRAL) sample $(DEMO_FILES)

demo: $(READY) $(DEMO_FILES)/everybody.csv  ## Run the whole flow over the sample world and serve it
	$(TIMBRAL) import $(DEMO_FILES)/*.csv $(DEMO_FILES)/catalogue_albums.json $(DEMO_FILES)/dmitri.jsonl
	$(TIMBRAL) import $(DEMO_FILES)/chiara.json --listener chiara
ifneq ($(HISTORY),)
	$(TIMBRAL) import "$(HISTORY)" --listener "$(LISTENER)"
endif
	$(TIMBRAL) run
	$(TIMBRAL) recs "$(LISTENER)" --limit 5
ifneq ($(SERVE),0)
	$(TIMBRAL) serve --port $(PORT)
endif

test: $(READY)  ## Run the tests, all but the slow ones
	$(BIN)/pytest -n 2 -m "not slow"

test-slow: $(READY)  ## Run the slow tests
	$(BIN)/pytest -n 2 -m slow

check: $(READY) lint types contracts templates test test-slow  ## Everything that CI checks

bench: $(READY)  ## Measure, side by side in one run
	LANCEDB_LOG=error $(BIN)/python -m tests.bench

lint: $(READY)
	$(BIN)/ruff check .
	$(BIN)/ruff format --check .

types: $(READY)
	$(BIN)/mypy

contracts: $(READY)
	$(BIN)/lint-imports

templates: $(READY)
	$(BIN)/cfn-lint template.yaml infra/*.yaml infra/tables.json

# Tools that pin other versions of what the project has: each in an environment of its own.
.venv-%/.ready: .ci/installer.txt .ci/%-requirements.txt
	$(PYTHON) -m venv .venv-$*
	.venv-$*/bin/python -m pip install --quiet --disable-pip-version-check --require-hashes --no-deps -r .ci/installer.txt
	.venv-$*/bin/uv pip install --quiet --python .venv-$*/bin/python --require-hashes --no-deps -r .ci/$*-requirements.txt
	@touch $@

scan: .venv-scan/.ready  ## Hold the templates to good practice
	.venv-scan/bin/checkov --config-file .ci/checkov.yaml

aws-check: $(READY) .venv-sam/.ready scan templates  ## Build and run what is deployed, as far as one machine can
	.ci/aws-check

audit: $(READY)  ## Look up the pinned packages in the vulnerability database
	$(BIN)/pip-audit --require-hashes --disable-pip --requirement .ci/requirements.txt

requirements: $(READY)  ## Pin again, after a change of what is asked for
	$(BIN)/uv pip compile pyproject.toml --all-extras --universal --python-version 3.11 --generate-hashes \
		--no-emit-index-url --no-annotate --no-header --quiet --output-file .ci/requirements.txt
	for part in .ci/*-requirements.in; do \
		$(BIN)/uv pip compile --universal --python-version 3.11 --generate-hashes --no-emit-index-url \
			--no-annotate --no-header --quiet --output-file $${part%.in}.txt $$part || exit 1; \
	done
	for part in layers/*/requirements.in functions/*/requirements.in batch/requirements.in; do \
		$(BIN)/uv pip compile --universal --python-version 3.13 --generate-hashes --no-emit-index-url \
			--no-annotate --no-header --quiet --constraint .ci/requirements.txt \
			--output-file $${part%.in}.txt $$part || exit 1; \
	done

clean:  ## Remove what was made, but not the environment
	rm -rf build $(DEMO_STORE) .pytest_cache .mypy_cache .ruff_cache .hypothesis
