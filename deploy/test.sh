#!/usr/bin/env bash
# Installs what the tests need and runs every check. Arguments go to pytest.
set -euo pipefail
cd "$(dirname "${BASH_SOURCE[0]}")/.."
# shellcheck source=deploy/setup.sh
. deploy/setup.sh
set_up test
exec deploy/check.sh "$@"
