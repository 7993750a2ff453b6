# The one door: each target sets up what it needs in .venv first.

PYTHON ?= python3
SUPPORTED_PYTHON := >=3.11,<3.14
BIN := .venv/bin
UV := $(shell command -v uv 2>/dev/null || echo .tools/bin/uv)
PORTAUDIO := $(wildcard /usr/include/portaudio.h /usr/local/include/portaudio.h /opt/homebrew/include/portaudio.h)
comma := ,
EXTRAS := s3,postgres,dask$(if $(PORTAUDIO),$(comma)mic)
STAMP := .venv/.installed-$(if $(PORTAUDIO),with,without)-microphone

# Many images forbid Python to keep bytecode: then each process compiles Prefect and pandas anew.
export PYTHONDONTWRITEBYTECODE :=
SOURCES := src config tasks flows deployments

.PHONY: setup demo test lint types bench soak serve stop screenshots lock clean

setup: $(STAMP)

# uv is taken as it is found, or installed beside the project by the machine's own Python.
.tools/bin/uv:
	@$(PYTHON) -c 'import sys; sys.exit(sys.version_info < (3, 11))' \
	  || { echo "Fermata needs Python 3.11 or newer; set PYTHON=/path/to/python3"; exit 2; }
	$(PYTHON) -m venv .tools
	.tools/bin/python -m pip install --quiet uv

# The lock pins and hashes every package; -c takes from it what the chosen extras need.
$(STAMP): pyproject.toml requirements.lock | $(filter .tools/%,$(UV))
	$(UV) venv --quiet --allow-existing --python '$(SUPPORTED_PYTHON)' .venv
	$(UV) pip install --quiet --compile-bytecode --python $(BIN)/python \
	  --constraints requirements.lock --editable '.[$(EXTRAS)]' --group dev
	$(BIN)/python -m compileall -q $(SOURCES)
	@touch $@

# In a folder of its own, whatever else is set: it must not touch settings that are in use.
demo: export FERMATA_DATA_DIR := demo
demo: export FERMATA_LEDGER_URL := sqlite:///demo/ledger.sqlite
demo: export FERMATA_SCOPE := recordings
demo: setup
	$(BIN)/fermata calibrate tests/recordings --engine local
	$(BIN)/fermata stream --source tests/recordings/ivr/dinner_order.wav --group ivr --provider local

# Tests mostly wait for servers, so there are many more of them at once than cores. Each file is
# one worker's, as its tests share what takes long to set up; the longest come first.
test: setup
	$(BIN)/python -m pytest -n 7 --dist loadfile --no-loadscope-reorder --durations=10 --durations-min=1

lint: setup
	$(BIN)/ruff check
	$(BIN)/ruff format --check

types: setup
	$(BIN)/mypy

bench: setup
	@for name in $(basename $(notdir $(wildcard benchmarks/*.py))); do \
	  echo "== $$name"; $(BIN)/python -m benchmarks.$$name || exit 1; done

# Kills, faults, hostile files and broken streams by the hundred: make soak KILLS=1000, or in
# less than a minute make soak SHORT=1; more options in SOAK, such as SOAK="--only streams --seed 7".
# Without any of these, first the tests that take minutes: workers, the production shape.
soak: setup
	$(if $(SHORT)$(KILLS)$(SOAK),,$(BIN)/python -m pytest -m soak -n 2 --dist loadfile)
	$(BIN)/python -m benchmarks.soak $(if $(SHORT),--short) $(if $(KILLS),--kills $(KILLS)) $(SOAK)

serve: setup
	$(BIN)/python -m deployments.serve

stop:
	@test ! -x $(BIN)/python || $(BIN)/python -m deployments.stop

screenshots: setup
	$(BIN)/python -m docs.screenshots

# One file for all extras and the development tools, without registry addresses.
lock: | $(filter .tools/%,$(UV))
	$(UV) pip compile pyproject.toml --universal --all-extras --group dev --generate-hashes \
	  --no-emit-index-url --no-emit-find-links --no-header --quiet -o requirements.lock

clean:
	rm -rf .venv .tools .mypy_cache .ruff_cache .pytest_cache .import_linter_cache
