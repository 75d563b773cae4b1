#!/usr/bin/env bash
# The unit, the target and a real formez101 under a real systemd: `tests/systemd.sh target/release/formez101`.
#
# systemd boots as PID 1 of private namespaces, on a throw-away overlay of this machine's own root: nothing is installed
# and nothing stays behind. The checks run in there as a service; this script only prints their log and passes on the result.
# Needs root, systemd, util-linux, overlayfs and cgroup v2. Where something is missing it says `skipped` and ends with 0,
# or with 1 if FORMEZ101_REQUIRE_SYSTEMD=1 is set.
# ROOT=folder boots another root file system, e.g. one of another Debian release.
set -euo pipefail
here=$(dirname "$(readlink -f "$0")")

skip() {
  echo "skipped: the unit was NOT tried under a real systemd: $1"
  [ "${FORMEZ101_REQUIRE_SYSTEMD:-0}" = 0 ]
  exit
}

# --- outside: prepare, boot, wait, report ---------------------------------------------------------------------------
outside() {
  local binary=${1:?usage: tests/systemd.sh path/to/formez101} lower=${ROOT:-/} rc=0
  [ -x "$binary" ] || { echo "no such program: $binary" >&2; exit 1; }
  [ "$(id -u)" = 0 ] || skip "not root"
  [ -x "${lower%/}/usr/lib/systemd/systemd" ] || [ -x "${lower%/}/lib/systemd/systemd" ] || skip "systemd is not installed"
  command -v unshare >/dev/null || skip "unshare is not installed"
  unshare --mount --uts --ipc --pid --cgroup --net --fork true 2>/dev/null || skip "namespaces are not allowed here"

  work=$(mktemp -d)
  group=formez101-test-$$
  trap 'umount "$work/cgroup" 2>/dev/null; rm -rf "$work"' EXIT
  mkdir "$work/cgroup" "$work/give" "$work/layer" "$work/root"
  mount -t cgroup2 cgroup2 "$work/cgroup" 2>/dev/null || skip "no cgroup v2"
  mkdir "$work/cgroup/$group"
  trap 'find "$work/cgroup/$group" -depth -type d -exec rmdir {} + 2>/dev/null; umount "$work/cgroup"; rm -rf "$work"' EXIT

  install -m 0755 "$binary" "$work/give/formez101"
  cp "$here"/../deploy/formez101* "$work/give/"
  install -m 0755 "$here/systemd.sh" "$work/give/checks"
  # The namespaces end with the systemd in them, at the latest after three minutes.
  ( echo "$BASHPID" > "$work/cgroup/$group/cgroup.procs"
    exec timeout --kill-after=5 180 unshare --mount --uts --ipc --pid --cgroup --net --fork --kill-child \
      "$here/systemd.sh" --boot "$work" "$lower" ) < /dev/null > "$work/console" 2>&1 || rc=$?
  if [ -f "$work/give/cannot" ]; then skip "$(cat "$work/give/cannot")"; fi
  cat "$work/give/log" 2>/dev/null || true
  [ "$(cat "$work/give/result" 2>/dev/null)" = passed ] && return 0
  echo "--- console of the booted systemd (ended with $rc)" >&2
  tail -n 40 "$work/console" >&2
  return 1
}

# --- in the namespaces: build a root, become PID 1 ------------------------------------------------------------------
boot() {
  local work=$1 lower=$2 root=$1/root node
  mount --make-rprivate /
  mount -t tmpfs tmpfs "$work/layer"
  mkdir "$work/layer/upper" "$work/layer/work"
  mount -t overlay overlay -o "lowerdir=$lower,upperdir=$work/layer/upper,workdir=$work/layer/work" "$root" ||
    { echo "no overlay on $lower" > "$work/give/cannot"; exit 0; }

  mount -t proc proc "$root/proc"
  mount --bind "$root/proc/sys" "$root/proc/sys"         # the host's kernel settings stay as they are
  mount -o remount,bind,ro "$root/proc/sys"
  mount -t sysfs -o ro sysfs "$root/sys"
  mount -t cgroup2 cgroup2 "$root/sys/fs/cgroup"
  mount -t tmpfs -o mode=0755 tmpfs "$root/run"
  mount -t tmpfs -o mode=1777 tmpfs "$root/tmp"
  mount -t tmpfs -o mode=0755 tmpfs "$root/dev"
  for node in null zero full random urandom tty; do
    touch "$root/dev/$node"
    mount --bind "/dev/$node" "$root/dev/$node"
  done
  mkdir "$root/dev/shm" "$root/dev/pts"
  ln -s /proc/self/fd "$root/dev/fd"
  ln -s pts/ptmx "$root/dev/ptmx"
  mkdir -p "$root/srv/give"
  mount --bind "$work/give" "$root/srv/give"

  # Of the machine's own services none starts: every list of wanted units is emptied.
  rm -rf "$root"/{usr/lib,etc}/systemd/system/*.{wants,requires} "$root/etc/machine-id" "$root/var/log/journal" \
    "$root/var/lib/private/formez101" "$root/var/lib/formez101" "$root/etc/formez101"
  : > "$root/etc/machine-id"
  : > "$root/etc/fstab"
  install -D -m 0755 "$work/give/formez101" "$root/usr/bin/formez101"
  install -m 0644 "$work/give/formez101@.service" "$work/give/formez101.target" "$root/etc/systemd/system/"
  cat > "$root/etc/systemd/system/checks.service" <<UNIT
[Unit]
Wants=systemd-journald.socket systemd-journald.service
After=basic.target systemd-journald.service
SuccessAction=exit-force
FailureAction=exit-force
[Service]
Type=oneshot
TimeoutStartSec=170
ExecStart=/srv/give/checks --check
StandardOutput=append:/srv/give/log
StandardError=append:/srv/give/log
UNIT
  cd "$root"
  mkdir -p mnt/before
  pivot_root . mnt/before
  umount -l /mnt/before
  mount --make-rshared /                                  # without it credentials never reach the service
  exec env -i container=test PATH=/usr/sbin:/usr/bin:/sbin:/bin LANG=C.UTF-8 \
    /lib/systemd/systemd --system --unit=checks.service --show-status=no
}

# --- in the booted system: the checks -------------------------------------------------------------------------------
failures=0
ok() {
  local what=$1
  shift
  if "$@"; then echo "ok      $what"; else
    echo "FAILED  $what"
    failures=$((failures + 1))
  fi
}
show() { systemctl show "formez101@$1" --property="$2" --value; }
is() { [ "$(show "$1" "$2")" = "$3" ]; }
within() { # within SECONDS CONDITION...: the condition becomes true in that time
  local until=$((SECONDS + $1))
  shift
  until "$@"; do
    [ "$SECONDS" -lt "$until" ] || return 1
    sleep 0.1
  done
}
not() { ! "$@"; }
user_of() { stat -c %U "/proc/$(show "$1" MainPID)"; }
as() { setpriv --reuid="$(stat -c %u "/proc/$(show "$1" MainPID)")" --clear-groups "${@:2}" 2>/dev/null; }

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

  if [ "$failures" = 0 ]; then echo passed > /srv/give/result; else journalctl --no-pager -u 'formez101@*' -n 60; fi
}
unit_ignored() { journalctl --no-pager -o cat _PID=1 | grep -E 'formez101.*(nknown|gnoring|nvalid)'; }
journal_has() { journalctl --no-pager -u 'formez101@*' -o export | grep -a -q "$1"; }

case ${1:-} in
  --boot) boot "$2" "$3" ;;
  --check) check ;;
  *) outside "$@" ;;
esac
