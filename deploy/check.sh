#!/usr/bin/env bash
# The one check: style, types, the house, tests. Runs all of them and fails if any of them did. Arguments go to pytest.
set -uo pipefail
cd "$(dirname "${BASH_SOURCE[0]}")/.." || exit
bin=.venv/bin
[ -x $bin/pytest ] || { echo "error: the test tools are not installed; run deploy/test.sh" >&2; exit 4; }

failed=()
check() {
  local name=$1 start=$SECONDS
  shift
  printf '\n== %s\n' "$name"
  "$@" || failed+=("$name")
  printf -- '-- %s: %d s\n' "$name" $((SECONDS - start))
}

check style $bin/ruff check .
check format $bin/ruff format --check .
check types $bin/mypy
check house $bin/lint-imports --no-cache
check tests $bin/pytest "$@"

echo
if [ ${#failed[@]} != 0 ]; then
  echo "FAILED: ${failed[*]}" >&2
  exit 1
fi
echo "All checks passed."
