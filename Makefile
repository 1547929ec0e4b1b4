# The README's commands. Everything installs into this folder; nothing is downloaded but packages.

# The first of these that is a Python this project runs on; `make PYTHON=/path/to/python …` chooses another.
PYTHON ?= $(shell for p in python3 python3.11 python3.12; do \
  $$p -c 'import sys; sys.exit(sys.version_info[:2] not in ((3, 11), (3, 12)))' 2>/dev/null && echo $$p && break; done)
UV_VERSION := 0.13.9
UV := .tools/uv/bin/uv
BIN := .venv/bin
export UV_PYTHON_DOWNLOADS := never
# Packages are compiled once, when they are installed: where Python may write no bytecode, each command would do it anew.
export UV_COMPILE_BYTECODE := 1
export PIP_DISABLE_PIP_VERSION_CHECK := 1

.PHONY: run test lint types imports unit ape browser editor hledger anvil coverage format soak mutation clean help

help:  ## Show these targets.
	@grep -hE '^[a-z]+:.*##' $(MAKEFILE_LIST) | sed 's/:.*## /\t/' | expand -t 12

run: .venv/run  ## Bring up the product with its worked example on http://127.0.0.1:8000
	@$(BIN)/tallystick example
	@$(BIN)/tallystick serve

test: .venv/dev browser editor hledger anvil lint types imports unit ape  ## Lint, types, import rules and every test

lint: .venv/dev
	@$(BIN)/ruff check --quiet .
	@$(BIN)/ruff format --check --quiet .

types: .venv/dev
	@$(BIN)/mypy --no-error-summary

imports: .venv/dev
	@$(BIN)/lint-imports --no-logo 2>/dev/null || $(BIN)/lint-imports

unit: .venv/dev
	@$(BIN)/python -m pytest -n 3 --dist loadfile -q -p tests.vyper.covering

ape: .venv-ape/ready  ## The contracts under eth-ape, in an environment of its own
	@rm -rf contracts/.build  # eth-ape has been seen to take an older compilation for that of a changed source
	@cd contracts && PATH="$(CURDIR)/.venv-ape/bin:$$PATH" ape test ../tests/ape -c ../tests/ape/pytest.ini -q

browser:  ## Bring a browser for the page tests where this machine lets us
	@tests/e2e/bring-browser

editor:  ## Bring the YAML language server for the editor tests where there is npm
	@tests/editor/bring-language-server

hledger:  ## Bring hledger for the journal tests where this machine lets us
	@tests/integration/ledger/bring-hledger

anvil:  ## Bring anvil, a real EVM node, for the chain tests where there is npm
	@tests/chains/bring-anvil

coverage: .venv/dev  ## Run the contracts' tests and write what they reach to docs/evidence/coverage.md
	@$(BIN)/python -m pytest -n 2 --dist loadfile -q -p tests.vyper.covering --vyper-page docs/evidence/coverage.md \
	  tests/vyper tests/integration/contracts tests/property/contracts

format: .venv/dev  ## Format the code and mend what the linter can
	@$(BIN)/ruff format .
	@$(BIN)/ruff check --fix .

soak: .venv/dev  ## The long runs; results go to docs/evidence/
	@$(BIN)/python -m tests.soak

mutation: .venv/dev  ## Change the arithmetic line by line and see that a test notices; takes an hour
	@TALLYSTICK_HYPOTHESIS=mutation $(UV) run --no-sync --with mutmut==3.8.1 python -m tests.mutation $(MUTATION)

clean:  ## Remove the environment and the example's data
	rm -rf .venv .venv-ape .tools contracts/.build var mutants

$(UV):
	@test -n "$(PYTHON)" || { echo "Python 3.11 or 3.12 is needed, with its headers and pip" >&2; exit 1; }
	@echo "installing uv $(UV_VERSION) into .tools with $(PYTHON)"
	@$(PYTHON) -m pip install --quiet --root-user-action=ignore --target .tools/uv uv==$(UV_VERSION)

# Two stamps, so that running the product installs no test tools and testing does not remove any.
.venv/run: $(UV) pyproject.toml uv.lock
	@echo "installing what uv.lock names into .venv"
	@$(UV) sync --quiet --frozen --no-default-groups --inexact --python $(PYTHON)
	@touch $@

.venv/dev: $(UV) pyproject.toml uv.lock
	@echo "installing what uv.lock names into .venv, test tools too"
	@$(UV) sync --quiet --frozen --python $(PYTHON)
	@touch $@ .venv/run

# eth-ape wants older releases of what the tests use, hence an environment beside theirs.
.venv-ape/ready: $(UV) pyproject.toml uv.lock
	@echo "installing eth-ape and what it needs into .venv-ape"
	@UV_PROJECT_ENVIRONMENT=.venv-ape $(UV) sync --quiet --frozen --no-default-groups --group ape --python $(PYTHON)
	@touch $@
