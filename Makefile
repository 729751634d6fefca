# Everything that is done with this repository. "make" alone lists it.
#
# run and test bring their own Postgres and RabbitMQ, private to this checkout,
# unless DATABASE_URL and AMQP_URL both name servers to use instead.

FUZZTIME ?= 30s

# Tests of one package may take this long; all together need far less.
TEST_TIMEOUT ?= 40m

# So many tests of a package run at the same time: most of their time they wait
# for a server or a process.
PARALLEL ?= 4

# The race detector triples what the tests cost. It finds the same on any server.
RACE ?= -race

# Where make screenshots puts them.
SCREENSHOTS ?= .screenshots

# A git that refuses to look at the checkout, because it belongs to another
# user, must not fail the build.
VCS := $(shell git status >/dev/null 2>&1 || echo -buildvcs=false)

.DEFAULT_GOAL := help
.PHONY: help build run test test-trixie screenshots lint chaos chaos-trixie bench bench-compare fmt fuzz stop clean-data clean devstack

help: ## List the targets
	@awk -F ':.*## ' '/^[a-z-]+:.*## / { printf "  make %-14s %s\n", $$1, $$2 }' $(MAKEFILE_LIST)

build: ## Build bin/integr8, static
	CGO_ENABLED=0 go build $(VCS) -trimpath -o bin/ ./cmd/integr8

run: devstack ## Start everything, prove it with one conversion, stay up until Ctrl-C
	@CGO_ENABLED=0 go build $(VCS) -trimpath -o bin/ ./cmd/integr8 ./cmd/demo
	@if [ -n "$$DATABASE_URL" ] && [ -n "$$AMQP_URL" ]; then exec bin/demo; \
	else exec bin/devstack run --dir .stack -- bin/demo; fi

test: devstack ## Run all tests on freshly made servers, with the race detector
	@bin/devstack packages compiler chromium prometheus
	@if [ -n "$$DATABASE_URL" ] && [ -n "$$AMQP_URL" ]; then \
		echo "Testing on the given servers; the tests of the stack, the cluster and bench, which start their own, are left out."; \
		exec go test $(RACE) -parallel $(PARALLEL) -timeout $(TEST_TIMEOUT) $$(go list ./... | grep -vE '/cmd/(internal/stack|chaos/cluster|bench)$$'); \
	else exec bin/devstack run --dir .stack-test --fresh --disposable -- go test $(RACE) -parallel $(PARALLEL) -timeout $(TEST_TIMEOUT) ./...; fi

test-trixie: ## Run all tests in a Debian 13 root, on the servers that docker-compose.yml ships, without the race detector
	@.ci/trixie make test TEST_TIMEOUT=$(TEST_TIMEOUT) RACE=

screenshots: devstack ## Picture every page of the console into SCREENSHOTS (.screenshots)
	@bin/devstack packages chromium
	@exec bin/devstack run --dir .stack-test --fresh --disposable -- \
		env INTEGR8_SCREENSHOTS=$(abspath $(SCREENSHOTS)) go test -count=1 -run '^TestPeople' ./cmd/integr8/app

lint: ## Check the form of the code, and the module files
	@unformatted=$$(gofmt -l cmd handlers pipeline sql); \
	if [ -n "$$unformatted" ]; then echo "not formatted (make fmt):"; echo "$$unformatted"; exit 1; fi
	go vet ./...
	go tool staticcheck -checks all ./...
	go mod verify
	go mod tidy -diff

bench: ## Measure beside the stock pipeline and the raw broker, on servers of its own (ARGS=--quick: 3 minutes)
	go run $(VCS) ./cmd/bench $(ARGS)

chaos: ## Prove under fault that no hit is lost or doubled: all drills, or one by DRILL=name (ARGS=--list)
	@go run $(VCS) ./cmd/chaos $(foreach name,$(DRILL),--drill $(name)) $(ARGS)

chaos-trixie: ## make chaos in the Debian 13 root (DRILL=name, ARGS=..)
	@exec .ci/trixie make chaos DRILL="$(DRILL)" ARGS="$(ARGS)"

bench-compare: ## Compare the Go benchmarks with another commit: make bench-compare BASE=rev
	@[ -n "$(BASE)" ] || { echo "which commit? make bench-compare BASE=rev"; exit 2; }
	@go run $(VCS) ./cmd/bench code $(ARGS) "$(BASE)"

fmt: ## Format the code
	gofmt -w cmd handlers pipeline sql

fuzz: ## Run every fuzz target for FUZZTIME (30s)
	@set -e; for package in $$(grep -rlE --include='*_test.go' '^func Fuzz' . | xargs -r dirname | sort -u); do \
		for target in $$(go test -list '^Fuzz' "$$package" | grep '^Fuzz'); do \
			echo "$$package $$target"; \
			go test -run '^$$' -fuzz "^$$target\$$" -fuzztime $(FUZZTIME) "$$package"; \
		done; \
	done

stop: devstack ## Stop servers that make run or devstack left running
	@bin/devstack stop --dir .stack

clean-data: devstack ## Delete the data of make run
	@bin/devstack clean --dir .stack
	@rm -rf .stack

clean: devstack ## Delete what was built, and what a killed make test, bench or chaos left
	@bin/devstack clean --dir .stack-test
	@bin/devstack clean --dir .stack-bench
	@bin/devstack clean --dir .stack-chaos/servers
	@bin/devstack clean --dir .stack-chaos/cluster
	rm -rf bin .stack-chaos

devstack:
	@go build $(VCS) -o bin/ ./cmd/devstack
