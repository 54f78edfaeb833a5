# Every command that CI runs, and the ones a person wants. `make help` lists them.
BIN := .venv/bin

.PHONY: help setup test check learn learn-all loop loop-all oracle bench clean

help: ## what can be made
	@sed -n 's/^\([a-z-]*\):.*## \(.*\)/  make \1\t\2/p' $(MAKEFILE_LIST) | expand -t 18

setup: ## install what is missing on this machine
	@ci/setup

check: setup ## formatter, linter, types, import contracts
	$(BIN)/ruff format --check .
	$(BIN)/ruff check .
	$(BIN)/mypy
	$(BIN)/lint-imports

test: check ## everything that CI runs
	ci/test

learn: setup ## build the reference image, boot it, do one task of each kind, print where the page is
	ci/learn -m core

learn-all: setup ## the same with every task that there is
	ci/learn

loop: setup ## learn one task of each kind, tune, put the policy in force, do them again, try what must be refused
	ci/loop -m core

loop-all: setup ## the same with every task that there is
	ci/loop

oracle: setup ## hold the policy engine against a real TOMOYO kernel
	$(BIN)/pytest tests/oracle

bench: setup ## how long things take, as ratios in one run
	$(BIN)/python -m ci.bench

clean: ## forget the virtual environment and the caches of tools; images and runs stay
	rm -rf .venv .mypy_cache .ruff_cache .pytest_cache .hypothesis .import_linter_cache
