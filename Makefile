# Hanse needs make, git and a Python from 3.11 to 3.14 with venv. Everything else is installed into .venv, once:
# as long as pyproject.toml and constraints.txt stay as they are, no later run touches the network.

PYTHON ?= python3
WORKERS ?= 2
SOAK_EXAMPLES ?= 2000
SOAK_ROUNDS ?= 1
CONSORTIUM_KILL_ROUNDS ?= 30
HOSTILE_SECONDS ?= 300
KILL_ROUNDS ?= 50
FUZZ_SECONDS ?= 120
FUZZ_EXAMPLES ?= 2000
GUIDED_SECONDS ?= 300
# .ci/run gives 1, so that one run of the fast tests is held against the floors of coverage too.
COVERAGE ?=
MEASURED = $(if $(COVERAGE),--cov --cov-report=)

BIN := .venv/bin
STAMP := .venv/installed
AUDIT := .cache/audit/bin/pip-audit
ATHERIS := .cache/atheris/installed
MUTATION := .cache/cosmic-ray/bin/cosmic-ray
BILL := .cache/release/installed
CLIENTS := .cache/clients/installed
UV := .cache/uv/bin
RECORDED := $(CURDIR)/.cache/recorded
AGE_VERSION := v1.3.2
FSCK_VERSION := v1.0.4
COMET_VERSION := v0.38.25
BUILD_TOOLS = AGE_VERSION=$(AGE_VERSION) COMET_VERSION=$(COMET_VERSION) FSCK_VERSION=$(FSCK_VERSION) sh .ci/tools "$(PYTHON)"
PIP := $(BIN)/python -m pip --disable-pip-version-check --quiet

.DEFAULT_GOAL := help
TARGETS := kind check-kind pages page words help demo test check coverage soak fuzz fuzz-guided bench mutation install audit tools clients release upgrade clean moved
.PHONY: $(TARGETS)

help: ## Show this list
	@sed -n 's/^\([a-z-]*\):.*## \(.*\)/make \1	\2/p' Makefile | expand -t 16

# Whoever asks for what is not there is told what is: a folder's name, such as `tests`, is no target either.
FOLDERS := $(filter-out $(TARGETS),$(patsubst %/,%,$(wildcard */)))
.PHONY: $(FOLDERS)
.DEFAULT $(FOLDERS):
	@echo "There is no target '$@'. These are:" >&2
	@$(MAKE) --no-print-directory help >&2
	@exit 2

demo: $(STAMP) ## Run a whole trade on this machine, and check its proof offline
	@$(BIN)/hanse demo

# What is missing is built where that is possible; the last lines say what was skipped, and what would bring it.
# What the fast tests ask of the checker is noted, so that the page's tests ask browsers the same.
test: export HANSE_SKIPPED = $(CURDIR)/.cache/skipped
test: $(STAMP) ## Run all tests: the fast ones first, then those that start real processes
	@rm -f "$(HANSE_SKIPPED)"
	@{ $(BUILD_TOOLS) && $(MAKE) --no-print-directory $(BILL) $(CLIENTS); } || \
	    echo "The tests go on without; those that need them are skipped, and named at the end."
	@rm -rf "$(RECORDED)" && mkdir -p "$(RECORDED)"
	HANSE_RECORD="$(RECORDED)" $(BIN)/python -m pytest -m "not system" -n $(WORKERS) --dist worksteal $(MEASURED)
	@$(if $(COVERAGE),$(BIN)/python .ci/coverage)
	HANSE_RECORDED="$(RECORDED)" $(BIN)/python -m pytest -m "system and not alone" -n $(WORKERS) --dist loadfile --no-loadscope-reorder
	$(BIN)/python -m pytest -m alone
	@$(BIN)/python .ci/skipped "$(HANSE_SKIPPED)"

check: $(STAMP) ## Check format, style, types and the direction of imports
	$(BIN)/ruff format --check .
	$(BIN)/ruff check .
	$(BIN)/mypy
	$(BIN)/lint-imports

kind: $(STAMP) ## Write the skeleton of a new kind of record: NAME=receipt.create NUMBER=W-1
	@$(BIN)/python .ci/kind "$(NAME)" "$(NUMBER)"
	@$(BIN)/ruff check --quiet --fix ledger/hanse_ledger/kinds && $(BIN)/ruff format --quiet ledger/hanse_ledger/kinds

page: $(STAMP) ## Write the verifier page, dist/verify.html
	@mkdir -p dist && $(BIN)/hanse page --out dist/verify.html --force

pages: $(STAMP) ## Write the pages that are made from the code, and name those that are other ones now
	@$(BIN)/python -m tests.pages

words: $(STAMP) ## Write the catalogues of other languages anew, after what is said has changed, or a translation
	@$(BIN)/python -m tests.words

check-kind: $(STAMP) ## Say what a kind of record lacks: NAME=receipt.create
	$(BIN)/python -m pytest --quiet --no-header tests/unit/project/test_kinds_whole.py \
	    tests/unit/ledger/kinds/test_samples.py -k "$(or $(NAME),kind or sample)"

coverage: $(STAMP) ## Hold the fast tests against the floor of each package; with MISSING=1 list all that they do not take
	$(BIN)/python -m pytest -m "not system" -n $(WORKERS) --cov --cov-report=
	@$(BIN)/python .ci/coverage $(if $(MISSING),--missing)

soak: $(STAMP) ## Search far longer for broken properties, then repeat the system tests
	HYPOTHESIS_PROFILE=thorough HANSE_SOAK_EXAMPLES=$(SOAK_EXAMPLES) $(BIN)/python -m pytest tests/property --timeout 3600 -n $(WORKERS)
	HANSE_ROUNDS=$(KILL_ROUNDS) $(BIN)/python -m pytest tests/system/node/test_recovery.py --timeout 7200
	HANSE_KILLS=$(CONSORTIUM_KILL_ROUNDS) $(BIN)/python -m pytest tests/system/consortium/test_consortium_kills.py --timeout 7200
	HANSE_HOSTILE_SECONDS=$(HOSTILE_SECONDS) $(BIN)/python -m pytest tests/system/consortium/test_hostile_member.py --timeout 7200
	@for round in $$(seq $(SOAK_ROUNDS)); do \
	    echo "system tests, round $$round of $(SOAK_ROUNDS)"; \
	    HANSE_EVERY_CALL=1 $(BIN)/python -m pytest -m "system and not alone" -n $(WORKERS) --dist loadfile --no-loadscope-reorder || exit 1; \
	    $(BIN)/python -m pytest -m alone || exit 1; \
	done

fuzz: $(STAMP) ## Feed every reader, and a running node, with what nobody should send, for a long while
	HANSE_FUZZ_SECONDS=$(FUZZ_SECONDS) $(BIN)/python -m pytest tests/fuzz -n $(WORKERS)
	HANSE_EXAMPLES=$(FUZZ_EXAMPLES) $(BIN)/python -m pytest tests/system/node/test_api_schema.py

# What was found before is where the next run begins. READERS='"PDF" "draft"' feeds those alone.
fuzz-guided: $(STAMP) $(ATHERIS) ## Feed each reader with what reaches something new in it, five minutes each: two hours or more
	@PYTHONPATH=.cache/atheris $(BIN)/python -m tests.fuzz.guided $(GUIDED_SECONDS) $(READERS)

$(ATHERIS): .ci/atheris.lock | $(STAMP)
	@rm -rf .cache/atheris
	@$(BIN)/python -m pip --disable-pip-version-check --quiet install --require-hashes --no-deps --target .cache/atheris -r .ci/atheris.lock
	@touch $(ATHERIS)

bench: $(STAMP) ## Run every benchmark in tests/bench; each prints the machine and its figures
	@for script in tests/bench/[a-z]*.py; do \
	    echo "== $$script"; \
	    PYTHONPATH=. $(BIN)/python "$$script" || exit 1; \
	done

# It goes on where it was ended. OBJECTS="invoice party" tries those alone.
mutation: $(STAMP) $(MUTATION) ## Change the rules in small ways, and say which changes no test notices: half an hour or more
	@$(BIN)/python .ci/mutation --workers $(WORKERS) $(dir $(MUTATION)) $(OBJECTS)

$(MUTATION): .ci/mutation.lock | $(STAMP)
	@$(BIN)/python -m venv --clear .cache/cosmic-ray
	@.cache/cosmic-ray/bin/python -m pip --disable-pip-version-check --quiet install --require-hashes --no-deps -r .ci/mutation.lock
	@touch $(MUTATION)

install: $(STAMP) ## Set up .venv and nothing else
	@echo "Ready: .venv/bin/hanse"

audit: $(AUDIT) ## Ask whether what is locked has known vulnerabilities, or could not be checked
	@$(BIN)/python .ci/audit $(AUDIT) constraints.txt

$(AUDIT): .ci/audit.lock | $(STAMP)
	@$(BIN)/python -m venv --clear .cache/audit
	@.cache/audit/bin/python -m pip --disable-pip-version-check --quiet install --require-hashes --no-deps -r .ci/audit.lock
	@touch $(AUDIT)

tools: $(BILL) ## Build CometBFT, and the outside tools that the system tests check Hanse with
	@$(BUILD_TOOLS)
	@$(MAKE) --no-print-directory $(CLIENTS)
	@echo "Ready: .cache/bin/cometbft .cache/bin/fsck .cache/bin/age .cache/clients"

clients: $(CLIENTS) ## Bring what makes clients in other languages from docs/openapi.json, for their tests

$(CLIENTS): .ci/clients.lock tests/clients/package.json tests/clients/package-lock.json | $(STAMP)
	@command -v npm >/dev/null || { echo "Clients in other languages need npm: install Node.js 20 or newer with it." >&2; exit 1; }
	@rm -rf .cache/clients && mkdir -p .cache/clients && cp tests/clients/package*.json .cache/clients
	@npm ci --prefix .cache/clients --ignore-scripts --no-audit --no-fund --loglevel error
	@$(BIN)/python -m venv .cache/clients/python
	@.cache/clients/python/bin/python -m pip --disable-pip-version-check --quiet install --require-hashes --no-deps -r .ci/clients.lock
	@touch $(CLIENTS)

release: $(STAMP) $(BILL) ## Build what is committed twice, into dist/; with VERSION=0.2.0 as that release, with TAG=1 tagged
	@$(BIN)/python .ci/release --bill .cache/release/bin/python \
	    $(if $(VERSION),--version "$(VERSION)") $(if $(filter 1,$(TAG)),--tag)

$(BILL): .ci/release.lock | $(STAMP)
	@$(BIN)/python -m venv --clear .cache/release
	@.cache/release/bin/python -m pip --disable-pip-version-check --quiet install --require-hashes --no-deps -r .ci/release.lock
	@touch $(BILL)

# A venv names its folder in every script. If the project was moved or copied, the old one would run the old code.
ifneq ($(shell cat $(STAMP) 2>/dev/null),$(CURDIR))
$(STAMP): moved
endif

# The stamp is written last: an interrupted set-up starts again.
# Every file must have the hash that the lock names, what builds Hanse included; nothing else is fetched.
$(STAMP): pyproject.toml constraints.txt
	@sh .ci/make-venv "$(PYTHON)"
	@echo "Installing Hanse and what it needs into .venv, once: a minute or two."
	@if [ -t 1 ]; then quiet=; else quiet=--quiet; fi; \
	    $(BIN)/python -m pip --disable-pip-version-check $$quiet install --require-hashes --no-deps -r constraints.txt
	@$(PIP) install --no-build-isolation --no-deps --editable .
	@$(PIP) check
	@pwd -P > $(STAMP)

upgrade: ## Lock the newest versions that pyproject.toml allows, with the hashes of their files
	@test -x $(UV)/uv || { $(PYTHON) -m venv --clear .cache/uv && $(UV)/python -m pip --disable-pip-version-check --quiet install uv; }
	PATH="$(CURDIR)/$(UV):$$PATH" sh .ci/lock

clean: ## Remove everything that was installed or made here
	rm -rf .venv .cache .hypothesis .mypy_cache .pytest_cache .ruff_cache .import_linter_cache .coverage .coverage.* build dist
	find ledger client node tests -name __pycache__ -type d -prune -exec rm -rf {} +
