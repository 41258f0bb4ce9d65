# Needs Linux, Python 3.11 or newer with venv, and make. Everything else comes with the first run.

PYTHON ?= python3
VENV := .venv
BIN := $(VENV)/bin/python
PIP := $(BIN) -m pip --disable-pip-version-check --quiet install --require-hashes
EMBEDDED := $(BIN) -m xiaogan_portal.embedded
TEST_DATA := $(or $(PORTAL_DATA_DIR),$(CURDIR)/var)/test
# Two processes, as the machines that test have two cores.
PYTEST := $(BIN) -m pytest -p tests.scheduling -n 2 $(ARGS)
LOCK := $(BIN) -m uv pip compile --universal --python-version 3.11 --generate-hashes --no-emit-index-url --no-header --quiet

.PHONY: help run test deep bench check format lock backup restore
.DEFAULT_GOAL := help
.DELETE_ON_ERROR:

help:
	@echo "make run      start the portal (PORT=8000, PORTAL_DATA_DIR=var)"
	@echo "make test     every test, quick profile (ARGS= goes to pytest)"
	@echo "make deep     every test, full figures"
	@echo "make bench    measures beside their yardsticks, as JSON lines (ARGS= names parts and sizes)"
	@echo "make check    style, types, migrations, templates"
	@echo "make format   put the style right"
	@echo "make lock     pin the requirements anew"
	@echo "make backup   write everything into one file below var/backups"
	@echo "make restore  put one back: FILE=… and, over existing data, FORCE=1"

run: $(VENV)/run.stamp
	@exec $(EMBEDDED) run --until-parent-ends

test deep: export PORTAL_TEST_SERVERS := 1
test deep: export PORTAL_DATA_DIR := $(TEST_DATA)
deep: export PORTAL_DEEP := 1
test deep: $(VENV)/dev.stamp
	@sh .ci/browser
	@$(if $(filter deep,$@),sh .ci/office)
	@$(EMBEDDED) build
	@exec $(EMBEDDED) exec -- $(PYTEST)

bench: $(VENV)/run.stamp
	@$(EMBEDDED) build
	@exec $(BIN) -m bench $(ARGS)

check: $(VENV)/dev.stamp
	@$(EMBEDDED) build
	$(BIN) -m ruff check .
	$(BIN) -m ruff format --check .
	$(BIN) -m mypy .
	$(BIN) manage.py check
	$(BIN) manage.py makemigrations --check --dry-run
	$(VENV)/bin/djade --check --target-version 5.2 $$(find templates */templates -name '*.html' 2>/dev/null)

format: $(VENV)/dev.stamp
	$(BIN) -m ruff check --fix .
	$(BIN) -m ruff format .
	$(VENV)/bin/djade --target-version 5.2 $$(find templates */templates -name '*.html' 2>/dev/null)

lock: $(VENV)/dev.stamp
	$(LOCK) requirements.in -o requirements.txt
	$(LOCK) requirements-dev.in -o requirements-dev.txt
	$(LOCK) requirements-node.in -o requirements-node.txt

backup: $(VENV)/run.stamp
	@exec $(EMBEDDED) backup

restore: $(VENV)/run.stamp
	@test -n "$(FILE)" || { echo "Say which: make restore FILE=var/backups/….tar"; exit 2; }
	@exec $(EMBEDDED) restore "$(FILE)" $(if $(FORCE),--force)

# The virtual environment, and stamps that are older than the lists they were made from when those change.
$(BIN):
	@echo "Making the virtual environment …"
	@$(PYTHON) -c 'import sys; sys.exit(sys.version_info < (3, 11))' || \
		{ echo "The portal needs Python 3.11 or newer; name one: make PYTHON=python3.12 …"; exit 1; }
	@$(PYTHON) -m venv --clear $(VENV) || \
		{ rm -rf $(VENV); echo "Python's venv module is missing; on Debian: apt-get install python3-venv"; exit 1; }

$(VENV)/run.stamp: requirements.txt | $(BIN)
	@echo "Installing the pinned requirements …"
	@$(PIP) -r requirements.txt
	@touch $@

$(VENV)/dev.stamp: requirements-dev.txt $(VENV)/run.stamp | $(BIN)
	@echo "Installing the requirements of tests and checks …"
	@$(PIP) -r requirements-dev.txt
	@touch $@
