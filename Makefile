# make film: the film, from a fresh machine.   make test: the fast tests.   make help: the rest.
SHELL := /bin/bash
PYTHON ?= python3
VENV ?= .venv
BIN := $(VENV)/bin
JOBS ?= $(shell getconf _NPROCESSORS_ONLN)
FILM := renders/transformer.mp4

SYSTEM := build/.system
BASE := $(VENV)/.film
TESTS := $(VENV)/.tests

.PHONY: help film test test-runs test-slow test-decks check docs sbom bench clean
.DELETE_ON_ERROR:

help:
	@echo "make film       the full film, in English, as $(FILM)"
	@echo "make test       set up, then the fast tests"
	@echo "make test-runs  whole runs: crash points, clusters, renders by the command line"
	@echo "make test-slow  the tests that take longer"
	@echo "make test-decks decks and snippets in the programs they are for, which it installs"
	@echo "make check      format, lint, catalogues, types, dead code"
	@echo "make docs       the documentation as a site, with a gallery drawn now, in build/docs/site"
	@echo "make sbom       a bill of materials of what a wheel's environment holds, as build/sbom.json"
	@echo "make bench      our renderer against stock Manim"
	@echo "make clean      remove the environment and what tools left behind"

film: $(BASE)
	$(BIN)/tensorreel render -o $(FILM)
	@echo "The film is $(abspath $(FILM))"

test: $(TESTS)
	tools/parity $(BIN)/python
	$(BIN)/pytest -m "not slow and not runs" -n $(JOBS)

test-runs: $(TESTS)
	$(BIN)/pytest -m "runs and not slow" -n $(JOBS)

test-slow: $(TESTS)
	$(BIN)/pytest -m slow -n $(JOBS)

test-decks: $(TESTS)
	tools/deck-tools $(PYTHON)
	$(BIN)/pytest -m slow tests/test_deck_*.py tests/test_publish_snippets.py tests/test_export_workbook.py tests/test_voice_espeak.py tests/test_publish_tracks.py

check: $(TESTS)
	$(BIN)/ruff format --check .
	$(BIN)/ruff check .
	$(BIN)/python tools/words check
	$(BIN)/mypy
	$(BIN)/mypy --platform win32 --cache-dir .mypy_cache/windows src scenes
	$(BIN)/python tools/dead-code

docs: $(BASE)
	$(BIN)/python -m pip install --quiet --disable-pip-version-check --use-pep517 -c constraints.txt -e ".[docs]"
	$(BIN)/python tools/docs-site

sbom: | $(SYSTEM)
	$(PYTHON) tools/sbom

bench: $(TESTS)
	$(BIN)/python -m benchmarks.run --write

# What only the system's package manager can install; says what is needed where there is no apt-get.
$(SYSTEM): tools/system-packages
	@mkdir -p $(@D)
	tools/system-packages $(PYTHON)
	@touch $@

$(VENV)/bin/python: | $(SYSTEM)
	$(PYTHON) -m venv $(VENV)

$(BASE): $(VENV)/bin/python pyproject.toml constraints.txt src/tensorreel/film/draw/_kernel.c | $(SYSTEM)
	@echo "Installing the Python packages of pyproject.toml into $(VENV), as pinned in constraints.txt"
	$(BIN)/python -m pip install --quiet --disable-pip-version-check --use-pep517 -c constraints.txt -e .
	@touch $@

$(TESTS): $(BASE)
	@echo "Installing the packages of the tests into $(VENV)"
	$(BIN)/python -m pip install --quiet --disable-pip-version-check --use-pep517 -c constraints.txt -e ".[test]"
	@touch $@

clean:
	rm -rf $(VENV) build dist .mypy_cache .pytest_cache .ruff_cache .hypothesis src/*.egg-info
	find src scenes tests benchmarks -name __pycache__ -type d -prune -exec rm -rf {} +
