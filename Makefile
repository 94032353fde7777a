# Two commands do everything: `make demo` and `make test`. What they need is installed into .venv and .local.
SHELL := /bin/sh
.DEFAULT_GOAL := help

BIN := .venv/bin
LOCAL := .local
LOCAL_CLOUD := $(LOCAL)/ready
export TF_CLI_CONFIG_FILE := $(CURDIR)/$(LOCAL)/terraformrc
export TF_PLUGIN_CACHE_MAY_BREAK_DEPENDENCY_LOCK_FILE := 1
export TF_IN_AUTOMATION := 1
export PYTHONPYCACHEPREFIX := $(CURDIR)/$(LOCAL)/pycache
# Byte-code is for there: without it, each of some hundred programs would compile everything anew.
unexport PYTHONDONTWRITEBYTECODE

.PHONY: help
help: ## Show what there is
	@awk -F ':.*## ' '/^[a-z-]+:.*## / {printf "  %-16s %s\n", $$1, $$2}' $(MAKEFILE_LIST)

##@ Installing into the project folder

.venv/ready: requirements/dev.txt
	@python=$$(tools/prerequisites.sh) && echo "Installing tools into .venv ..." && "$$python" -m venv --clear .venv
	@$(BIN)/python -m pip install --quiet --disable-pip-version-check --require-hashes --requirement requirements/dev.txt
	@touch $@

$(LOCAL)/checkov/ready: requirements/checkov.txt
	@python=$$(tools/prerequisites.sh) && echo "Installing checkov into $(@D) ..." && "$$python" -m venv --clear $(@D)
	@$(@D)/bin/python -m pip install --quiet --disable-pip-version-check --require-hashes --requirement $<
	@touch $@

$(LOCAL_CLOUD): .venv/ready requirements/runtime.txt tools/terraform_config.py
	@mkdir -p $(LOCAL)
	@$(BIN)/python tools/terraform_config.py $(TF_CLI_CONFIG_FILE)
	@$(BIN)/python -m local_cloud.pythons --root $(LOCAL)/runtime --requirements requirements/runtime.txt > $(LOCAL)/pythons.json
	@touch $@

# The path of a browser; asked again when the browser that it names is gone.
$(LOCAL)/chromium: .venv/ready tools/chromium.py
	@mkdir -p $(LOCAL)
	@$(BIN)/python -m tools.chromium > $@.new && mv $@.new $@

.PHONY: dev
dev: .venv/ready $(LOCAL)/checkov/ready $(LOCAL_CLOUD) ## Install everything that the checks need

PACKAGES := dist/engagement-function.zip dist/engagement-layer.zip
# Only what is missing is built here; whether it is current is for package-check to say.
$(PACKAGES) &: | .venv/ready
	@$(BIN)/python tools/package.py build

##@ The main job, on the local cloud

.PHONY: prerequisites
prerequisites:
	@tools/prerequisites.sh > /dev/null

.PHONY: demo demo-once
demo: prerequisites $(LOCAL_CLOUD) $(PACKAGES) ## Apply examples/complete on the local cloud, send calls, announce a release, show what arrived; stays until Ctrl-C
	@$(BIN)/python -m tools.demo

demo-once: prerequisites $(LOCAL_CLOUD) $(PACKAGES) ## The same, then exit
	@$(BIN)/python -m tools.demo --once

.PHONY: screenshots
screenshots: prerequisites $(LOCAL_CLOUD) $(PACKAGES) $(LOCAL)/chromium ## Take the pictures of the READMEs: the demo page, the console, a run
	@$(BIN)/python -m tools.screenshots

##@ Checks

.PHONY: test
test: dev ## Everything that CI runs, with the seconds of each suite
	@# The suites on the applied stack mostly wait, for the provider and for queues: they run beside all others, and
	@# one after the other, since what waits for an answer must get it before its time is up.
	@$(BIN)/python tools/suites.py test-cloud test-browser -- lint typecheck docs-check package-check security test-terraform test-python test-recipes test-gtm test-local-cloud

.PHONY: fmt
fmt: dev ## Format Terraform and Python
	terraform fmt -recursive
	$(BIN)/ruff check --fix --quiet .
	$(BIN)/ruff format .

.PHONY: lint
lint: dev
	terraform fmt -check -diff -recursive
	$(BIN)/ruff format --check .
	$(BIN)/ruff check .

.PHONY: typecheck
typecheck: .venv/ready
	$(BIN)/mypy

.PHONY: security
security: $(LOCAL)/checkov/ready
	@# Python source and tests hold no Terraform; checkov takes no configuration file here, skips stand beside what they skip.
	@# It passes over a file that a busy machine reads for longer than ten seconds, and says nothing: no limit, then.
	HCL_PARSE_TIMEOUT_SEC=0 $(LOCAL)/checkov/bin/checkov --directory . --framework terraform --compact --quiet --skip-download --skip-path .local --skip-path .venv --skip-path tests

.PHONY: test-terraform
test-terraform: dev ## terraform validate and terraform test, without credentials
	$(BIN)/python -m tools.terraform_checks

.PHONY: test-python
test-python: .venv/ready ## Unit, functional and contract tests, with coverage
	$(BIN)/python -m pytest -n auto tests/unit tests/functional tests/contract -m "not (many_runs or hypothesis)" --cov --cov-fail-under=90
	@# Measuring these would take several times as long, and they cover nothing else.
	$(BIN)/python -m pytest -n auto tests/unit tests/functional tests/contract -m "many_runs or hypothesis"

.PHONY: test-local-cloud
test-local-cloud: $(LOCAL_CLOUD) ## Tests of the local cloud itself
	$(BIN)/python -m pytest -n auto --dist loadfile tests/local_cloud

.PHONY: test-cloud
test-cloud: $(LOCAL_CLOUD) ## The applied stack on the local cloud, end to end
	@# Mostly waiting for the provider and for queues: each worker has a local cloud of its own.
	$(BIN)/python -m pytest -n 4 --dist loadfile --no-loadscope-reorder tests/cloud

.PHONY: test-browser
test-browser: $(LOCAL_CLOUD) $(LOCAL)/chromium ## Pages and GTM kit in a real browser, on the applied stack
	$(BIN)/python -m pytest -n 3 tests/browser

.PHONY: test-recipes
test-recipes: .venv/ready ## Recipes that mint tokens, in Python, Node and GTM's sandbox
	$(BIN)/python -m pytest -n auto tests/recipes

.PHONY: test-gtm
test-gtm: $(LOCAL_CLOUD) ## Container, custom template and lint for Google Tag Manager, without a cloud
	$(BIN)/python -m pytest -n auto --dist loadfile tests/gtm

.PHONY: bench
bench: $(LOCAL_CLOUD) ## The table of numbers, each beside its target
	@$(BIN)/python -m tests.benchmarks

##@ Operation

.PHONY: replay smoke gtm-lint plan-check plan-show migrate-plan run-show run-stop
replay: .venv/ready ## Send events back: make replay QUEUE=dlq|rejects NAME=shop [REASON=..] [LIMIT=..] [DRY_RUN=1]
	@$(BIN)/python -m tools.replay "$(QUEUE)" --name "$(NAME)" --url "$(URL)" --reason "$(REASON)" $(if $(LIMIT),--limit "$(LIMIT)") $(if $(DRY_RUN),--dry-run)

smoke: .venv/ready ## Compare a deployment with the local cloud: make smoke URL=.. [QUEUE=..] [ORIGIN=..] [APPLICATION_ID=..]
	@$(BIN)/python -m tools.smoke --url "$(URL)" --queue "$(QUEUE)" --origin "$(ORIGIN)" --application-id "$(APPLICATION_ID)"

gtm-lint: .venv/ready ## Check a container for Google Tag Manager: make gtm-lint FILE=container.json
	@$(BIN)/python tools/gtm_lint.py "$(FILE)"

plan-check: .venv/ready ## Say what is wrong with plans: make plan-check FILE="a.json b.json" [SETTINGS=settings.json]
	@$(BIN)/python -m tools.plan check $(if $(SETTINGS),--settings "$(SETTINGS)") -- $(FILE)

plan-show: .venv/ready ## Say what a plan does, and draw it: make plan-show FILE=plan.json [SETTINGS=settings.json]
	@$(BIN)/python -m tools.plan show $(if $(SETTINGS),--settings "$(SETTINGS)") -- $(FILE)

migrate-plan: .venv/ready ## Say what Amazon Connect makes of plans: make migrate-plan FILE=plan.json [SETTINGS=settings.json]
	@$(BIN)/python -m tools.migrate_plan $(if $(SETTINGS),--settings "$(SETTINGS)") -- $(FILE)

run-show: .venv/ready ## Show runs of company events, or one: make run-show NAME=shop|TABLE=.. [RUN=..] [LIMIT=..]
	@$(BIN)/python -m tools.run show --name "$(NAME)" --table "$(TABLE)" $(if $(LIMIT),--limit "$(LIMIT)") $(if $(RUN),-- "$(RUN)")

run-stop: .venv/ready ## Stop a run, and take back what is not sent: make run-stop RUN=.. NAME=shop [BUS=..] [SOURCE=..] [WAIT=1]
	@$(BIN)/python -m tools.run stop --name "$(NAME)" --table "$(TABLE)" --bus "$(BUS)" $(if $(SOURCE),--source "$(SOURCE)") $(if $(WAIT),--wait) -- "$(RUN)"

##@ Moving to Amazon Connect

.PHONY: migrate-app
migrate-app: .venv/ready ## Convert files saved from Pinpoint: make migrate-app FROM=saved TO=converted [KEY=user] [LISTS=joined]
	@$(BIN)/python -m tools.migration $(if $(KEY),--key "$(KEY)") $(if $(LISTS),--lists "$(LISTS)") -- "$(FROM)" "$(TO)"

##@ Packages and documentation

.PHONY: package package-check publish
package: .venv/ready ## Build dist/ from nothing
	@$(BIN)/python tools/package.py build

package-check: .venv/ready
	@$(BIN)/python tools/package.py check

publish: .venv/ready ## Upload dist/ to a bucket: make publish BUCKET=my-artifacts [PREFIX=engagement]
	@$(BIN)/python tools/publish.py --bucket "$(BUCKET)" --prefix "$(PREFIX)"

.PHONY: docs docs-check
docs: .venv/ready ## Write the reference tables of the READMEs
	@$(BIN)/python tools/docs.py write

docs-check: .venv/ready
	@$(BIN)/python tools/docs.py check

.PHONY: clean
clean: ## Remove everything that was installed or made here
	rm -rf .local .venv .mypy_cache .pytest_cache .ruff_cache .hypothesis .coverage
