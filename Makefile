# Builds, tests and measures libgait. Needs Rust, Python 3.10+, Node 18+, a C and C++ compiler and CMake; everything else is
# fetched into this folder (.venv, node/node_modules) by the locked lists in python/ and node/.

PREFIX ?= /usr/local
PYTHON ?= python3
CARGO ?= cargo
VENV := .venv
BIN := $(VENV)/bin

.PHONY: all build static demo test test-rust test-c test-python test-node test-readme test-docs bench lint fmt install clean python node

all: build

build:
	$(CARGO) build --release -p gait-cli -p gait-ffi

# One file that runs on any Linux of this architecture.
static:
	RUSTFLAGS="-C target-feature=+crt-static" $(CARGO) build --release -p gait-cli \
		--target $(shell rustc -vV | sed -n 's/^host: //p')

$(BIN)/.ready: python/requirements-dev.txt python/requirements-agentdojo.txt
	$(PYTHON) -m venv $(VENV)
	$(BIN)/python -m pip install --quiet --disable-pip-version-check -r python/requirements-dev.txt -r python/requirements-agentdojo.txt
	touch $@

# The Python package, built into .venv.
python: $(BIN)/.ready
	cd python && VIRTUAL_ENV=$(abspath $(VENV)) $(abspath $(BIN))/maturin develop --release --quiet

node/node_modules/.ready: node/package-lock.json
	cd node && npm ci --no-fund --no-audit --loglevel=error
	touch $@

# The npm package, built in place.
node: node/node_modules/.ready
	cd node && npm run --silent build

demo: python
	$(BIN)/python python/demo/run.py

test: test-rust test-c test-python test-node test-readme test-docs

test-rust:
	$(CARGO) test --workspace --exclude gait-python --exclude gait-node

test-c: build $(BIN)/.ready
	CLANG_FORMAT=$(abspath $(BIN))/clang-format tests/c/run.sh

test-python: python
	$(BIN)/python -m pytest python -q
	$(BIN)/python python/tests/wheel_smoke.py

test-node: node
	cd node && npm test
	cd node && npm run --silent test:pack

# The README's examples, as they stand there.
test-readme: build python node
	$(BIN)/python tests/readme.py

# The guides' examples, and one approval through every surface in every order.
test-docs: build python node
	$(BIN)/python tests/guides.py
	$(BIN)/python tests/approvals/roundtrip.py

bench: build python node
	GAIT_BENCH_PYTHON=$(abspath $(BIN))/python $(PYTHON) perf/bench.py

lint: $(BIN)/.ready node
	$(CARGO) fmt --check
	PYO3_PYTHON=$(abspath $(BIN))/python $(CARGO) clippy --workspace --all-targets -- -D warnings
	RUSTDOCFLAGS="-D warnings" $(CARGO) doc --no-deps --workspace --exclude gait-python --exclude gait-node --quiet
	$(BIN)/ruff check python perf tests
	$(BIN)/ruff format --check python perf tests
	cd python && $(abspath $(BIN))/mypy
	$(BIN)/clang-format --dry-run -Werror $$(git ls-files '*.c' '*.cpp' 'include/*.hpp')
	cd node && npm run --silent lint

fmt: $(BIN)/.ready
	$(CARGO) fmt
	$(BIN)/ruff format python perf tests
	$(BIN)/clang-format -i $$(git ls-files '*.c' '*.cpp' 'include/*.hpp')

install: build
	PREFIX=$(PREFIX) DESTDIR=$(DESTDIR) packaging/install.sh target/release

clean:
	$(CARGO) clean
	rm -rf $(VENV) node/node_modules
