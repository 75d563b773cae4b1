#!/usr/bin/env bash
# A hundred zones on one machine: each a process of its own, with four feeds at their usual pace, on a sandbox of its own.
# All feeds stay fresh, each service stays below 20 MB, and all of them together take less than 15 % of one core.
# `tests/hundred.sh BINARY [SECONDS] [ZONES]`; ten minutes and a hundred, where nothing else is said.
set -euo pipefail
[ -r /proc/self/stat ] || { echo "skipped: this system has no /proc"; exit 0; }
binary=$(readlink -f "${1:?the binary to try}")
seconds=${2:-600} zones=${3:-100} most_kb=20480 most_percent=15
folder=$(mktemp -d)
processes=()
end() {
  [ "${#processes[@]}" = 0 ] || kill "${processes[@]}" 2>/dev/null || true
  wait || true
  rm -rf "$folder"
}
trap end EXIT
fail() { echo "FAILED  $1"; exit 1; }
mkdir -p "$folder"/{config/zones,credentials,state}
echo sandbox-page-token > "$folder/credentials/facebook.token"
echo sandbox-x-token > "$folder/credentials/x.token"

for zone in $(seq "$zones"); do
  "$binary" sandbox --listen 127.0.0.1:0 > "$folder/sandbox-$zone" & processes+=("$!")
done
for zone in $(seq "$zones"); do
  for _ in $(seq 100); do grep -q '^sandbox on' "$folder/sandbox-$zone" && break; sleep 0.1; done
  address=$(sed -n 's/^sandbox on \([^;]*\);.*/\1/p' "$folder/sandbox-$zone")
  cat > "$folder/config/zones/zone-$zone.toml" <<TOML
mode = "reply"
[zone]
name = "Politiezone Voorbeeld"
languages = ["nl"]
[facebook]
page = "100000000000001"
api_base = "$address"
[facebook.comments]
enabled = false
[x]
account = "PZVoorbeeld"
api_base = "$address"
TOML
done

services=()
for zone in $(seq "$zones"); do
  "$binary" run --zone "zone-$zone" --config-dir "$folder/config" --credentials-dir "$folder/credentials" \
    --state-dir "$folder/state/zone-$zone" 2>> "$folder/log" &
  services+=("$!") processes+=("$!")
done
# Clock ticks that the services have used so far.
ticks() { for pid in "${services[@]}"; do cat "/proc/$pid/stat"; done | awk '{ sub(/^.*\) /, ""); sum += $12 + $13 } END { print sum }'; }
# Everybody has read every feed by then; starting costs a service about as much as ten minutes of its life.
sleep 30
before=$(ticks) began=$(date +%s%N)
sleep "$seconds"
used=$(($(ticks) - before)) passed=$((($(date +%s%N) - began) / 1000000))

for pid in "${services[@]}"; do kill -0 "$pid" 2>/dev/null || { tail -n 5 "$folder/log"; fail "a service has ended"; }; done
# Of the memory that all share, each counts its part; the largest and the mean.
read -r largest mean < <(for pid in "${services[@]}"; do awk '/^Pss:/ { print $2 }' "/proc/$pid/smaps_rollup"; done |
  awk '{ sum += $1; if ($1 > most) most = $1 } END { printf "%d %d\n", most, sum / NR }')
resident=$(for pid in "${services[@]}"; do awk '/^VmRSS:/ { print $2 }' "/proc/$pid/status"; done | sort -n | tail -n 1)
percent=$(awk -v used="$used" -v ms="$passed" -v hz="$(getconf CLK_TCK)" 'BEGIN { printf "%.1f", used * 100000 / hz / ms }')
well=0
for zone in $(seq "$zones"); do
  said=$("$binary" status --zone "zone-$zone" --config-dir "$folder/config" --state-dir "$folder/state/zone-$zone") ||
    { echo "$said"; fail "zone $zone is not well"; }
  [ "$(grep -c ' read [0-9]' <<< "$said")" = 4 ] || { echo "$said"; fail "zone $zone has not read four feeds"; }
  well=$((well + 1))
done
echo "$well zones x 4 feeds, $((passed / 1000)) s: all fresh; resident at most $((resident / 1024)) MB, its share at most $((largest / 1024)) MB, $((mean / 1024)) MB on average; $percent % of one core in all"
[ "$resident" -lt "$most_kb" ] || fail "each below $((most_kb / 1024)) MB"
awk -v percent="$percent" -v most="$most_percent" 'BEGIN { exit !(percent < most) }' || fail "below $most_percent % of one core"
