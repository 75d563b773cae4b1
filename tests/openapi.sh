#!/usr/bin/env bash
# Every request that the service sends to X, and every answer of the sandbox, against X's own OpenAPI documents.
# `tests/openapi.sh BINARY [FOLDER]`; the folder with the documents can also be named by FORMEZ101_X_SPECS. They are
# X's, so that they are not in this repository; needs Python and a way to the package registry too, says so otherwise.
set -euo pipefail
command -v python3 > /dev/null || { echo "skipped: python3 is not installed"; exit 0; }
binary=$(readlink -f "${1:?the binary to try}")
here=$(dirname "$(readlink -f "$0")")
specs=${2:-${FORMEZ101_X_SPECS:-$here/../../shared/platforms/specs}}
ls "$specs"/x-openapi-*.json > /dev/null 2>&1 || { echo "skipped: X's OpenAPI documents are not here"; exit 0; }
folder=$(mktemp -d)
trap 'rm -rf "$folder"' EXIT
python3 -m venv "$folder/venv" 2> /dev/null || { echo "skipped: python3 cannot make a virtual environment here"; exit 0; }
"$folder/venv/bin/pip" install --quiet --disable-pip-version-check --retries 1 --timeout 20 'jsonschema>=4.20,<5' \
  > "$folder/pip" 2>&1 || { echo "skipped: jsonschema could not be installed: $(tail -n 1 "$folder/pip")"; exit 0; }
PYTHONDONTWRITEBYTECODE=1 "$folder/venv/bin/python" "$here/openapi.py" "$binary" "$specs"
