# Porchlight's commands. `make help` lists them.
SHELL := /bin/sh
PYTHON ?= python3
VENV := .venv/bin
# Where `make test` puts Node when the machine's is missing or too old.
export PATH := $(CURDIR)/.venv/bin:$(PATH)

.DEFAULT_GOAL := help
.PHONY: help run test test-python test-frontend test-browser test-faults faults check clean

help: ## List the commands
	@grep -hE '^[a-z-]+:.*## ' $(MAKEFILE_LIST) | awk -F ':.*## ' '{printf "  make %-8s %s\n", $$1, $$2}'
	@echo "Variables: PORT SERVER DATA_DIR, and DATABASE_URL REDIS_URL to use servers of your own; PYTHON CHROMIUM"

run: ## Start everything on PORT (8000) with SERVER (daphne or uvicorn); Ctrl-C stops it
	@$(PYTHON) -m config.run.install run && exec $(VENV)/python -m config.run

test: ## Install what is missing, then run all tests against real servers
	@$(PYTHON) -m config.run.install test
	@$(MAKE) --no-print-directory test-python test-frontend test-browser test-faults

test-python:
	$(VENV)/pytest tests

test-frontend:
	cd frontend && npm test

test-browser:
	SERVER=daphne $(VENV)/pytest e2e
	SERVER=uvicorn $(VENV)/pytest e2e -m both_servers

test-faults:
	$(VENV)/python -m tests.faults --smoke

faults: ## Break servers, Redis, PostgreSQL and networks under load (FULL=1: longer; ARGS="--only 1,7 --seed 3")
	@$(PYTHON) -m config.run.install test
	$(VENV)/python -m tests.faults $(ARGS)

check: ## Lint, types, layers, generated files and built assets
	@$(PYTHON) -m config.run.install test
	$(VENV)/ruff check .
	$(VENV)/ruff format --check .
	DATABASE_URL=postgres://localhost/types REDIS_URL=redis://localhost SECRET_KEY=only-for-types-0123456789-0123456789 $(VENV)/mypy .
	$(VENV)/lint-imports
	cd frontend && npm run check

clean: ## Remove caches and what was installed; the data in .data stays
	rm -rf .venv frontend/node_modules .pytest_cache .mypy_cache .ruff_cache .import_linter_cache .hypothesis test-results
	find . -name __pycache__ -type d -prune -exec rm -rf {} +
