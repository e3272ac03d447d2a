#!/usr/bin/env bash
# Installs what is missing and plays the demo store: on this display until Ctrl-C, or, where there is none, for a minute
# on a virtual one, leaving a picture of each item.
#
#   deploy/demo.sh [--screen ID] [--for SECONDS] [and whatever else `signage play` takes]
set -euo pipefail
cd "$(dirname "${BASH_SOURCE[0]}")/.."
# shellcheck source=deploy/setup.sh
. deploy/setup.sh
set_up run

signage=$VENV/bin/signage
if has_display; then
  say "Playing on this display; Ctrl-C here ends it."
  exec "$signage" play . --state "$STATE/state" "$@"
fi

snapshots=$STATE/snapshots/$(date +%Y%m%d-%H%M%S)
mkdir -p "$snapshots"

# Xvfb picks a free display number itself and writes it to the descriptor once it listens.
number=$(mktemp)
Xvfb -displayfd 3 -screen 0 1920x1080x24 -nolisten tcp 3>"$number" >>"$LOG" 2>&1 &
xvfb=$!
trap 'kill "$xvfb" 2>/dev/null || true; rm -f "$number"' EXIT
for _ in $(seq 100); do
  [ -s "$number" ] && break
  kill -0 "$xvfb" 2>/dev/null || fail 3 "the virtual display did not start (all of it in $LOG)"
  sleep 0.1
done
[ -s "$number" ] || fail 3 "the virtual display did not start within 10 s (all of it in $LOG)"

say "There is no display here: playing on a virtual one of 1920x1080 (for 60 s, or what --for says)."
since=$(date -u +%Y-%m-%dT%H:%M:%SZ)
DISPLAY=:$(cat "$number") "$signage" play . --for 60 --snapshots "$snapshots" --state "$STATE/state" "$@"
say "What was played:"
"$signage" asrun --state "$STATE/state" --since "$since"
say "Pictures of it: $PWD/$snapshots"
