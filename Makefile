# make demo   an exercise, assessed and served on http://127.0.0.1:8000
# make test   lint, types, contracts, unit, oracle, browser
# make lint   ruff, mypy, import contracts
# make bench  every figure of benchmarks/RESULTS.md, printed
# make docs   the generated reference, written anew
# make lock   resolve the pinned versions anew

PYTHON ?= python3
BIN := .venv/bin
PORT ?= 8000
export BIANQUE_SHARED ?= ../shared

.PHONY: demo test lint bench docs assets browser lock clean

demo: .venv/assets
	$(BIN)/bianque drill make --seed 7 --days 60 --out exercise
	$(BIN)/bianque assess exercise --out out/exercise
	$(BIN)/bianque serve --lake out/exercise/lake --port $(PORT)

test: lint browser
	$(BIN)/python -m pytest

lint: .venv/assets
	$(BIN)/ruff format --check src tests benchmarks scripts
	$(BIN)/ruff check src tests benchmarks scripts
	$(BIN)/mypy
	$(BIN)/lint-imports

bench: .venv/assets
	$(BIN)/python benchmarks/run.py

docs: .venv/assets
	$(BIN)/python scripts/reference.py docs/reference

assets: .venv/assets

.venv/installed: pyproject.toml requirements.lock
	$(PYTHON) -m venv .venv
	$(BIN)/python -m pip install --quiet --require-hashes -r requirements.lock
	$(BIN)/python -m pip install --quiet --no-deps --no-build-isolation --editable .
	touch $@

# Debian's Chromium and a Chinese font, for the tests that look at pages. Without root the browser tests skip and say so.
browser: .venv/assets
	$(BIN)/python scripts/browser.py

.venv/assets: .venv/installed package.json package-lock.json scripts/vendor.mjs scripts/assets.py
	$(BIN)/python scripts/assets.py
	touch $@

lock:
	$(BIN)/python -m pip install --quiet uv
	$(BIN)/uv pip compile --universal --python-version 3.11 --generate-hashes --no-emit-index-url --no-header \
	  --no-annotate --upgrade --group dev pyproject.toml -o requirements.lock

clean:
	rm -rf .venv node_modules out exercise src/bianque/web/static/vendor
