# make setup | test | demo | header | clean      (make test SUITES="c headers" runs some)
SUITES ?=

.PHONY: all setup test demo header clean

all: test

setup:
	@scripts/setup

test: setup
	@tests/run.py $(SUITES)

demo: setup
	@scripts/demo

header:
	cargo xtask header
	cargo xtask abi

clean:
	rm -rf build
	cargo clean
