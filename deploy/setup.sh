# shellcheck shell=bash
# What the other scripts stand on: `set_up run` or `set_up test` installs what is missing and leaves $PYTHON in .venv.
# To be sourced by bash, with the repository's root as the current folder. Quick when nothing is missing.
# Exit codes: 3 system packages are missing and cannot be installed from here, 4 Python packages cannot be installed.

VENV=.venv
PYTHON=$VENV/bin/python
STATE=.signage
LOG=$STATE/setup.log

# One line each: the package, then the name that newer releases (Ubuntu 24.04, Debian 13) gave it.
RUN_PACKAGES=(
  ca-certificates python3 python3-venv
  libgl1 libegl1 "libglib2.0-0 libglib2.0-0t64" libfontconfig1 libdbus-1-3
  libxkbcommon-x11-0 libxrandr2 libgssapi-krb5-2
  libxcb-cursor0 libxcb-icccm4 libxcb-keysyms1 libxcb-shape0 libxcb-render-util0 libxcb-image0
  libwayland-cursor0 libwayland-egl1 "libasound2 libasound2t64" libportaudio2
  fontconfig fonts-noto-cjk fonts-noto-core fonts-noto-color-emoji tzdata
  libjs-sortable libgs-common
)
DISPLAY_PACKAGES=(xvfb)
TEST_PACKAGES=(
  git xvfb chromium postgresql samba
  libreoffice-impress-nogui libreoffice-writer-nogui
)

say() { printf '%s\n' "$*"; }

fail() {
  local code=$1
  shift
  printf 'error: %s\n' "$*" >&2
  exit "$code"
}

has_display() { [ -n "${DISPLAY:-}" ] || [ -n "${WAYLAND_DISPLAY:-}" ]; }

# set_up run|test
set_up() {
  local purpose=$1 requirements="requirements.txt"
  local packages=("${RUN_PACKAGES[@]}")
  { mkdir -p "$STATE" && : >"$LOG"; } 2>/dev/null ||
    fail 4 "$PWD/$STATE cannot be written; give this user the right to write there, or clone elsewhere"
  if [ "$purpose" = test ]; then
    requirements="requirements-test.txt"
    packages+=("${TEST_PACKAGES[@]}")
  elif ! has_display; then
    packages+=("${DISPLAY_PACKAGES[@]}")
  fi
  install_system_packages "${packages[@]}"
  install_python_packages "$purpose" "$requirements"
}

is_installed() { [ "$(dpkg-query -W -f '${db:Status-Status}' "$1" 2>/dev/null)" = installed ]; }

# To the end of the answer: a reader that left early would break apt-cache's pipe, and under pipefail that counts.
is_known() { apt-cache show --no-all-versions "$1" 2>/dev/null | awk '/^Filename:/ { found = 1 } END { exit !found }'; }

# Give the first of these names that a package source offers, or nothing.
known_name() {
  local name
  for name in $1; do
    if is_known "$name"; then
      printf '%s' "$name"
      return
    fi
  done
}

as_root() {
  if [ "$(id -u)" = 0 ]; then "$@"; else sudo "$@"; fi
}

install_system_packages() {
  if ! command -v apt-get >/dev/null || ! command -v dpkg-query >/dev/null; then
    say "[1/3] System packages: this is not Debian or Ubuntu; see RUN_PACKAGES in deploy/setup.sh for what Qt needs"
    return
  fi
  local missing=() names name found
  for names in "$@"; do
    found=no
    for name in $names; do
      if is_installed "$name"; then found=yes; fi
    done
    if [ $found = no ]; then missing+=("$names"); fi
  done
  if [ ${#missing[@]} = 0 ]; then
    say "[1/3] System packages: all $# are here"
    return
  fi
  local chosen=()
  if [ "$(id -u)" != 0 ] && ! command -v sudo >/dev/null; then
    for names in "${missing[@]}"; do
      found=$(known_name "$names")
      chosen+=("${found:-${names%% *}}")
    done
    fail 3 "system packages are missing and this user is not root; have root run:" \
      "apt-get install --no-install-recommends ${chosen[*]}"
  fi
  say "[1/3] System packages: ${#missing[@]} of $# to install"
  if [ "$(id -u)" != 0 ]; then say "      sudo may ask for your password"; fi
  as_root apt-get update -qq >>"$LOG" 2>&1 ||
    say "      the package lists could not be renewed (see $LOG); going on with those at hand"
  for names in "${missing[@]}"; do
    found=$(known_name "$names")
    [ -n "$found" ] || fail 3 "no package source offers '${names// /\' or \'}'; check /etc/apt/sources.list and the network"
    chosen+=("$found")
  done
  # Apt's status comes down the pipe on a descriptor of its own (sudo closes all but the first three, hence the inner
  # shell): on descriptor 1 it would share the pipe with the packages' scripts, which fail when it is full.
  # shellcheck disable=SC2016
  local install='log=$1; shift; exec apt-get install -y -q --no-install-recommends -o APT::Status-Fd=3 \
    -o DPkg::Lock::Timeout=300 -o Dpkg::Use-Pty=0 "$@" 3>&1 >>"$log" 2>&1'
  if ! as_root env DEBIAN_FRONTEND=noninteractive bash -c "$install" install "$PWD/$LOG" "${chosen[@]}" |
    show_apt_progress; then
    fail 3 "apt-get could not install: ${chosen[*]} ($(last_error) All of it in $LOG)"
  fi
}

last_error() { grep -E '^(E:|ERROR)' "$LOG" | tail -1 || true; }

# Apt's status on standard input becomes one progress line on a terminal, a line each quarter elsewhere.
show_apt_progress() {
  local phase percent shown=-25 before=''
  while IFS=: read -r phase _ percent _; do
    case $phase in
      dlstatus) phase=downloaded ;;
      pmstatus) phase=installed ;;
      *) continue ;;
    esac
    percent=${percent%%.*}
    if [ -t 1 ]; then
      printf '\r      %-10s %3d %%' "$phase" "$percent"
    elif [ "$phase" != "$before" ] || [ $((percent - shown)) -ge 25 ]; then
      printf '      %-10s %3d %%\n' "$phase" "$percent"
      shown=$percent
    fi
    before=$phase
  done
  if [ -t 1 ]; then printf '\r      installed  100 %%\n'; fi
}

# Give the first Python of 3.11 or later, the system's own first.
find_python() {
  local candidate
  for candidate in /usr/bin/python3 python3 python3.14 python3.13 python3.12 python3.11; do
    if "$candidate" -c 'import sys; sys.exit(sys.version_info < (3, 11))' 2>/dev/null &&
      "$candidate" -c 'import ensurepip, venv' 2>/dev/null; then
      command -v "$candidate"
      return
    fi
  done
  return 1
}

install_python_packages() {
  local purpose=$1 requirements=$2 python
  if ! "$PYTHON" -c 'import sys, pip; sys.exit(sys.version_info < (3, 11))' 2>/dev/null; then
    python=$(find_python) || fail 4 "no Python 3.11 or later with venv; on Debian 12: apt-get install python3 python3-venv"
    say "[2/3] Python: a fresh environment in $VENV with $("$python" --version)"
    rm -rf "$VENV"
    "$python" -m venv "$VENV" >>"$LOG" 2>&1 || fail 4 "$VENV cannot be made ($(tail -1 "$LOG"))"
  else
    say "[2/3] Python: $("$PYTHON" --version) in $VENV"
  fi
  local stamp wanted
  stamp=$VENV/.installed-$purpose
  wanted=$({ cat requirements.txt "$requirements" pyproject.toml; "$PYTHON" --version; pwd; } | sha256sum)
  if [ "$(cat "$stamp" 2>/dev/null)" = "$wanted" ]; then
    say "[3/3] Python packages: as pinned in $requirements"
    return
  fi
  local total
  total=$(grep -c '^[a-zA-Z]' "$requirements")
  say "[3/3] Python packages: up to $total to install, as pinned in $requirements"
  # The pins name everything, and --no-deps leaves Django out, of which only a script is wanted (see deploy/pin.sh).
  if ! "$PYTHON" -m pip install --disable-pip-version-check --require-hashes --no-deps --only-binary :all: --no-input \
    --progress-bar off -r "$requirements" 2>>"$LOG" | show_pip_progress "$total"; then
    fail 4 "pip could not install $requirements ($(last_error) All of it in $LOG)"
  fi
  # Compat mode is a plain .pth file; the finder that setuptools writes otherwise costs 10 ms at every start.
  "$PYTHON" -m pip install --disable-pip-version-check --quiet --no-deps --no-build-isolation --no-index \
    --config-settings editable_mode=compat --editable . >>"$LOG" 2>&1 || fail 4 "signage itself could not be installed ($(last_error) All of it in $LOG)"
  printf '%s\n' "$wanted" >"$stamp"
}

# Lines of pip on standard input: all go to the log, each package becomes a step of progress.
show_pip_progress() {
  local total=$1 line count=0
  while IFS= read -r line; do
    printf '%s\n' "$line" >>"$LOG"
    case $line in
      Collecting*|'Requirement already satisfied'*)
        count=$((count + 1))
        if [ -t 1 ]; then
          printf '\r      %2d of %d  %-50.50s' "$count" "$total" "${line#Collecting }"
        elif [ $((count % 10)) = 0 ]; then
          printf '      %2d of %d\n' "$count" "$total"
        fi
        ;;
      'Installing collected packages'*)
        if [ -t 1 ]; then printf '\r      unpacking %-60s\n' ""; else say "      unpacking"; fi
        ;;
    esac
  done
}
