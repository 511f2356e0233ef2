# `make demo` and `make test` work on a fresh machine with make and Python 3.11, 3.12 or 3.13. Nothing fresh is installed twice.

VENV ?= .venv
PYTHON ?= $(shell for p in python3 python3.13 python3.12 python3.11; do \
	$$p -c 'import sys; sys.exit(not (3, 11) <= sys.version_info[:2] < (3, 14))' 2>/dev/null && echo $$p && break; done)
WORKERS ?= 2
RUN := $(VENV)/bin/python
PIP := $(RUN) -m pip --quiet --no-input --disable-pip-version-check
unexport PYTHONDONTWRITEBYTECODE PYTHONHOME PYTHONPATH
.DELETE_ON_ERROR:
.NOTPARALLEL:
.PHONY: demo test test-long bench lint lock warm clean

demo: $(VENV)/.demo warm
	$(RUN) -m lts demo

test: $(VENV)/.test warm
	$(RUN) -m pytest -n $(WORKERS) $(ARGS)

test-long: $(VENV)/.test warm
	$(RUN) -m pytest -m long --timeout 3000 $(ARGS)

# Builds an environment for each peer below .cache/bench; writes benchmarks/RESULTS.md. A quick look: make bench ARGS="--rounds 1 --quick"
bench: $(VENV)/.demo warm
	$(RUN) -m benchmarks $(ARGS)

lint: $(VENV)/.test
	$(RUN) -m ruff check .
	$(RUN) -m ruff format --check .
	$(RUN) -m mypy
	$(VENV)/bin/lint-imports

# After a change of dependencies in pyproject.toml. The lists carry hashes and no address; one resolution serves all three.
UV := uv pip compile --quiet --universal --generate-hashes --no-emit-index-url --no-header --custom-compile-command "make lock" pyproject.toml
lock:
	$(UV) --all-extras -o constraints.txt
	$(UV) --extra samples --extra build -c constraints.txt -o requirements/demo.txt
	$(UV) --extra dev -c constraints.txt -o requirements/test.txt

clean:
	rm -rf $(VENV) build dist out .cache .coverage .hypothesis .import_linter_cache .mypy_cache .pytest_cache .ruff_cache
	find lts tests benchmarks -name __pycache__ -type d -prune -exec rm -rf {} +

$(RUN):
	@test -n "$(PYTHON)" || { echo "LTS needs Python 3.11, 3.12 or 3.13; none of python3, python3.11 .. python3.13 is one. Say where: make PYTHON=..." >&2; exit 1; }
	$(PYTHON) -m venv $(VENV)

# The package itself cannot be hashed, so it comes second, with nothing left for pip to fetch.
$(VENV)/.demo: requirements/demo.txt pyproject.toml | $(RUN)
	$(PIP) install --require-hashes --no-deps -r requirements/demo.txt
	$(PIP) install --no-deps --no-build-isolation --editable .
	@touch $@

$(VENV)/.test: requirements/test.txt $(VENV)/.demo
	$(PIP) install --require-hashes --no-deps -r requirements/test.txt
	@touch $@

# Compiled once here, so that neither the first backtest nor two test workers at once have to. Two seconds when nothing is new.
warm: | $(VENV)/.demo
	$(RUN) -m lts doctor --warm
