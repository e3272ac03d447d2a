#!/usr/bin/env bash
# Pins anew what pyproject.toml asks for, with hashes and without addresses, for every system and Python from 3.11 on.
# Needs uv. Run it after changing pyproject.toml; with --upgrade it takes the newest versions that are allowed.
set -euo pipefail
cd "$(dirname "${BASH_SOURCE[0]}")/.."
uv=$(command -v uv || echo .venv/bin/uv)
options=(--universal --python-version 3.11 --generate-hashes --no-emit-index-url --no-emit-find-links --no-header --no-annotate --quiet
  # Of django-htmx only the script that it carries is used: what it needs to run within Django stays away.
  --no-emit-package django --no-emit-package asgiref --no-emit-package sqlparse)

# Setuptools builds signage itself, so it has to be pinned as well.
printf 'setuptools>=77\n' | "$uv" pip compile pyproject.toml - "${options[@]}" "$@" -o requirements.txt
printf 'setuptools>=77\n' | "$uv" pip compile pyproject.toml - --extra test -c requirements.txt "${options[@]}" "$@" -o requirements-test.txt

if grep -nE '[a-z]+://' requirements.txt requirements-test.txt; then
  echo "error: the lines above hold addresses" >&2
  exit 1
fi
wc -l requirements.txt requirements-test.txt
