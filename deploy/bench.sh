#!/usr/bin/env bash
# Installs what the tests need and runs the benchmark. Arguments go to it: --quick, --realtime, --only PART, --film FILE.
set -euo pipefail
cd "$(dirname "${BASH_SOURCE[0]}")/.."
# shellcheck source=deploy/setup.sh
. deploy/setup.sh
set_up test
for other in chromium mpv; do
  command -v "$other" >/dev/null || echo "note: $other is not installed, so nothing is compared with it" >&2
done
exec .venv/bin/python -m tests.bench "$@"
