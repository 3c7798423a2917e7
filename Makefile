# Every command sets itself up. The logic is in tools/ (Python), so that it works without make too.
PYTHON ?= python3
PORT ?= 8000
VENV_PYTHON := .venv/bin/python

.PHONY: book site serve test test-hostile lint exercises bench mutants lock vendor clean help environment test-environment

book: environment  ## build the book into _build/html (only what changed)
	@$(VENV_PYTHON) -m tools.build

site: environment  ## build the book anew, from an empty folder
	@$(VENV_PYTHON) -m tools.build --force

serve: book  ## show the book at a local address (PORT=8000)
	@$(VENV_PYTHON) -m tools.serve $(PORT)

test: test-environment lint  ## run every check (FORCE=1: even if nothing changed since it passed)
	@$(VENV_PYTHON) -m tools.build
	@$(VENV_PYTHON) -m tools.check $(if $(FORCE),--force)

test-hostile: test-environment  ## grade submissions that attack the grader, in its sandbox (Linux, bubblewrap)
	@$(VENV_PYTHON) -m pytest -m hostile tests/hostile

lint: test-environment  ## check style and types
	@$(VENV_PYTHON) -m ruff check
	@$(VENV_PYTHON) -m ruff format --check
	@$(VENV_PYTHON) -m mypy
	@$(VENV_PYTHON) -m tools.javascript

exercises: environment  ## write the visible tests of the exercises as the library's data
	@$(VENV_PYTHON) -m tools.exercises

bench: test-environment  ## time the library against PyTorch, optax and JavaScript; the table is kept for the book
	@$(VENV_PYTHON) tests/bench --write

lock: test-environment  ## pin anew what requirements.in and tests/requirements.in name
	.venv/bin/uv pip compile --quiet --universal --python-version 3.11 --custom-compile-command "make lock" \
	  requirements.in -o requirements.txt
	.venv/bin/uv pip compile --quiet --universal --python-version 3.11 --custom-compile-command "make lock" \
	  tests/requirements.in -c requirements.txt -o tests/requirements.txt
	echo "-e ." >> requirements.txt

vendor: test-environment  ## bundle anew what the figures take of D3
	@$(VENV_PYTHON) -m tools.javascript --vendor

mutants: test-environment  ## break the optimizers, one small mistake at a time: which do the tests miss? (minutes)
	@$(VENV_PYTHON) -m tools.mutants

clean:  ## remove all that was made
	rm -rf _build .venv node_modules

help:  ## list these commands
	@sed -n 's/^\([a-z-]*\):.*##/\1:/p' Makefile

environment:
	@$(PYTHON) tools/install.py

test-environment:
	@$(PYTHON) tools/install.py --test
