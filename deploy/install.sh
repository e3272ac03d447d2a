#!/usr/bin/env bash
# Installs signage on this machine so that it starts by itself, is started again when it dies or hangs, and is renewed
# without a black screen. Run it again, from a newer clone, to renew it: if the new version does not come up, the one
# before is put back. Run as root (or with sudo) on Debian 12 or Ubuntu 24.04.
#
#   deploy/install.sh screen --office http://OFFICE:8080   this machine is a screen of that office
#   deploy/install.sh screen --store DIR                   this machine is a screen that plays a folder
#   deploy/install.sh office [--store DIR] [--port N]      this machine is the office (default: /srv/signage/store, 8080)
#   deploy/install.sh remove screen|office                 takes the service away; content, keys and logs stay
#
#   --replace-desktop   (screen) the desktop that starts here now is switched off; the screen is all that there is
#
# What it decides is in /etc/signage/screen.conf and office.conf, and stays as you change it there. See deploy/runbook.md.
# Exit codes: as deploy/setup.sh, and 1 the new version did not come up, 2 not understood.
set -euo pipefail
cd "$(dirname "${BASH_SOURCE[0]}")/.."
# shellcheck source=deploy/setup.sh
. deploy/setup.sh

BASE=/opt/signage
CONF=/etc/signage
UNITS=/etc/systemd/system
UP_S=120

SCREEN_PACKAGES=(
  xserver-xorg-core xserver-xorg-video-fbdev xauth x11-xserver-utils udev
  "libgl1-mesa-dri libgl1-mesa-dri"
)
OFFICE_PACKAGES=(libreoffice-impress-nogui libreoffice-writer-nogui)

usage() {
  sed -n '2,/^set -e/s/^# \{0,1\}//p' "${BASH_SOURCE[0]}" >&2
  exit 2
}

misunderstood() {
  printf 'error: %s\n' "$*" >&2
  exit 2
}

main() {
  local what=${1:-} kind=''
  [ $# -gt 0 ] && shift
  case $what in
    screen | office) kind=$what ;;
    remove)
      case ${1:-} in screen | office) remove "$1" ;; *) usage ;; esac
      return
      ;;
    *) usage ;;
  esac
  read_options "$kind" "$@"
  [ "$(id -u)" = 0 ] || fail 2 "this writes into $BASE, $CONF and $UNITS: run it as root, or with sudo"
  command -v systemctl >/dev/null || fail 2 "this machine has no systemd; start 'signage $kind' by what it has instead"
  if [ "$kind" = screen ]; then check_desktop; fi

  local before version
  before=$(readlink "$BASE/current" 2>/dev/null || true)
  version=versions/$(date -u +%Y%m%dT%H%M%SZ)
  make_user
  copy_into "$BASE/$version"
  (cd "$BASE/$version" && install_what_is_needed "$kind")
  configure "$kind"
  switch_to "$version"
  install_units "$kind"
  if start "$kind" && start_other "$kind"; then
    keep_only "$version" "$before"
    tell "$kind"
    return
  fi
  printf 'error: it did not come up within %s s and stay; its last words:\n' "$UP_S" >&2
  journalctl -u 'signage-*' -n 15 --no-pager -o cat >&2 || true
  if [ -n "$before" ] && [ "$before" != "$version" ] && [ -d "$BASE/$before" ]; then
    say "Putting the version before back."
    switch_to "$before"
    start "$kind" || printf 'error: nor did that one\n' >&2
    rm -rf "${BASE:?}/$version"
  fi
  exit 1
}

OFFICE='' STORE='' PORT=8080 REPLACES_DESKTOP=no
read_options() {
  local kind=$1
  shift
  while [ $# -gt 0 ]; do
    case $1 in
      --office) [ "$kind" = screen ] || usage; OFFICE=${2:?--office needs an address}; shift ;;
      --store) STORE=${2:?--store needs a folder}; shift ;;
      --port) [ "$kind" = office ] || usage; PORT=${2:?--port needs a number}; shift ;;
      --replace-desktop) [ "$kind" = screen ] || usage; REPLACES_DESKTOP=yes ;;
      *) usage ;;
    esac
    shift
  done
  case $OFFICE$STORE in *[[:space:]]*) misunderstood "an address or folder with a space in its name does not work here: '$OFFICE$STORE'" ;; esac
  case $STORE in '' | /*) ;; *) STORE=$PWD/$STORE ;; esac
  case $PORT in '' | *[!0-9]*) misunderstood "--port: '$PORT' is not a number" ;; esac
  if [ "$kind" = screen ] && [ ! -e $CONF/screen.conf ]; then
    [ -n "$OFFICE" ] || [ -n "$STORE" ] || misunderstood "whose screen is this? Give --office http://OFFICE:8080, or --store DIR"
    [ -z "$OFFICE" ] || [ -z "$STORE" ] || misunderstood "give --office or --store, not both"
  fi
  case $OFFICE in
    '' | http://* | https://* | /*) ;;
    *) misunderstood "--office: '$OFFICE' is not an address; it would be like http://192.168.1.10:8080" ;;
  esac
}

# A desktop would hold the display, and show itself whenever the player is started again.
check_desktop() {
  local desktop
  desktop=$(systemctl show -p Id --value display-manager.service 2>/dev/null || true)
  [ "$(systemctl is-enabled display-manager.service 2>/dev/null || true)" != "" ] || return 0
  if [ "$REPLACES_DESKTOP" = no ]; then
    fail 2 "this machine starts a desktop (${desktop:-display-manager}); if it is to be nothing but a screen, add --replace-desktop"
  fi
  say "Switching the desktop off (to have it again: systemctl set-default graphical.target, and enable $desktop)"
  systemctl set-default multi-user.target >/dev/null 2>&1
  systemctl disable --now display-manager.service >/dev/null 2>&1 || true
}

make_user() {
  id signage >/dev/null 2>&1 || useradd --system --user-group --home-dir /var/lib/signage --shell /usr/sbin/nologin signage
}

copy_into() {
  say "[0/3] Version ${1##*/} into $1"
  mkdir -p "$1/.signage"
  cp -a signage playlists media deploy pyproject.toml requirements.txt README.md "$1"
  find "$1" -name __pycache__ -type d -prune -exec rm -rf {} +
  chown -R root:root "$1"
  chmod -R u+rwX,go+rX,go-w "$1"
}

# In the folder of the new version.
install_what_is_needed() {
  : >"$LOG"
  if [ "$1" = screen ]; then
    install_system_packages "${RUN_PACKAGES[@]}" "${SCREEN_PACKAGES[@]}"
  else
    install_system_packages "${RUN_PACKAGES[@]}" "${OFFICE_PACKAGES[@]}"
  fi
  install_python_packages run requirements.txt
  "$PYTHON" -m compileall -q signage >>"$LOG" 2>&1 || true
}

configure() {
  local file=$CONF/$1.conf
  mkdir -p $CONF
  if [ "$1" = screen ] && { [ -n "$OFFICE$STORE" ] || [ ! -e "$file" ]; }; then
    {
      echo "# What this screen plays: read by signage-screen.service. After a change: systemctl restart signage-screen"
      echo "# More of 'signage play --help' may stand here: --screen ID, --renderer software, a second --office as a mirror."
      echo "SIGNAGE_PLAY=${OFFICE:+--office $OFFICE}$STORE"
    } >"$file"
  fi
  if [ "$1" = office ] && { [ -n "$STORE" ] || [ ! -e "$file" ]; }; then
    STORE=${STORE:-/srv/signage/store}
    {
      echo "# The office: read by signage-office.service. After a change: systemctl restart signage-office"
      echo "SIGNAGE_STORE=$STORE"
      echo "SIGNAGE_OFFICE=--host 0.0.0.0 --port $PORT"
    } >"$file"
  fi
  if [ "$1" = office ]; then make_store; fi
}

# The content belongs to the group signage: whoever is in it may drop files, and so may the office.
make_store() {
  local store
  store=$(sed -n 's/^SIGNAGE_STORE=//p' $CONF/office.conf)
  if [ ! -d "$store/playlists" ]; then
    mkdir -p "$(dirname "$store")"
    "$BASE/$version/$VENV/bin/signage" init "$store" >/dev/null
    say "A new store with examples is in $store"
    chown -R signage:signage "$store"
    chmod -R u+rwX,g+rwX,o-rwx "$store"
    find "$store" -type d -exec chmod g+s {} +
  fi
  mkdir -p $UNITS/signage-office.service.d
  printf '[Unit]\nRequiresMountsFor=%s\n' "$store" >$UNITS/signage-office.service.d/store.conf
  runuser -u signage -- test -w "$store/media" ||
    say "note: the user signage may not write into $store/media; give it the right: chgrp -R signage, chmod -R g+rwX"
}

switch_to() { ln -sfn "$1" "$BASE/current.new" && mv -T "$BASE/current.new" "$BASE/current"; }

install_units() {
  local units=$BASE/current/deploy/units
  mkdir -p /etc/systemd/journald.conf.d
  install -m 644 "$units/journald.conf" /etc/systemd/journald.conf.d/signage.conf
  if [ "$1" = screen ]; then
    install -m 644 "$units"/signage-{display,screen,outputs}.service $UNITS
    install -D -m 644 "$units/90-signage-outputs.rules" /etc/udev/rules.d/90-signage-outputs.rules
    install -D -m 644 "$units/watchdog.conf" /etc/systemd/system.conf.d/signage.conf
    udevadm control --reload >/dev/null 2>&1 || true
  else
    install -m 644 "$units/signage-office.service" $UNITS
  fi
  printf '#!/bin/sh\nexec %s/current/.venv/bin/signage "$@"\n' "$BASE" >/usr/local/bin/signage
  chmod 755 /usr/local/bin/signage
  systemctl daemon-reload
}

# Start the services, or start them again; give whether they came up and stayed for a few seconds.
start() {
  if [ "$1" = screen ]; then
    systemctl enable --quiet signage-display signage-screen
    systemctl is-active --quiet signage-display || systemctl start signage-display || true
  else
    systemctl enable --quiet signage-office
  fi
  timeout "$UP_S" systemctl restart "signage-$1" || return 1
  local starts
  starts=$(systemctl show -p NRestarts --value "signage-$1")
  sleep 5
  systemctl is-active --quiet "signage-$1" && [ "$(systemctl show -p NRestarts --value "signage-$1")" = "$starts" ]
}

# A machine that is both the office and a screen runs one version.
start_other() {
  local other=screen
  if [ "$1" = screen ]; then other=office; fi
  [ "$(systemctl is-enabled "signage-$other" 2>/dev/null || true)" = enabled ] || return 0
  start "$other"
}

# The version before stays, to go back to by hand; older ones go.
keep_only() {
  local folder
  for folder in "$BASE"/versions/*; do
    case versions/${folder##*/} in
      "$1" | "$2") ;;
      *) rm -rf "$folder" ;;
    esac
  done
}

tell() {
  say "signage-$1 runs, and will after each start of this machine."
  say "  how it is:     systemctl status signage-$1"
  say "  what it says:  journalctl -u signage-$1 -f"
  if [ "$1" = office ]; then
    local port
    port=$(sed -n 's/^SIGNAGE_OFFICE=.*--port \([0-9]*\).*/\1/p' $CONF/office.conf)
    say "  in a browser:  http://$(hostname -I 2>/dev/null | cut -d' ' -f1):${port:-8080}"
    say "  set-up code (the first time):  journalctl -u signage-office | grep set-up"
  fi
  if ! timedatectl show -p NTP --value 2>/dev/null | grep -q yes; then
    say "note: this clock is not set over the network; a programme lives by the clock: apt-get install systemd-timesyncd"
  fi
}

remove() {
  [ "$(id -u)" = 0 ] || fail 2 "run this as root, or with sudo"
  systemctl disable --now "signage-$1" 2>/dev/null || true
  rm -f "$UNITS/signage-$1.service"
  if [ "$1" = screen ]; then
    systemctl disable --now signage-display 2>/dev/null || true
    rm -f $UNITS/signage-{display,outputs}.service /etc/udev/rules.d/90-signage-outputs.rules \
      /etc/systemd/system.conf.d/signage.conf
  else
    rm -rf $UNITS/signage-office.service.d
  fi
  systemctl daemon-reload
  say "signage-$1 is gone. What it kept stays: /var/lib/signage, $CONF, $BASE, and the content."
}

main "$@"
