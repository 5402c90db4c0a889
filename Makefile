# make demo   an exercise, assessed and served on http://127.0.0.1:8000, with one log-in for each role
# make test   lint, types, contracts, unit, oracle, browser
# make test-full   and the tests that take minutes: every sequence of ArchiveII, the whole genome
# make lint   ruff, mypy, import contracts
# make bench  every figure of benchmarks/RESULTS.md, printed
# make sanitize    the kernels' tests under AddressSanitizer, UBSan and ThreadSanitizer
# make docs   the generated reference, written anew
# make lock   resolve the pinned versions anew

PYTHON ?= python3
BIN := .venv/bin
PORT ?= 8000
export BIANQUE_SHARED ?= ../shared
# Debian's packages are fetched while pip installs, and code is not compiled anew by each command that a test starts.
MAKEFLAGS += --jobs=2
unexport PYTHONDONTWRITEBYTECODE

.PHONY: demo test test-full sanitize lint bench docs assets debian lock clean

demo: .venv/assets
	$(BIN)/bianque drill make --seed 7 --days 60 --out exercise
	$(BIN)/bianque assess exercise --out out/exercise
	rm -rf out/exercise/register
	$(BIN)/bianque drill register --out out/exercise/register --lake out/exercise/lake
	$(BIN)/bianque serve --lake out/exercise/lake --register out/exercise/register --port $(PORT)

# Two workers; what is measured in a browser runs alone.
test: lint debian
	$(BIN)/python -m pytest -n 2 --dist loadfile --ignore=tests/browser
	$(BIN)/python -m pytest tests/browser

test-full: lint debian
	$(BIN)/python -m pytest -m ""

# The kernels under AddressSanitizer and UndefinedBehaviorSanitizer, and what runs in threads under ThreadSanitizer,
# in builds of their own.
sanitize: build/sanitize/address,undefined build/sanitize/thread
	$(BIN)/python scripts/sanitize.py build/sanitize/address,undefined address,undefined tests/treat/rna
	$(BIN)/python scripts/sanitize.py build/sanitize/thread thread tests/treat/rna -k "thread or cancel or span"

build/sanitize/%: .venv/assets
	$(BIN)/cmake -S . -B $@ -G Ninja -DCMAKE_MAKE_PROGRAM=$(abspath $(BIN))/ninja \
	  -DPython_EXECUTABLE=$(abspath $(BIN))/python -Dnanobind_DIR=$$($(BIN)/python -m nanobind --cmake_dir) \
	  -DBIANQUE_SANITIZE=$*
	$(BIN)/cmake --build $@
	touch $@

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

KERNELS := CMakeLists.txt $(wildcard kernels/*.cpp kernels/*/*)

.venv/locked: requirements.lock
	$(PYTHON) -m venv .venv
	$(BIN)/python -m pip install --quiet --require-hashes -r requirements.lock
	touch $@

.venv/installed: .venv/locked pyproject.toml $(KERNELS)
	$(BIN)/python -m pip install --quiet --no-deps --no-build-isolation --editable .
	touch $@

# Debian's Chromium and a Chinese font for the tests that look at pages, SoftHSM for those of a root key in hardware.
# Without root those tests skip and say so.
debian:
	$(PYTHON) scripts/debian.py

.venv/assets: .venv/installed package.json package-lock.json scripts/vendor.mjs scripts/assets.py
	$(BIN)/python scripts/assets.py
	touch $@

lock:
	$(BIN)/python -m pip install --quiet uv
	$(BIN)/uv pip compile --universal --python-version 3.11 --generate-hashes --no-emit-index-url --no-header \
	  --no-annotate --upgrade --group dev pyproject.toml -o requirements.lock

clean:
	rm -rf .venv node_modules out exercise src/bianque/web/static/vendor
