# What .ci/run does, piece by piece, for the one who is at the keyboard.
PYTHON ?= python3

.PHONY: install dist test coverage lint types format demo bench clean

install:
	python3 -m venv .venv && .venv/bin/pip install -e '.[dev]'

# What is installed elsewhere: dist/ds_bridge-<version>-py3-none-any.whl, to be given to pip with its extras.
dist:
	$(PYTHON) -m pip wheel --quiet --no-deps --wheel-dir dist $(PIP_OPTIONS) .

test:
	.venv/bin/pytest

lint:
	.venv/bin/ruff check . && .venv/bin/ruff format --check .

types:
	.venv/bin/mypy

format:
	.venv/bin/ruff check --fix . && .venv/bin/ruff format .

demo:
	.venv/bin/ds-bridge demo

clean:
	rm -rf .venv build dist *.egg-info .mypy_cache .ruff_cache .pytest_cache .hypothesis

# Branches that ran, in the processes that tests start too.
coverage:
	.venv/bin/pytest --cov --cov-report=term

bench:
	.venv/bin/python -m benchmarks
