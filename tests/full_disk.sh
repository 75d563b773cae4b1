#!/usr/bin/env bash
# A disk that fills while the service runs: nothing is posted that cannot be recorded, nothing is lost, and it goes on by
# itself when there is room again. `tests/full_disk.sh BINARY`; needs root for a small file system, says so otherwise.
set -euo pipefail
command -v curl > /dev/null || { echo "skipped: curl is not installed"; exit 0; }
binary=$(readlink -f "${1:?the binary to try}")
folder=$(mktemp -d)
mkdir -p "$folder"/{config/zones,credentials,state}
mount -t tmpfs -o size=1M full-disk "$folder/state" 2>/dev/null || { rm -rf "$folder"; echo "skipped: no file system can be mounted here"; exit 0; }
sandbox='' service=''
end() {
  [ -z "$service" ] || kill "$service" 2>/dev/null || true
  [ -z "$sandbox" ] || kill "$sandbox" 2>/dev/null || true
  wait || true
  umount "$folder/state"
  rm -rf "$folder"
}
trap end EXIT
fail() { echo "FAILED  $1"; cat "$folder/log"; exit 1; }

"$binary" sandbox --listen 127.0.0.1:0 > "$folder/sandbox" & sandbox=$!
for _ in $(seq 100); do grep -q '^sandbox on' "$folder/sandbox" && break; sleep 0.1; done
address=$(sed -n 's/^sandbox on \([^;]*\);.*/\1/p' "$folder/sandbox")
cat > "$folder/config/zones/full.toml" <<TOML
mode = "reply"
[zone]
name = "Zone de police Exemple"
languages = ["fr"]
[facebook]
page = "100000000000001"
api_base = "$address"
poll = "200ms"
TOML
echo sandbox-page-token > "$folder/credentials/facebook.token"
start() { "$binary" run --zone full --config-dir "$folder/config" --credentials-dir "$folder/credentials" --state-dir "$folder/state" 2>> "$folder/log" & service=$!; }
replies() { curl -s "$address/control/world" | grep -o '"surface":"private"' | wc -l; }
until_replies() { for _ in $(seq 150); do [ "$(replies)" = "$1" ] && return; sleep 0.1; done; return 1; }
say() { curl -s "$address/control/say" -d "{\"feed\": \"facebook.inbox\", \"from\": \"$1\", \"text\": \"il y a une bagarre\"}" > /dev/null; }

start
sleep 3
say Jeanne
until_replies 1 || fail "an answer while there is room"
echo "ok      an answer while there is room"
dd if=/dev/zero of="$folder/state/filler" bs=1k count=2000 2>/dev/null || true
say Marie
sleep 3
[ "$(replies)" = 1 ] || fail "no answer that cannot be recorded"
echo "ok      no answer that cannot be recorded"
rm "$folder/state/filler"
until_replies 2 || fail "an answer as soon as there is room again"
echo "ok      an answer as soon as there is room again"
kill "$service"; wait "$service" || fail "a clean end"
rm "$folder"/state/ledger*
dd if=/dev/zero of="$folder/state/filler" bs=1k count=2000 2>/dev/null || true
start
for _ in $(seq 100); do kill -0 "$service" 2>/dev/null || break; sleep 0.1; done
kill -0 "$service" 2>/dev/null && fail "a start on a full disk does not go on"
code=0; wait "$service" || code=$?
service=''
[ "$code" = 69 ] || fail "a start on a full disk ends with 69, not $code"
echo "ok      a start on a full disk ends with 69"
