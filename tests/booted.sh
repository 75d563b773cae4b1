# A real systemd as PID 1, for the scripts that source this: tests/systemd.sh and tests/package.sh.
#
# systemd boots in private namespaces, on a throw-away overlay of a root file system: nothing is installed there and nothing
# stays behind. The script itself runs in it once more, with --check, as a service; outside, its log is printed and its
# result passed on. Whoever sources this sets `untried`, what a skip says was not tried, and defines `prepare ROOT`, which
# puts things into the root before the boot, and `check`.
# shellcheck shell=bash

skip() {
  echo "skipped: $untried: $1"
  [ "${FORMEZ101_REQUIRE_SYSTEMD:-0}" = 0 ]
  exit
}

# --- outside: look, boot, wait, report ------------------------------------------------------------------------------
# Skips where systemd cannot be booted on this root.
bootable() {
  [ "$(id -u)" = 0 ] || skip "not root"
  [ -x "${1%/}/usr/lib/systemd/systemd" ] || [ -x "${1%/}/lib/systemd/systemd" ] || skip "systemd is not installed"
  command -v unshare >/dev/null || skip "unshare is not installed"
  unshare --mount --uts --ipc --pid --cgroup --net --fork true 2>/dev/null || skip "namespaces are not allowed here"
}
# boot_and_check ROOT GIVE SECONDS: what lies in the folder GIVE is in /srv/give there.
boot_and_check() {
  local lower=$1 give=$2 seconds=$3 rc=0 self
  self=$(readlink -f "$0")
  work=$(mktemp -d)
  group=formez101-test-$$
  trap 'umount "$work/cgroup" 2>/dev/null; rm -rf "$work"' EXIT
  mkdir "$work/cgroup" "$work/layer" "$work/root"
  mount -t cgroup2 cgroup2 "$work/cgroup" 2>/dev/null || skip "no cgroup v2"
  mkdir "$work/cgroup/$group"
  trap 'find "$work/cgroup/$group" -depth -type d -exec rmdir {} + 2>/dev/null; umount "$work/cgroup"; rm -rf "$work"' EXIT

  install -m 0755 "$self" "$give/checks"
  cp "$(dirname "$self")/booted.sh" "$give/"
  rm -f "$give/result" "$give/log" "$give/cannot"
  # The namespaces end with the systemd in them, at the latest after that time.
  ( echo "$BASHPID" > "$work/cgroup/$group/cgroup.procs"
    exec timeout --kill-after=5 "$seconds" unshare --mount --uts --ipc --pid --cgroup --net --fork --kill-child \
      "$self" --boot "$work" "$lower" "$give" ) < /dev/null > "$work/console" 2>&1 || rc=$?
  if [ -f "$give/cannot" ]; then skip "$(cat "$give/cannot")"; fi
  cat "$give/log" 2>/dev/null || true
  [ "$(cat "$give/result" 2>/dev/null)" = passed ] && return 0
  echo "--- console of the booted systemd (ended with $rc)" >&2
  tail -n 40 "$work/console" >&2
  return 1
}

# --- in the namespaces: build a root, become PID 1 ------------------------------------------------------------------
boot() {
  local work=$1 lower=$2 give=$3 root=$1/root node
  mount --make-rprivate /
  mount -t tmpfs tmpfs "$work/layer"
  mkdir "$work/layer/upper" "$work/layer/work"
  mount -t overlay overlay -o "lowerdir=$lower,upperdir=$work/layer/upper,workdir=$work/layer/work" "$root" ||
    { echo "no overlay on $lower" > "$give/cannot"; exit 0; }

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
  mount --bind "$give" "$root/srv/give"

  # Of the machine's own services none starts: every list of wanted units is emptied.
  rm -rf "$root"/{usr/lib,etc}/systemd/system/*.{wants,requires} "$root/etc/machine-id" "$root/var/log/journal" \
    "$root/var/lib/private/formez101" "$root/var/lib/formez101" "$root/etc/formez101"
  : > "$root/etc/machine-id"
  : > "$root/etc/fstab"
  prepare "$root"
  cat > "$root/etc/systemd/system/checks.service" <<UNIT
[Unit]
Wants=systemd-journald.socket systemd-journald.service
After=basic.target systemd-journald.service
SuccessAction=exit-force
FailureAction=exit-force
[Service]
Type=oneshot
TimeoutStartSec=infinity
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

# --- in the booted system: what checks are made of ------------------------------------------------------------------
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
# By systemd's own list: a root without nss-systemd has no name for a dynamic user.
user_of() { cat "/run/systemd/dynamic-uid/$(stat -c %u "/proc/$(show "$1" MainPID)")"; }
as() { setpriv --reuid="$(stat -c %u "/proc/$(show "$1" MainPID)")" --clear-groups "${@:2}" 2>/dev/null; }
unit_ignored() { journalctl --no-pager -o cat _PID=1 | grep -E 'formez101.*(nknown|gnoring|nvalid)'; }
journal_has() { journalctl --no-pager -u 'formez101@*' -o export | grep -a -q "$1"; }
# The last line of every `check`.
verdict() {
  if [ "$failures" = 0 ]; then echo passed > /srv/give/result; else journalctl --no-pager -u 'formez101@*' -n 60; fi
}
