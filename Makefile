# Makefile - the commands of this house; each is one line that calls a script or Meson. `make help` lists them.
SHELL = /bin/bash
.PHONY: all build run test torture fuzz bench tidy bless clean help

all: build

build: ## compile build/mayfly (installs compiler packages when missing)
	@tools/setup build
	@tools/build

run: ## the example from raw data to results, on a cluster that lives for it
	@tools/setup build run
	@tools/build
	@.deps/venv/bin/python tools/run.py

test: ## every suite, then one line: N passed, N failed
	@tools/setup build run test analytics
	@tools/build
	@tools/test

torture: ## the long tests: KILLS=200 crashes, 10,000 files, a 2 GB object
	@tools/setup build run test
	@tools/build
	@KILLS=$(or $(KILLS),200) FULL=1 .deps/venv/bin/python -m pytest -v test/real/test_crash.py test/real/test_s3_cli.py

fuzz: ## every fuzz target for RUNS=5000000 inputs (TARGETS="..." for some)
	@tools/setup build test
	@tools/fuzz $(or $(RUNS),5000000) $(TARGETS)

bench: ## measured beside peers, in one run
	@tools/setup build run bench
	@tools/build
	@bench/run

tidy: ## warnings of two compilers, clang-tidy, format, layers, README's map
	@tools/setup build test
	@tools/tidy

bless: ## rewrite the golden traces from what the program does now; read the diff
	@tools/build
	@BLESS=1 meson test -C build --suite golden; git diff --stat -- test/golden

clean: ## remove what was built (.deps stays)
	rm -rf build

help: ## this list
	@sed -n 's/^\([a-z]*\):.*## /\1\t/p' Makefile | expand -t 10
