# Two commands do everything: `make demo` and `make test`. No root, no Docker, no Java, no Maven: Python 3.11+ and the package registries.
PYTHON ?= python3
VENV := .venv
BIN := $(VENV)/bin
READY := $(VENV)/.ready
# Test files are shared out between so many processes, each with servers of its own (1.5 GB); 0 runs all in one.
TESTERS ?= 3

.PHONY: demo test failures chaos bench docs lint lock setup down purge clean

demo: $(READY)
	@$(if $(PROFILE),GUIJI_HOME=.guiji-$(PROFILE)) $(BIN)/python guiji.py demo $(if $(PROFILE),--profile $(PROFILE)) $(if $(RECORDS),--records $(RECORDS)) $(if $(ONCE),--once --json .guiji/demo.json)

test: $(READY)
	@$(BIN)/python -m pytest -n $(TESTERS) --dist loadfile $(ARGS)

failures: $(READY)
	@FAILURES=1 $(BIN)/python -m pytest tests/failures $(ARGS)
	@FAILURES=1 $(BIN)/python -m pytest tests -m 'alone' --ignore=tests/failures $(ARGS)

chaos: $(READY)
	@$(BIN)/python -m tests.failures.chaos --kills $(or $(KILLS),100) --seed $(or $(SEED),1) $(ARGS)

bench: $(READY)
	@$(BIN)/python -m bench.run --profile $(or $(PROFILE),full)

docs: $(READY)
	@$(BIN)/python guiji.py items docs build/docs

lint: $(READY)
	@$(BIN)/ruff check .
	@$(BIN)/mypy .

down: $(READY)
	@$(BIN)/python guiji.py down

purge: $(READY)
	@$(BIN)/python guiji.py down --purge

setup: $(READY)

$(READY): requirements.lock
	@$(PYTHON) -c 'import sys; sys.exit(sys.version_info < (3, 11))' || { echo "guiji needs Python 3.11 or newer; run: make PYTHON=/path/to/python3.11 $(MAKECMDGOALS)"; exit 1; }
	@[ -x $(BIN)/python ] || $(PYTHON) -m venv $(VENV) || { echo "Could not create a virtual environment. On Debian: apt-get install python3-venv"; exit 1; }
	@echo "Installing the locked Python packages into $(VENV) (about a minute, once) ..."
	@$(BIN)/python -m pip install --quiet --disable-pip-version-check --require-hashes -r requirements.lock
	@touch $@

lock: ## writes requirements.lock anew from the .in files; needs uv
	uv pip compile --universal --python-version 3.11 --generate-hashes --no-header --no-annotate -q requirements-dev.in -o requirements.lock
	uv pip compile --universal --python-version 3.11 --generate-hashes --no-header --no-annotate -q bench/requirements-quix.in -o bench/requirements-quix.lock

clean:
	rm -rf $(VENV) .pytest_cache .mypy_cache .ruff_cache
