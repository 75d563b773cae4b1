#!/usr/bin/env bash
# The service reaches the platforms' own hosts through an inspecting proxy, in both directions, and through nothing else.
# `tests/proxy.sh BINARY`; needs Python and openssl, says so otherwise.
set -euo pipefail
for tool in python3 openssl; do
  command -v "$tool" > /dev/null || { echo "skipped: $tool is not installed"; exit 0; }
done
binary=$(readlink -f "${1:?the binary to try}")
here=$(dirname "$(readlink -f "$0")")
folder=$(mktemp -d)
trap 'rm -rf "$folder"' EXIT
cd "$folder"
openssl req -x509 -newkey rsa:2048 -nodes -days 2 -subj "/CN=Inspecting proxy" -keyout root.key -out root.pem \
  -addext "basicConstraints=critical,CA:TRUE" -addext "keyUsage=critical,keyCertSign" 2> /dev/null
openssl req -newkey rsa:2048 -nodes -subj "/CN=leaf" -keyout leaf.key -out leaf.csr 2> /dev/null
printf 'subjectAltName=DNS:graph.facebook.com,DNS:graph.instagram.com,DNS:api.x.com\nextendedKeyUsage=serverAuth\n' > leaf.ext
openssl x509 -req -in leaf.csr -CA root.pem -CAkey root.key -CAcreateserial -days 2 -extfile leaf.ext -out leaf.pem 2> /dev/null
PYTHONDONTWRITEBYTECODE=1 python3 "$here/proxy.py" "$binary" "$folder"
