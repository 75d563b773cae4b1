#!/bin/sh
# Installs formez101 from the tarball that holds this script, where there is no Debian package:
#
#   ./install.sh               install or upgrade; nothing is enabled, and zones that run are restarted
#   ./install.sh --uninstall   take it away again; /etc/formez101 and the zones' state stay
#
# PREFIX (/usr/local) says where. DESTDIR puts a folder before everything, for those who make packages.
# Needs systemd 252 or later, and the root certificates of the certification authorities (ca-certificates).
set -eu
here=$(cd "$(dirname "$0")" && pwd)
prefix=${PREFIX:-/usr/local}
root=${DESTDIR:-}
binary=$prefix/bin/formez101

# systemd looks for units below /usr and /usr/local only.
case $prefix in
  /usr | /usr/local) units=$prefix/lib/systemd/system tmpfiles=$prefix/lib/tmpfiles.d ;;
  /*) units=/etc/systemd/system tmpfiles=/etc/tmpfiles.d ;;
  *) echo "PREFIX must begin with /" >&2; exit 64 ;;
esac

# Each file of the package as `from to`, both relative to their folders.
files() {
  (cd "$here/files" && find . -type f) | sort | sed 's|^\./||' | while read -r file; do
    case $file in
      lib/systemd/system/*) echo "$file $units/${file##*/}" ;;
      lib/tmpfiles.d/*) echo "$file $tmpfiles/${file##*/}" ;;
      *) echo "$file $prefix/$file" ;;
    esac
  done
}
booted() { [ -z "$root" ] && [ -d /run/systemd/system ]; }

install_all() {
  files | while read -r from to; do
    mode=0644
    [ "$from" != bin/formez101 ] || mode=0755
    mkdir -p "$root$(dirname "$to")"
    # Beside and over it: a program that runs cannot be written to.
    install -m "$mode" "$here/files/$from" "$root$to.new"
    mv -f "$root$to.new" "$root$to"
  done
  sed "s|/usr/bin/formez101|$binary|" "$here/files/lib/systemd/system/formez101@.service" > "$root$units/formez101@.service"
  if [ -e "$root/etc/formez101/formez101.toml" ]; then
    echo "kept: /etc/formez101/formez101.toml"
  else
    mkdir -p "$root/etc/formez101"
    install -m 0644 "$here/etc/formez101/formez101.toml" "$root/etc/formez101/formez101.toml"
  fi
  echo "installed: $binary"
  booted || return 0
  systemd-tmpfiles --create formez101.conf
  systemctl daemon-reload
  systemctl try-restart formez101.target 'formez101@*.service'
}

uninstall() {
  if booted; then
    systemctl stop formez101.target 'formez101@*.service' || true
    systemctl --quiet disable formez101.target || true
  fi
  files | while read -r _ to; do rm -f "$root$to"; done
  rm -f "$root"/etc/systemd/system/*.wants/formez101@*.service
  rmdir "$root/etc/systemd/system/formez101.target.wants" 2>/dev/null || true
  find "$root$prefix/share/doc/formez101" -depth -type d -exec rmdir {} + 2>/dev/null || true
  if booted; then
    rm -rf /run/formez101 /run/private/formez101
    systemctl daemon-reload
  fi
  echo "uninstalled; what zones were and knew is left in /etc/formez101 and /var/lib/private/formez101"
}

case ${1:-} in
  '') install_all ;;
  --uninstall) uninstall ;;
  *) echo "usage: [PREFIX=/usr/local] ./install.sh [--uninstall]" >&2; exit 64 ;;
esac
