# Everything that a developer or a curious visitor types. `make help` lists it.

CARGO_TARGET_DIR ?= $(if $(XDG_CACHE_HOME),$(XDG_CACHE_HOME),$(HOME)/.cache)/skyform/target
export CARGO_TARGET_DIR

.PHONY: help demo test build bench fuzz tidy fmt clippy setup

help: ## list the targets
	@grep -E '^[a-z]+:.*##' $(MAKEFILE_LIST) | sed 's/:.*## /\t/' | expand -t 12

setup: ## install what a build needs (CMake, a C++ compiler, libclang) where it is missing
	@bash scripts/setup.sh

demo: setup ## build, then place, plan, apply and destroy a stack
	@cargo build --quiet
	@bash scripts/demo.sh "$(CARGO_TARGET_DIR)/debug/skyform"

test: setup ## run all tests; ends with the runner's summary
	@bash scripts/test.sh

build: setup ## build the program
	@cargo build

bench: setup ## compare time and memory with terraform, in a release build
	@bash scripts/bench.sh

fuzz: setup ## run the fuzz targets, 10 minutes each (FUZZ_SECONDS=N, TARGETS="state plan")
	@cargo build --quiet
	@bash scripts/fuzz.sh "$(CARGO_TARGET_DIR)/debug/skyform"

tidy: ## check the tree's conventions
	@cargo xtask tidy

fmt: ## format the code
	@cargo fmt --all

clippy: ## lint the code
	@cargo clippy --workspace --all-targets -- -D warnings
