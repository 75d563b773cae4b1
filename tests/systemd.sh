#!/usr/bin/env bash
# The unit, the target and a real formez101 under a real systemd: `tests/systemd.sh target/release/formez101`.
#
# booted.sh says how it boots, and needs root, systemd, util-linux, overlayfs and cgroup v2. Where something is missing this
# script says `skipped` and ends with 0, or with 1 if FORMEZ101_REQUIRE_SYSTEMD=1 is set.
# ROOT=folder boots another root file system, e.g. one of another Debian release.
set -euo pipefail
here=$(dirname "$(readlink -f "$0")")
untried="the unit was NOT tried under a real systemd"
source "$here/booted.sh"

outside() {
  local binary=${1:?usage: tests/systemd.sh path/to/formez101} give rc=0
  [ -x "$binary" ] || { echo "no such program: $binary" >&2; exit 1; }
  bootable "${ROOT:-/}"
  give=$(mktemp -d)
  install -m 0755 "$binary" "$give/formez101"
  cp "$here"/../deploy/formez101* "$give/"
  ( boot_and_check "${ROOT:-/}" "$give" 180 ) || rc=$?
  rm -rf "$give"
  return "$rc"
}

prepare() {
  install -D -m 0755 "$1/srv/give/formez101" "$1/usr/bin/formez101"
  install -m 0644 "$1/srv/give/formez101@.service" "$1/srv/give/formez101.target" "$1/etc/systemd/system/"
}

zone_file() { # a zone whose platforms do not answer: it must become ready none the less
  cat > "/etc/formez101/zones/$1.toml" <<TOML
mode = "observe"
[zone]
name = { fr = "Zone de police $1", nl = "Politiezone $1" }
languages = ["fr", "nl"]
[facebook]
page = "$2"
api_base = "http://127.0.0.1:9"
TOML
}

check() {
  local before
  systemctl --version | head -n 1
  systemd-tmpfiles --create /srv/give/formez101.tmpfile
  ok "tmpfiles: credentials are for root alone" test "$(stat -c '%a %U' /etc/formez101/credentials)" = "700 root"
  zone_file west 100000000000001
  zone_file est 100000000000002

  for zone in west est; do
    install -d -m 0700 "/etc/formez101/credentials/$zone"
    (umask 077 && echo "not-a-real-token-$zone" > "/etc/formez101/credentials/$zone/facebook.token")
  done

  systemctl enable --quiet formez101@west formez101@est formez101.target
  systemctl start formez101.target
  ok "systemd understands every line of the unit" not unit_ignored
  for zone in west est; do
    ok "$zone: started by the target, READY reached without a platform" within 30 is "$zone" ActiveState active
    ok "$zone: runs as its own user" test "$(user_of $zone)" = "formez101-$zone"
    ok "$zone: state folder 0700 and its own" \
      test "$(stat -L -c '%a %U' "/var/lib/private/formez101/$zone")" = "700 formez101-$zone"
    ok "$zone: the token arrives under its plain name" \
      grep -q "not-a-real-token-$zone" "/run/credentials/formez101@$zone.service/facebook.token"
    ok "$zone: a credential that was not given is empty, not an error" \
      test "$(cat "/run/credentials/formez101@$zone.service/x.token" || echo none)" = ""
    ok "$zone: says in its status how it is" test -n "$(show $zone StatusText)"
  done
  ok "west cannot signal est" not as west kill -0 "$(show est MainPID)"
  ok "west cannot read the state of est" not as west ls /var/lib/private/formez101/est
  ok "no token in the journal" not journal_has not-a-real-token

  before=$(show west MainPID)
  ok "reload of a good file" systemctl reload formez101@west
  ok "reload: the same process goes on" is west MainPID "$before"
  echo 'mode = "obsreve"' > /etc/formez101/zones/west.toml
  systemctl reload formez101@west || true
  sleep 1
  ok "reload of a bad file: the zone goes on with the old one" is west ActiveState active
  ok "reload of a bad file: the same process" is west MainPID "$before"
  zone_file west 100000000000001

  systemctl kill --signal=KILL formez101@west
  ok "SIGKILL: started again" within 30 is west NRestarts 1
  ok "SIGKILL: ready again" within 30 is west ActiveState active
  ok "SIGKILL: the other zone did not notice" is est NRestarts 0

  echo 'mode = "obsreve"' > /etc/formez101/zones/est.toml
  ok "start with a bad file fails" not systemctl restart formez101@est
  ok "bad file: exit status 78" is est ExecMainStatus 78
  sleep 7 # longer than RestartSec
  ok "bad file: stays down" is est ActiveState failed

  before=$SECONDS
  ok "stop" systemctl stop formez101.target
  ok "stop within 10 s" test $((SECONDS - before)) -le 10
  ok "stop: a clean end" is west Result success

  verdict
}

case ${1:-} in
  --boot) boot "$2" "$3" "$4" ;;
  --check) check ;;
  *) outside "$@" ;;
esac
