# Two targets matter to a newcomer: `make demo` and `make test`. Both install what is missing first.

SWIFT ?= swift
CONFIGURATION ?= release
BINARY = .build/$(CONFIGURATION)/foreshadow
SHELL = /bin/bash

.PHONY: help demo test lint format build bench simulate conformance contracts results setup clean

help:
	@echo "make demo         run the whole pipeline on an embedded Kafka, with the dashboard   (INPUT=trace.csv.gz  RATE=5000  PORT=8080  ARGS='--customers 500')"
	@echo "make test         build and run all tests, the contract checks and the lint"
	@echo "make build        build the release binary: $(BINARY)"
	@echo "make bench        events per CPU second of the updater, beside the floor   (BROKERS=host:9092)"
	@echo "make simulate     the runtime through crashes on a simulated cluster   (SEEDS=100000, or SEED=17 to play one alone)"
	@echo "make conformance  what other Kafka clients expect, on the embedded broker   (BROKERS=host:9092, CONFLUENT_KAFKA=2.0.2)"
	@echo "make results      evaluate every trace of a folder and rewrite the tables in docs/affinity.md   (DATA=folder)"
	@echo "make lint         check the format of the sources;  make format  mends it"
	@echo "make clean        remove what was built"

# About two minutes of four weeks, with the dashboard; Ctrl-C ends it. PORT=0 takes any free port.
demo: build
	@$(BINARY) demo --serve $(or $(PORT),8080) --rate $(or $(RATE),1500) $(if $(INPUT),--input $(INPUT)) $(ARGS)

build: setup
	$(SWIFT) build -c $(CONFIGURATION) --product foreshadow

test: setup lint contracts
	@scripts/setup --tests
	cd deploy/prometheus && promtool test rules foreshadow.rules.test.yml
	$(SWIFT) build --build-tests
	# All at once they would starve each other: most run processes or threads of their own.
	$(SWIFT) test --skip-build --experimental-maximum-parallelization-width 8
	.build/debug/simulate 1 2000
	scripts/check-emitted .build/debug/foreshadow
	scripts/check-service .build/debug/foreshadow

simulate: setup
	$(SWIFT) build -c $(CONFIGURATION) --product simulate
	@.build/$(CONFIGURATION)/simulate $(if $(SEED),$(SEED) 1 --trace,$(or $(FIRST),1) $(or $(SEEDS),10000))

lint:
	$(SWIFT) format lint --strict --recursive Sources Tests Package.swift

format:
	$(SWIFT) format --in-place --recursive Sources Tests Package.swift

contracts: setup
	/usr/bin/python3 scripts/check-contracts.py

bench: build
	@$(BINARY) bench $(if $(BROKERS),--brokers $(BROKERS)) $(ARGS)

results:
	@test -n "$(DATA)" || { echo "make results needs DATA=folder, a folder of traces" >&2; exit 2; }
	@$(MAKE) --no-print-directory build
	@scripts/results "$(DATA)" $(BINARY)

conformance: build
	@CONFIGURATION=$(CONFIGURATION) scripts/conformance/run $(BROKERS)

setup:
	@scripts/setup

clean:
	rm -rf .build
