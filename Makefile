# Each target is one line of work; `make` alone lists them.
PYTHON ?= python3.13
STAGE ?= staging
STEPS ?= 100000
VENV := .venv/bin/python
SETUP := $(PYTHON) local/bootstrap.py

# Nothing but `make deploy` may reach a real account or leave by a proxy. (An exported AWS_PROFILE
# would do the one, HTTPS_PROXY the other; pip and apt keep what their own settings say.)
ifeq ($(filter deploy,$(MAKECMDGOALS)),)
unexport $(filter AWS_%,$(.VARIABLES))
unexport HTTP_PROXY HTTPS_PROXY FTP_PROXY ALL_PROXY NO_PROXY
unexport http_proxy https_proxy ftp_proxy all_proxy no_proxy
endif
export SAM_CLI_TELEMETRY := 0

.DEFAULT_GOAL := help
.PHONY: help setup run test faults payments office mutate audit simulate check format build bench deploy lock clean

help: ## this list
	@awk -F ':.*## ' '/^[a-z]+:.*## / {printf "make %-8s %s\n", $$1, $$2}' $(MAKEFILE_LIST)

setup: ## virtual environments, font, postcodes and a browser (every target does this itself)
	@$(SETUP)

run: ## the whole portal on this machine, until Ctrl-C (PORT, GMO_PORT, DATA_DIR)
	@$(SETUP) dev sam ministack font
	@PYTHONPATH=layers/common exec $(VENV) -m local.run

test: ## every test: unit, adapters, stack, browser, office, faults (KINDS="unit adapters" for some)
	@$(SETUP)
	@PYTHONPATH=layers/common $(VENV) -m tests.run $(KINDS)

faults: ## random lives of payments under faults: make faults STEPS=100000 SEED=1
	@$(SETUP) dev
	@PYTHONPATH=layers/common $(VENV) -m tests.faults --steps $(STEPS) $(if $(SEED),--seed $(SEED))

mutate: ## each small change of the code that decides about money must turn a test red (MODULES="judge ask" for some)
	@$(SETUP) mutation
	@.tools/mutation/bin/python -m tests.mutate $(MODULES)

audit: ## the portal looked at by other people's tools (TOOLS="wapiti observatory" for some)
	@$(SETUP) dev sam ministack font postcodes wapiti schemathesis codecheck observatory
	@PYTHONPATH=layers/common $(VENV) -m tests.audit $(TOOLS)

payments: ## random payments on a local stack with the stand-in's faults (STEPS=300 SEED=7)
	@$(SETUP)
	@PYTHONPATH=layers/common RANDOM_STEPS=$(if $(filter file,$(origin STEPS)),300,$(STEPS)) \
	  RANDOM_SEED=$(SEED) $(VENV) -m pytest -q -s tests/stack/test_random_payments.py

office: ## so many members imported and billed, killed in the middle (MEMBERS=20000)
	@$(SETUP) dev sam ministack font postcodes
	@PYTHONPATH=layers/common $(VENV) -m tests.office.scale --members $(or $(MEMBERS),20000)

simulate: ## a dues year of 10,000 members with faults, report and picture in docs/simulation
	@$(SETUP) dev
	@PYTHONPATH=layers/common $(VENV) -m benchmarks.simulate

check: ## ruff, mypy, import-linter, cfn-lint, template tests
	@$(SETUP) dev sam
	$(VENV) -m ruff check .
	$(VENV) -m ruff format --check .
	$(VENV) -m mypy
	PYTHONPATH=layers/common .venv/bin/lint-imports
	.tools/sam/bin/cfn-lint
	$(VENV) -m pytest -q tests/unit/template

format: ## put the code into shape
	@$(SETUP) dev
	$(VENV) -m ruff check --fix-only .
	$(VENV) -m ruff format .

build: ## the artifacts that would be deployed (BUILD_ARCHITECTURE=arm64, x86_64 or host)
	@$(SETUP) dev sam
	.tools/sam/bin/sam build

bench: ## measurements beside what one would use instead
	@$(SETUP)
	@PYTHONPATH=layers/common $(VENV) -m benchmarks

deploy: ## to AWS: make deploy STAGE=staging or STAGE=production
	@$(SETUP) dev sam
	@$(VENV) -m ops.deploy $(STAGE)

lock: ## newest versions into every lock file (names, versions and hashes only)
	@$(SETUP) dev
	@$(VENV) -m layers.build.lock

clean: ## forget what was built (not the local stack's data)
	rm -rf .aws-sam .mypy_cache .ruff_cache .pytest_cache .import_linter_cache .hypothesis .mutation
