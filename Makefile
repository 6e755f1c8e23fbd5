# Everything that people run. Rooms do the work; this file only names it.
.DEFAULT_GOAL := help
# Set-up comes before build, and build before what uses it: make -j may not turn that round.
.NOTPARALLEL:
SHELL := /bin/bash
NODE := node_modules/.bin/node
ROOMS := util values config plan cloud-init libvirt components model reachability policy report capture lab cli image package
SOURCES := $(shell find index.ts $(ROOMS) toolchain/command-plugin -name '*.ts' -o -name '*.json' 2>/dev/null)
BUNDLE := node_modules/.bin/esbuild --bundle --platform=node --target=node20 --format=cjs --log-level=warning --log-override:require-resolve-not-external=silent --sourcemap

.PHONY: help setup build image image-reproducible lab-start lab-stop demo demo-down test lint format docs test-unit test-policy test-toolchain test-lab test-image test-netns test-e2e test-host bench clean

help: ## this list
	@grep -hE '^[a-z-]+:.*## ' $(MAKEFILE_LIST) | sed -E 's/^([a-z-]+):.*## (.*)/  make \1\t\2/' | column -t -s "$$(printf '\t')"

setup: ## install what is missing and build the toolchain; seconds when all is there
	@toolchain/setup

build: .build/program.js .build/sallyport.js .build/policy.js .build/package.js ## compile the program and the command line

# Packages stay outside: Pulumi's runner and our program must share one copy of @pulumi/pulumi.
.build/program.js: $(SOURCES) package-lock.json Makefile
	@$(BUNDLE) --packages=external --metafile=$@.meta.json index.ts --outfile=$@

# The package that programs of other projects use.
.build/package.js: $(SOURCES) package-lock.json package.json Makefile
	@$(BUNDLE) --packages=external package/plugin.ts --outfile=$@

.build/sallyport.js: $(SOURCES) package-lock.json Makefile
	@$(BUNDLE) cli/main.ts --outfile=$@

# The policy pack. Pulumi's runner and the policy SDK must share one copy of @pulumi/pulumi; the rest goes in.
.build/policy.js: $(SOURCES) package-lock.json
	@$(BUNDLE) --external:@pulumi/pulumi --external:'@grpc/*' --external:google-protobuf policy/index.ts --outfile=$@

image: ## build the golden image (cached)
	@image/build

image-reproducible: image ## build the image once more and compare the two byte by byte
	@image/reproduce

lab-start: setup build ## start the embedded lab
	@bin/sallyport lab start

lab-stop: ## stop it; nothing is left behind
	@bin/sallyport lab stop

demo: setup build image ## the whole thing: lab, enclave, a page fetched through Tor, and proof that nothing leaked
	@bin/sallyport demo

demo-down: ## remove all that `make demo` made
	@bin/sallyport demo --down

# The language host is tested with the engine built from the same sources, also where another Pulumi is installed.
test: export SALLYPORT_TOOLCHAIN := own
test: setup build image ## every tier; ends with one line over all of them
	@test/tiers lint unit policy toolchain lab image netns host e2e

lint: ## types, eslint, formatting, unused exports
	@test/tiers lint
format: ## format every source with Prettier
	@node_modules/.bin/prettier --write --log-level=warn .
docs: ## write every generated document anew: policies, ports, configuration with its schema and keys (netns figures: test/netns/run --write-docs)
	@UPDATE_DOCS=1 node_modules/.bin/jest --testPathPatterns 'policy/catalogue\.test' 'ports-doc' 'config/reference' 'guest-changes'
test-unit: ## pure functions and mocks
	@test/tiers unit
test-policy: ## the policy pack
	@test/tiers policy
test-toolchain: ## language host and command plugin against the real engine
	@test/tiers toolchain
test-lab: build ## the embedded lab
	@test/tiers lab
test-image: image ## the golden image: contents, boots, and every fault that must leave it shut
	@test/tiers image
test-netns: build ## rulesets and torrc in network namespaces, no VMs
	@test/tiers netns
test-e2e: build image ## real `pulumi up` on the embedded lab
	@test/tiers e2e

# Each as long as an emulated host needs; GOLDEN=1 needs a machine with KVM.
test-host: build ## lab hosts as VMs, each Debian: a stack's life, reboot, restarts of libvirtd and firewalls (GOLDEN=1: a page through Tor in one)
ifdef GOLDEN
	@test/host/run-golden
else
	@HOST_SUITE=outages HOST_REFRESH=refresh test/host/run trixie bookworm forky trixie-firewalld
endif

bench: build image ## compare with OpenTofu; print medians and ratios
	@test/bench/run

clean: ## remove what was built here, and what killed test runs left (not the lab's state: `make lab-stop` first)
	@[ ! -x node_modules/.bin/esbuild ] || test/sandboxed --clean
	@rm -rf .build .toolchain .image node_modules sdks
