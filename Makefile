# make setup | test | torture | fuzz | bench | demo | header | clean  (make test SUITES="c headers" runs some)
SUITES ?=

.PHONY: all setup test torture fuzz bench demo header clean

all: test

setup:
	@scripts/setup

test: setup
	@tests/run.py $(SUITES)

# Every call of a driver failed in every way, at every place.
torture: setup
	@TORTURE=full tests/run.py torture

# Requests beside other servers; what the bench alone needs is installed too.
bench:
	@scripts/setup --bench
	@PATH="$$HOME/.cargo/bin:$$PATH" tests/bench/run.py

# libFuzzer over one target, FUZZ=api, for FUZZ_SECONDS; what it finds is kept in build/fuzz-NAME.
FUZZ ?= api
FUZZ_SECONDS ?= 600
fuzz:
	@scripts/setup --fuzz
	@scripts/fuzz $(FUZZ) $(FUZZ_SECONDS)

demo: setup
	@scripts/demo

header:
	cargo xtask header
	cargo xtask abi

clean:
	rm -rf build
	cargo clean
