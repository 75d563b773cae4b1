#!/usr/bin/env bash
# The Debian package under a real systemd, on Debian 12 and 13: `tests/package.sh target/release/formez101`.
#
# Builds the package twice, the second time of a higher version, and the tarball; lintian must be content. Then systemd boots (booted.sh
# says how), dpkg installs the package there, and two zones run against the sandbox: apart from each other, through reloads, kills,
# hangs, faults, an upgrade, a removal and a purge.
# The roots of the two releases are fetched once with debootstrap into FORMEZ101_DEBIAN_CACHE (~/.cache/formez101/debian, 500 MB); where that
# cannot be done, it says so and takes this machine's own root. ROOT=folder takes that one only.
# Where something else is missing it says `skipped` and ends with 0, or with 1 if FORMEZ101_REQUIRE_SYSTEMD=1 is set.
set -euo pipefail
here=$(dirname "$(readlink -f "$0")")
untried="the package was NOT tried under a real systemd"
source "$here/booted.sh"
cache=${FORMEZ101_DEBIAN_CACHE:-${XDG_CACHE_HOME:-${HOME:-}/.cache}/formez101/debian}
higher=99.0.0-1

# --- outside ---------------------------------------------------------------------------------------------------------
# have PROGRAM: is there, or can be installed from the Debian package of that name.
have() {
  command -v "$1" >/dev/null && return
  command -v apt-get >/dev/null || return 1
  { apt-get update && DEBIAN_FRONTEND=noninteractive apt-get install --yes --no-install-recommends "$1"; } >/dev/null 2>&1
}
# The root file systems to try, one a line.
roots() {
  local release
  if [ -n "${ROOT:-}" ]; then
    echo "$ROOT"
    return
  fi
  mkdir -p "$cache"
  for release in bookworm trixie; do
    if [ ! -d "$cache/$release" ]; then
      rm -rf "$cache/$release.part"
      if have debootstrap && debootstrap --variant=minbase --include=systemd,dbus,ca-certificates \
        "$release" "$cache/$release.part" >"$cache/$release.log" 2>&1; then mv "$cache/$release.part" "$cache/$release"; fi
    fi
    if [ -d "$cache/$release" ]; then echo "$cache/$release"; else echo "not tried: $release cannot be fetched" >&2; fi
  done
}

outside() {
  local binary=${1:?usage: tests/package.sh path/to/formez101} root rc=0 tried
  [ -x "$binary" ] || { echo "no such program: $binary" >&2; exit 1; }
  bootable "${ROOT:-/}"
  command -v dpkg-deb >/dev/null || skip "dpkg is not installed"
  have lintian || skip "lintian is not installed and cannot be"
  give=$(mktemp -d)
  trap 'rm -rf "$give"' EXIT
  "$here/../deploy/package" --binary "$binary" --output "$give/first" > "$give/sizes" || rc=$?
  [ "$rc" != 75 ] || skip "cargo-deb cannot be fetched"
  [ "$rc" = 0 ] || return "$rc"
  cat "$give/sizes"
  "$here/../deploy/package" --binary "$binary" --output "$give/second" --version "$higher" > /dev/null
  lintian --allow-root --fail-on error,warning "$give"/first/*.deb || { echo "FAILED  lintian"; return 1; }
  echo "ok      lintian: no error and no warning that is not overridden with its reason"

  mapfile -t tried < <(roots)
  [ "${#tried[@]}" -gt 0 ] || tried=(/)
  for root in "${tried[@]}"; do
    ( boot_and_check "$root" "$give" 300 ) || rc=1
  done
  return "$rc"
}

prepare() {
  # Images of containers forbid all starts from a package's scripts, and leave out manuals and examples.
  rm -f "$1/usr/sbin/policy-rc.d" "$1"/etc/dpkg/dpkg.cfg.d/*
  cat > "$1/etc/systemd/system/sandbox@.service" <<UNIT
[Service]
DynamicUser=yes
ExecStart=/srv/sandbox sandbox --listen 127.0.0.1:%i
UNIT
}

# --- in the booted system ----------------------------------------------------------------------------------------------
zone_file() { # zone_file ZONE PORT MODE
  cat > "/etc/formez101/zones/$1.toml" <<TOML
mode = "$3"
[zone]
name = "Politiezone $1"
languages = ["nl"]
[facebook]
page = "100000000000001"
api_base = "http://127.0.0.1:$2"
poll = "1s"
TOML
}
token() {
  install -d -m 0700 "/etc/formez101/credentials/$1"
  (umask 077 && echo sandbox-page-token > "/etc/formez101/credentials/$1/facebook.token")
}
# control PORT METHOD PATH [BODY]: the sandbox's answer.
control() {
  exec 4<>"/dev/tcp/127.0.0.1/$1" || return 1
  printf '%s /control/%s HTTP/1.1\r\nhost: 127.0.0.1:%s\r\nconnection: close\r\ncontent-length: %s\r\n\r\n%s' \
    "$2" "$3" "$1" "$(printf %s "${4:-}" | wc -c)" "${4:-}" >&4
  cat <&4
  exec 4>&-
}
listens() { (exec 4<>"/dev/tcp/127.0.0.1/$1") 2>/dev/null; }
say() { control "$1" POST say "{\"feed\": \"facebook.inbox\", \"from\": \"$2\", \"text\": \"Er wordt ingebroken, kom snel\"}" >/dev/null; }
answered() { control "$1" GET world | grep -a -q '"by":"service","feed":"facebook.inbox"'; }
# What a zone's own process sees: its user, in its own mounts.
inside() {
  local pid
  pid=$(show "$1" MainPID)
  nsenter --target "$pid" --mount setpriv --reuid="$(stat -c %u "/proc/$pid")" --clear-groups "${@:2}" 2>/dev/null
}
installed() { dpkg-query --show --showformat='${db:Status-Status}' formez101 2>/dev/null; }
install_package() { DEBIAN_FRONTEND=noninteractive dpkg --install "/srv/give/$1"/formez101_*.deb >/tmp/dpkg 2>&1 || { cat /tmp/dpkg; return 1; }; }
same() { # same IS EXPECTED
  [ "$1" = "$2" ] || { echo "is: $1"; return 1; }
}
no_zone_enabled() { [ -z "$(find /etc/systemd/system -name 'formez101@*')" ] && [ -z "$(systemctl list-units --all --plain --no-legend 'formez101@*')" ]; }
says_nothing() {
  local said
  said=$("$@" 2>&1) && [ -z "$said" ] || { echo "$said"; return 1; }
}

check() {
  grep PRETTY_NAME /etc/os-release
  systemctl --version | head -n 1
  if [ -n "$(installed)" ]; then dpkg --purge formez101 >/dev/null; fi
  check_install
  check_zones
  check_apart
  check_operating
  check_reload
  check_faults
  check_upgrade
  check_remove
  check_tarball
  verdict
}

check_install() {
  local exposure=0
  ok "install" install_package first
  ok "install: the target is enabled and up" systemctl --quiet is-active formez101.target
  ok "install: no zone is enabled or known" no_zone_enabled
  ok "install: credentials are for root alone" same "$(stat -c '%a %U' /etc/formez101/credentials)" "700 root"
  ok "install: no user is made" not grep -q formez101 /etc/passwd
  ok "install: the manual page is there" test -s /usr/share/man/man8/formez101.8.gz
  ok "install: the command line is completed" bash -c 'source /usr/share/bash-completion/completions/formez101 && complete -p formez101 >/dev/null'
  ok "systemd-analyze verify is silent" says_nothing systemd-analyze verify formez101@west.service formez101.target
  systemd-analyze security --offline=true --threshold=12 /usr/lib/systemd/system/formez101@.service > /tmp/exposure 2>&1 || exposure=$?
  ok "exposure at most 1.2: $(tail -n 1 /tmp/exposure)" same "$exposure" 0
}

check_zones() {
  cp /usr/bin/formez101 /srv/sandbox
  systemctl start sandbox@8101 sandbox@8102
  ok "two sandboxes listen" within 10 eval 'listens 8101 && listens 8102'
  zone_file west 8101 observe
  zone_file est 8102 observe
  zone_file zuid 8102 observe
  for zone in west est zuid; do token "$zone"; done
  ok "the examples are in order" formez101_check_examples
  systemctl enable --quiet formez101@west formez101@est formez101@zuid
  systemctl start formez101.target
  for zone in west est; do
    ok "$zone: started by the target, READY" within 30 is "$zone" ActiveState active
    ok "$zone: runs as its own user" same "$(user_of $zone)" "formez101-$zone"
    ok "$zone: says in its status how it is" test -n "$(show $zone StatusText)"
  done
  # An upgrade must not wake it.
  ok "zuid: stopped by hand" systemctl stop formez101@zuid
  ok "systemd understands every line of the unit" not unit_ignored
}
formez101_check_examples() {
  cp -r /usr/share/doc/formez101/examples /tmp/
  cp /etc/formez101/formez101.toml /tmp/examples/
  formez101 check --config-dir /tmp/examples >/dev/null
}

check_apart() {
  local est how
  est=$(show est MainPID)
  ok "the two users differ" not test "$(stat -c %u "/proc/$est")" = "$(stat -c %u "/proc/$(show west MainPID)")"
  for how in as inside; do # by its user alone, and with what the zone's process sees
    ok "west ($how) cannot read the state of est" not "$how" west ls /var/lib/private/formez101/est
    ok "west ($how) cannot read the credential of est" not "$how" west cat /run/credentials/formez101@est.service/facebook.token
    ok "west ($how) cannot read est's file of it" not "$how" west cat /etc/formez101/credentials/est/facebook.token
    ok "west ($how) cannot signal est" not "$how" west kill -0 "$est"
  done
  ok "west reads its own state" inside west test -r /var/lib/private/formez101/west/ledger.sqlite
  ok "west reads its own credential" inside west grep -q sandbox-page-token /run/credentials/formez101@west.service/facebook.token
  ok "journal: the field FORMEZ_ZONE names the zone" journal_of west
  ok "journal: each zone's own" not grep -q '"FORMEZ_ZONE":"est"' <(journalctl -u formez101@west -o json)
  ok "journal: priority and name" grep -q '"SYSLOG_IDENTIFIER":"formez101"' <(journalctl FORMEZ_ZONE=est PRIORITY=6 -o json)
  ok "journal: no token" not journal_has sandbox-page-token
}

# What root does beside the zones, which leaves nothing in their state that they could not open themselves.
check_operating() {
  ok "status: the zone is well" within 30 eval "formez101 status --zone west >/dev/null"
  ok "status: it was asked itself" grep -q '^Zone west: running since .*, mode = "observe"' <(formez101 status --zone west)
  ok "status: the end of one that does not run" ends_with 69 formez101 status --zone zuid
  ok "doctor: west lacks nothing" quietly formez101 doctor --zone west
  ok "doctor: knows the unit" grep -q 'unit: formez101@west.service is enabled' <(formez101 doctor --zone west)
  ok "doctor: says that zuid does not run" grep -q 'service: it does not run' <(formez101 doctor --zone zuid)
  ok "pause" quietly formez101 pause --zone west
  ok "pause: shown" grep -q 'paused until' <(formez101 status --zone west)
  ok "resume" quietly formez101 resume --zone west
  ok "back-up" quietly formez101 backup --zone west --to /root/backups
  ok "all of it belongs to the zone" belongs_to west
  ok "a zone cannot ask another one" not inside est ls /var/lib/private/formez101/west/status.sock
}
quietly() { "$@" >/tmp/said 2>&1 || { cat /tmp/said; return 1; }; }
ends_with() { # ends_with CODE COMMAND...
  local rc=0
  "${@:2}" >/dev/null 2>&1 || rc=$?
  same "$rc" "$1"
}
belongs_to() {
  local folder=/var/lib/private/formez101/$1
  same "$(find "$folder" -not -uid "$(stat -c %u "$folder")" -print)" ""
}
journal_of() { journalctl FORMEZ_ZONE="$1" -o json | grep -q "\"_SYSTEMD_UNIT\":\"formez101@$1.service\""; }

check_reload() {
  local before
  before=$(show west MainPID)
  say 8101 An
  sleep 4
  ok "observe: nobody is answered" not answered 8101
  zone_file west 8101 reply
  ok "reload of a good file" systemctl reload formez101@west
  say 8101 Bea
  ok "reload: the new mode holds, a citizen is answered" within 20 answered 8101
  ok "reload: the same process" is west MainPID "$before"
  echo 'mode = "obsreve"' > /etc/formez101/zones/west.toml
  systemctl reload formez101@west || true
  sleep 1
  ok "reload of a bad file: the zone goes on" is west ActiveState active
  ok "reload of a bad file: the same process" is west MainPID "$before"
  ok "reload of a bad file: the journal names the mistake" journal_has obsreve
  zone_file west 8101 reply
}

check_faults() {
  systemctl kill --signal=KILL formez101@west
  ok "SIGKILL: started again" within 30 is west NRestarts 1
  ok "SIGKILL: ready again" within 30 is west ActiveState active
  ok "SIGKILL: the other zone did not notice" is est NRestarts 0

  # An administrator's drop-in; its own seconds, so that nobody waits for a minute.
  mkdir -p /etc/systemd/system/formez101@west.service.d
  printf '[Service]\nWatchdogSec=3\n' > /etc/systemd/system/formez101@west.service.d/watchdog.conf
  systemctl daemon-reload
  systemctl restart formez101@west
  sleep 5
  ok "watchdog: fed while all is well" is west NRestarts 0
  systemctl kill --signal=STOP formez101@west
  ok "watchdog: a process that hangs is ended and started again" within 30 is west NRestarts 1
  ok "watchdog: ready again" within 30 is west ActiveState active
  ok "watchdog: it was the watchdog" grep -q 'Watchdog timeout' <(journalctl -u formez101@west -o cat)

  rm /etc/formez101/credentials/est/facebook.token
  ok "a missing credential: the start fails" not systemctl --quiet restart formez101@est
  ok "a missing credential: exit status 77" is est ExecMainStatus 77
  ok "a missing credential: the journal names it" grep -q 'facebook.token' <(journalctl FORMEZ_ZONE=est -o cat)
  sleep 7 # longer than RestartSec
  ok "a missing credential: stays down" is est ActiveState failed
  token est
  ok "with the credential it starts" systemctl start formez101@est

  echo 'mode = "obsreve"' > /etc/formez101/zones/est.toml
  ok "a bad file: the start fails" not systemctl --quiet restart formez101@est
  ok "a bad file: exit status 78" is est ExecMainStatus 78
  sleep 7
  ok "a bad file: stays down" is est ActiveState failed
  zone_file est 8102 observe
  ok "with a good file it starts" systemctl start formez101@est
}

check_upgrade() {
  local west est key
  west=$(show west MainPID) est=$(show est MainPID)
  key=$(sha256sum /var/lib/private/formez101/west/hash.key)
  echo '# an edit of ours' >> /etc/formez101/formez101.toml
  ok "upgrade" install_package second
  ok "upgrade: the version" same "$(dpkg-query --show --showformat='${Version}' formez101)" "$higher"
  for zone in west est; do ok "upgrade: $zone is up" within 30 is "$zone" ActiveState active; done
  ok "upgrade: west is a new process" not is west MainPID "$west"
  ok "upgrade: est is a new process" not is est MainPID "$est"
  ok "upgrade: the zone that was stopped by hand stays stopped" is zuid ActiveState inactive
  ok "upgrade: the edited conffile is kept" grep -q 'an edit of ours' /etc/formez101/formez101.toml
  ok "upgrade: no copy of it lies beside" same "$(find /etc/formez101 -name '*.dpkg-*')" ""
  ok "upgrade: the state is the same" same "$(sha256sum /var/lib/private/formez101/west/hash.key)" "$key"
  ok "upgrade: a citizen is still answered" again_answered
  systemctl stop formez101.target
  ok "upgrade with all zones stopped" install_package second
  ok "upgrade with all zones stopped: they stay stopped" same "$(show west ActiveState) $(show est ActiveState)" "inactive inactive"
  systemctl start formez101.target
  # The way back to an older version, with the same zones.
  west=$(show west MainPID)
  ok "downgrade" install_package first
  ok "downgrade: west is up and new" within 30 eval 'is west ActiveState active && not is west MainPID '"$west"
}
answers() { control 8101 GET world | grep -a -o '"by":"service","feed":"facebook.inbox"' | wc -l; }
again_answered() {
  local before
  before=$(answers)
  say 8101 Cis
  within 20 eval "[ \"\$(answers)\" -gt $before ]"
}

check_remove() {
  ok "remove" dpkg_quietly --remove
  ok "remove: all zones are down" same "$(pgrep_formez)" ""
  ok "remove: program and unit are gone" not ls /usr/bin/formez101 /usr/lib/systemd/system/formez101@.service 2>/dev/null
  ok "remove: zones, secrets and state stay" ls /etc/formez101/zones/west.toml /etc/formez101/credentials/west/facebook.token /var/lib/private/formez101/west/hash.key >/dev/null
  ok "install again" install_package first
  ok "install again: the enabled zones are up" within 30 eval 'is west ActiveState active && is est ActiveState active'
  ok "purge" dpkg_quietly --purge
  ok "purge: all zones are down" same "$(pgrep_formez)" ""
  ok "purge leaves nothing" same "$(leftovers)" ""
  ok "purge: systemd knows no zone" same "$(systemctl list-units --all --plain --no-legend 'formez101*' | grep -v sandbox)" ""
}
dpkg_quietly() { dpkg "$1" formez101 >/tmp/dpkg 2>&1 && not grep -i 'warning\|error' /tmp/dpkg || { cat /tmp/dpkg; return 1; }; }
pgrep_formez() { grep -l -s -x formez101 /proc/[0-9]*/comm | while read -r comm; do tr '\0' ' ' < "${comm%comm}cmdline"; done; }
# What is called after us where packages and services write, but for the journal and dpkg's log, and for systemd's own notes of this boot.
leftovers() {
  find /etc /usr /opt /var -xdev -path /var/log -prune -o -name '*formez101*' -print
  find /run -path /run/systemd -prune -o -name '*formez101*' -print
}

check_tarball() {
  local folder
  tar --directory /tmp --extract --file /srv/give/first/formez101-*.tar.gz
  folder=$(echo /tmp/formez101-*)
  ok "tarball: install" "$folder/install.sh"
  ok "tarball: no zone is enabled or known" no_zone_enabled
  mkdir -p /etc/formez101/zones
  zone_file west 8101 observe
  token west
  systemctl enable --quiet --now formez101@west formez101.target
  ok "tarball: a zone is up" within 30 is west ActiveState active
  ok "tarball: it is the program below the prefix" same "$(readlink "/proc/$(show west MainPID)/exe")" /usr/local/bin/formez101
  echo '# an edit of ours' >> /etc/formez101/formez101.toml
  local before
  before=$(show west MainPID)
  ok "tarball: install over it" "$folder/install.sh"
  ok "tarball: the zone is up and new" within 30 eval 'is west ActiveState active && not is west MainPID '"$before"
  ok "tarball: the edited file is kept" grep -q 'an edit of ours' /etc/formez101/formez101.toml
  ok "tarball: uninstall" "$folder/install.sh" --uninstall
  ok "tarball: all zones are down" same "$(pgrep_formez)" ""
  rm -rf "$folder" /etc/formez101 /var/lib/formez101 /var/lib/private/formez101
  ok "tarball: nothing else is left" same "$(leftovers)" ""
}

case ${1:-} in
  --boot) boot "$2" "$3" "$4" ;;
  --check) check ;;
  *) outside "$@" ;;
esac
