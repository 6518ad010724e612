# The commands of this checkout. `make` alone lists them.
BIN := .venv/bin
PYTEST := $(BIN)/python -m pytest

.DEFAULT_GOAL := help
.PHONY: help install run stack test lint unit e2e soak fuzz screenshots bench lock clean

help: ## this list
	@grep -hE '^[a-z0-9-]+:.*##' $(MAKEFILE_LIST) | sed -E 's/^([a-z0-9-]+):.*## /  make \1\t/' | expand -t 18

install: ## .venv with everything, and the servers that the tests start
	@sh deploy/install.sh dev
	@sh deploy/install.sh servers

run: ## nginx, backend and detector in the foreground; Ctrl-C stops all of it
	@sh deploy/install.sh run
	@sh deploy/install.sh front
	@exec $(BIN)/barwatch up

stack: ## the whole of it in containers: makes .env with random secrets, builds, starts; needs Docker with Compose
	@sh deploy/stack.sh

test: install lint ## all of it: format, lint, types, import contract, unit and end-to-end tests
	$(PYTEST) -n 2 --dist worksteal

lint: ## format, lint, types, import contract
	@sh deploy/install.sh dev
	$(BIN)/ruff format --check .
	$(BIN)/ruff check .
	$(BIN)/mypy
	$(BIN)/lint-imports

unit: ## the unit tests alone, about a minute
	@sh deploy/install.sh dev
	$(PYTEST) -n 2 -m "not e2e"

e2e: install ## the tests that start real servers
	$(PYTEST) -m e2e

soak: install ## ten minutes of faults at random against the real chain; `make soak SECONDS=60 SEED=7` for another run
	$(BIN)/python -m tests.e2e.soak --seconds $(or $(SECONDS),600) $(if $(SEED),--seed $(SEED))

screenshots: install ## every page in every state, at three widths and in both themes, into screenshots/
	$(BIN)/python -m tests.e2e.browser.screenshots

MINUTES ?= 5
fuzz: ## damage workbooks and options at random for MINUTES=5; the tests take the same examples each time
	@sh deploy/install.sh dev
	@end=$$(( $$(date +%s) + 60 * $(MINUTES) )); while [ $$(date +%s) -lt $$end ]; do \
	  FUZZ=1 $(PYTEST) -q -x -k fuzz tests/unit/service/uploads --hypothesis-seed=$$(date +%s) || exit 1; done

bench: ## measure, side by side with a peer, and print the table of benchmarks/RESULTS.md
	@sh deploy/install.sh dev
	@sh deploy/install.sh servers
	@sh deploy/install.sh bench
	$(BIN)/python -m benchmarks

lock: ## renew the lock files within what pyproject.toml allows
	$(BIN)/pip install --quiet uv
	$(BIN)/uv pip compile --universal --python-version 3.11 --generate-hashes --no-emit-index-url --no-header --quiet --extra build pyproject.toml -o requirements.lock
	$(BIN)/uv pip compile --universal --python-version 3.11 --generate-hashes --no-emit-index-url --no-header --quiet --extra build --extra dev -c requirements.lock pyproject.toml -o requirements-dev.lock
	echo bugsink==2.6.2 | $(BIN)/uv pip compile --universal --python-version 3.11 --generate-hashes --no-emit-index-url --no-header --quiet - -o deploy/bugsink.lock

clean: ## remove .venv and caches; data under var/ stays
	rm -rf .venv .venv-bugsink .mypy_cache .ruff_cache .pytest_cache .hypothesis .import_linter_cache *.egg-info
