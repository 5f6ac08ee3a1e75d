# `make help` lists what can be made here.

CARGO ?= cargo
# What `make run` hands to the server: make run ARGS='serve --listen 0.0.0.0:8080'
ARGS ?=
# What `make test` hands to the tests: make test TESTS='filter::'
TESTS ?=

# In CI the lock file is what is built, or nothing is.
LOCKED := $(if $(CI),--locked)

.DEFAULT_GOAL := help
.PHONY: help run test lint fmt bench conformance deny clean

help: ## List the targets
	@awk -F ':.*## ' '/^[a-z-]+:.*## / { printf "  make %-12s %s\n", $$1, $$2 }' $(MAKEFILE_LIST)

run: ## Build and start the server; ARGS='…' goes to it
	$(CARGO) run --release $(LOCKED) -- $(ARGS)

test: ## Run every test on SQLite and PostgreSQL; TESTS='…' picks some
	tests/with-postgres $(CARGO) test $(LOCKED) -- $(TESTS)

lint: ## Check the format, and clippy with warnings as errors
	$(CARGO) fmt --check
	$(CARGO) clippy $(LOCKED) --all-targets -- -D warnings

fmt: ## Format the code
	$(CARGO) fmt

bench: ## Measure the server against its baselines on both databases; prints a table
	tests/with-postgres --durable $(CARGO) bench $(LOCKED)

# With the tests' target, because its dependencies choose features too: the server alone would be built with others, and
# then again by the next `make test`.
conformance: ## Run the third-party suites against the server: SCIM on both databases, and the admin API
	$(CARGO) build $(LOCKED) --bin provost --test main
	conformance/scim2.sh
	conformance/create-user.sh
	conformance/auth.sh
	conformance/openapi.sh
	conformance/python conformance/names.py
	conformance/hashes.sh

deny: ## Check dependencies for advisories, licences and sources
	@command -v cargo-deny >/dev/null || { echo "cargo-deny was not found; install it with 'cargo install --locked cargo-deny'." >&2; exit 1; }
	$(CARGO) deny check

clean: ## Delete everything that was built here
	$(CARGO) clean
