#!/usr/bin/env bash
# Public clients of X and of the Graph API, written by others for the real platforms, read and write the sandbox.
# `tests/third_party.sh BINARY`; needs Python and a way to the package registry, says so otherwise.
set -euo pipefail
command -v python3 > /dev/null || { echo "skipped: python3 is not installed"; exit 0; }
binary=$(readlink -f "${1:?the binary to try}")
here=$(dirname "$(readlink -f "$0")")
folder=$(mktemp -d)
trap 'rm -rf "$folder"' EXIT
python3 -m venv "$folder/venv" 2> /dev/null || { echo "skipped: python3 cannot make a virtual environment here"; exit 0; }
"$folder/venv/bin/pip" install --quiet --disable-pip-version-check --retries 1 --timeout 20 \
  'tweepy>=4.17,<5' 'xdk>=0.10,<0.11' 'python-facebook-api>=0.24,<0.25' > "$folder/pip" 2>&1 ||
  { echo "skipped: the clients could not be installed: $(tail -n 1 "$folder/pip")"; exit 0; }
PYTHONDONTWRITEBYTECODE=1 "$folder/venv/bin/python" "$here/third_party.py" "$binary"
