# Everything a fresh Debian machine with a Swift toolchain needs. `make lab` and `make test` do their own set-up.

SWIFT       ?= swift
BUILD_FLAGS  = -c release -Xswiftc -enable-testing
DISTNB       = .build/release/distnb
LAB          = notebooks/lab-3.3-distillation.distnb

# The references once more without the processor's tiles, at the tolerances of plain products.
PLAIN        = ProductTests|LogitsTests|TrainingReferenceTests|ArchitectureTests|TextEncoderTests

.PHONY: all build lab test bench soak fuzz docs exports format lint weights minilm system clients clean

all: build

lab: build weights
	$(DISTNB) run $(LAB)

build: system
	$(SWIFT) build $(BUILD_FLAGS) --product distnb

test: lint system weights clients
	-@tools/fetch-weights minilm || echo "without the embedding model its tests are skipped"
	$(SWIFT) build $(BUILD_FLAGS) --product distnb
	$(SWIFT) build $(BUILD_FLAGS) --build-tests
	$(SWIFT) test $(BUILD_FLAGS) --skip-build --parallel
	DISTNB_PLAIN=1 $(SWIFT) test $(BUILD_FLAGS) --skip-build --parallel --filter '$(PLAIN)'

# Against real peers, one command a claim; see benchmarks/README.md.
bench: build weights clients
	benchmarks/notebook/run
	benchmarks/pipelines/run
	benchmarks/engine/run
	benchmarks/remote/run

# What takes longer than a test may: 200 kills at random instants, 10,000 rows of a failing service under kills, 20,000
# simulated sets for each claim of statistics.
soak: build
	$(SWIFT) build $(BUILD_FLAGS) --build-tests
	DISTNB_KILLS=200 $(SWIFT) test $(BUILD_FLAGS) --skip-build --filter DurabilityTests
	DISTNB_REMOTE_ROWS=10000 $(SWIFT) test $(BUILD_FLAGS) --skip-build --filter RemoteKernelTests
	DISTNB_SETS=20000 $(SWIFT) test $(BUILD_FLAGS) --skip-build --filter CoverageTests

# Hostile programs and data, many more than the suite has: FUZZ=N times as many, each time others (FUZZ_SEED).
FUZZ ?= 50
fuzz: build
	$(SWIFT) build $(BUILD_FLAGS) --build-tests
	DISTNB_FUZZ=$(FUZZ) $(SWIFT) test $(BUILD_FLAGS) --skip-build --filter Fuzz

# What the program knows of itself, written into docs/.
docs: build
	tools/update-docs

# What is exported, read by transformers and PEFT (in the Python PEERS) and llama.cpp (xllamacpp, in the Python LLAMA);
# Tests/References/README.md says how to get them.
PEERS ?= python3
LLAMA ?= $(PEERS)
exports: build weights
	$(PEERS) Tests/References/export_check.py --llama $(LLAMA)

format:
	$(SWIFT) format --in-place --recursive --parallel Package.swift Sources Tests

lint:
	$(SWIFT) format lint --strict --recursive --parallel Package.swift Sources Tests

# What turns texts into vectors, for cosine; 91 MB that the lab does without.
minilm:
	@tools/fetch-weights minilm

# Debian packages and weights; both do nothing where everything is there.
system:
	@tools/install-system

weights:
	@tools/fetch-weights

clients:
	@tools/python-clients

clean:
	rm -rf .build out
