# Every target makes or renews the environment first; `make help` lists them.

PYTHON ?= python3
BIN := .venv/bin
NOTEBOOKS := $(wildcard notebooks/*.ipynb)

# Kernels would compile every library again at each start if it were forbidden to keep bytecode.
unexport PYTHONDONTWRITEBYTECODE

.DEFAULT_GOAL := help
.PHONY: help env reports screenshot test test-slow bench validate lab lint format lock approve strip clean

help: ## List the targets
	@grep -hE '^[a-z-]+:.*## ' $(MAKEFILE_LIST) | awk -F ':.*## ' '{printf "make %-10s %s\n", $$1, $$2}'

env: ## Make or renew the environment in .venv
	@$(PYTHON) scripts/bootstrap.py

reports: env ## Publish every report of reports.toml to reports/index.html
	@$(BIN)/crmresearch build

screenshot: env ## Renew docs/report.webp, the README's picture of a report
	@$(BIN)/python scripts/screenshot.py

test: env ## Check everything: package, notebooks, reports, a clean clone
	@$(BIN)/pytest

test-slow: env ## Run the long simulations as well
	@$(BIN)/pytest -m slow

bench: env ## Measure what a report costs, into reports/bench.json
	@$(BIN)/python scripts/bench.py

validate: env ## Compare our numbers with published ones
	@$(BIN)/crmresearch validate

lab: env ## Open the notebooks in JupyterLab
	@$(BIN)/jupyter lab --ip=127.0.0.1 --ServerApp.root_dir=. --LabApp.default_url=/lab/tree/notebooks $(if $(filter 0,$(shell id -u)),--allow-root)

lint: env ## Check style and format
	@$(BIN)/ruff check .
	@$(BIN)/ruff format --check .

format: env ## Bring code and notebooks into format
	@$(BIN)/ruff check --fix .
	@$(BIN)/ruff format .

lock: env ## Lock the newest packages that pyproject.toml allows
	@$(BIN)/uv pip compile --quiet $(LOCKING) --group test pyproject.toml -o requirements.lock
	@$(BIN)/uv pip compile --quiet $(LOCKING) --group pyproject.toml:setup -o requirements-uv.lock
LOCKING := --universal --python-version 3.11 --upgrade --generate-hashes --no-emit-index-url --no-header

approve: env ## Renew tests/approved, the notebooks' text outputs on the demo data
	@$(BIN)/crmresearch approve

strip: env ## Clear the outputs of the notebooks before a commit
	@$(BIN)/nbstripout --keep-id --extra-keys "$(STRIPPED)" $(NOTEBOOKS)
STRIPPED := $(addprefix metadata.language_info.,codemirror_mode file_extension mimetype nbconvert_exporter pygments_lexer version) $(addprefix metadata.,papermill widgets vscode toc) $(addprefix cell.metadata.,papermill execution vscode)

clean: ## Remove the environment, the reports, their history and every cache
	@rm -rf .venv reports .build .pytest_cache .ruff_cache .hypothesis
	@find . -name __pycache__ -type d -prune -exec rm -rf {} +
