# The developer's commands. From a bare clone with Python 3.11+ and Node 18+, each makes what it needs first;
# a second run finds it made.
#
#   make demo        execute notebooks/01_quickstart.ipynb on the real runtime, with the offline model
#   make lab         open the notebooks in JupyterLab, with the offline model
#   make dev         the same, and a change in js/src shows in the open panels at once
#   make test        every tier in order; fails when one cannot run
#   make quick       before each commit: check with the types of the package alone, unit without what measures growth
#   make pythons     unit and contract on every Python of this machine that we may claim to support
#   make compat      contract and headless kernel tests on the oldest and newest SDK and the newest binary; docs/versions.md
#   make check       lint, format, types, layers; the page's lint and types
#   make unit | contract | kernel | attacks | browser | notebooks | js      one tier; ARGS="-k name -x" goes to pytest
#   make soak        500 turns in one kernel: memory, threads, descriptors and objects stay flat; then scripts/linear.py
#   make faults      every fault of tests/faults with its bound in seconds; docs/faults.md
#   make fuzz        any input at all (pages, the wire, the front of a cell), TIMES=50 times as many examples as in make unit
#   make racy        what was a race once, N=200 times each beside four busy loops
#   make gallery     every item played: notebooks, html and pictures into build/gallery; pictures of docs/images
#   make tutorials   run the notebooks with the offline model and save them with their outputs
#   make reference   write docs/options.md and docs/commands.md from the declarations
#   make words       write every text that a user reads into tests/data/words.txt, where a changed sentence is seen
#   make bench       the benchmark
#   make clean       remove what was built, the environments included

PYTHON ?= python3
ARGS ?=
N ?= 200
TIMES ?= 50

PY := .venv/bin/python
MAIN := .venv/installed
OLDEST := .venvs/ipykernel-6.29/installed
LAB := .venvs/lab-without-anywidget/installed
BUNDLE := build/bundle
MODULES := js/node_modules/.package-lock.json

# Node and the tools it runs trust the certificates that this machine trusts.
ifneq ($(wildcard /etc/ssl/certs/ca-certificates.crt),)
export NODE_EXTRA_CA_CERTS ?= /etc/ssl/certs/ca-certificates.crt
endif
export PYRIGHT_PYTHON_IGNORE_WARNINGS := 1
export PIP_DISABLE_PIP_VERSION_CHECK := 1

.PHONY: demo lab dev test quick pythons compat faults soak check unit contract kernel attacks browser notebooks js fuzz racy gallery tutorials reference words bench clean env envs chromium
.DELETE_ON_ERROR:

env: $(MAIN)
envs: $(MAIN) $(OLDEST) $(LAB)

$(MAIN): pyproject.toml hatch_build.py scripts/environment.py | $(BUNDLE)
	$(PYTHON) scripts/environment.py main
	@touch $@

$(OLDEST) $(LAB): pyproject.toml hatch_build.py scripts/environment.py $(MAIN)
	$(PY) scripts/environment.py $(if $(findstring ipykernel,$@),oldest,lab)
	@touch $@

$(MODULES): js/package.json js/package-lock.json
	@$(PYTHON) scripts/need_node.py
	cd js && npm ci --no-audit --no-fund --loglevel=error
	@touch $@

$(BUNDLE): $(MODULES) $(shell find js -name node_modules -prune -o -type f -print 2>/dev/null)
	cd js && npm run --silent build
	@mkdir -p $(@D) && touch $@

chromium:
	@scripts/chromium.sh

demo: $(MAIN)
	$(PY) scripts/demo.py

lab: $(MAIN)
	$(PY) scripts/lab.py

dev: $(MAIN)
	$(PY) scripts/develop.py

test:
	@$(MAKE) --no-print-directory $(MAIN)
	@$(PY) scripts/tiers.py

quick: $(MAIN)
	@$(PY) scripts/tiers.py --quick

pythons: $(MAIN)
	@$(PY) scripts/pythons.py

compat: $(MAIN)
	@$(PY) scripts/compat.py $(ARGS)

check: $(MAIN)
	@$(PY) scripts/tiers.py check

js: $(MODULES) chromium
	cd js && npm test --silent

unit: $(MAIN)
	$(PY) -m pytest tests --ignore=tests/contract --ignore=tests/kernel --ignore=tests/attacks --ignore=tests/faults \
		--ignore=tests/browser --ignore=tests/notebooks $(ARGS)

contract: $(MAIN)
	$(PY) -m pytest tests/contract $(ARGS)

kernel: envs
	$(PY) -m pytest tests/kernel $(ARGS)

faults: envs chromium
	@$(PY) scripts/faults.py $(ARGS)

attacks: envs chromium
	$(PY) -m pytest tests/attacks $(ARGS)

browser: envs chromium
	$(PY) -m pytest tests/browser $(ARGS)

notebooks: $(MAIN)
	$(PY) scripts/notebooks.py $(ARGS)

soak: $(MAIN)
	$(PY) scripts/soak.py $(ARGS)

fuzz: $(MAIN)
	CODEX_JUPYTER_FUZZ=$(TIMES) $(PY) -m pytest tests/unit -m fuzz -n 2 $(ARGS)

racy: envs chromium
	$(PY) scripts/racy.py $(N)

gallery: envs chromium
	$(PY) scripts/gallery.py $(ARGS)

tutorials: $(MAIN)
	$(PY) scripts/tutorials.py $(ARGS)

reference: $(MAIN)
	$(PY) scripts/reference.py

words:
	$(PYTHON) scripts/words.py

bench: $(MAIN)
	$(PY) -m bench $(ARGS)

clean:
	rm -rf build dist .venv .venvs js/node_modules codex_jupyter/static .pytest_cache .ruff_cache .import_linter_cache .hypothesis
	find . -name __pycache__ -prune -exec rm -rf {} +
