#!/usr/bin/env bash
# The storm over real HTTP: 11,000 people write to one Page within a minute, while others write in public.
# Each is answered once, the public cap holds, and the service's peak memory stays below 64 MB.
# `tests/storm.sh BINARY [PEOPLE]`. The time that it takes is the platform's: two calls a second for conversations.
set -euo pipefail
command -v curl > /dev/null || { echo "skipped: curl is not installed"; exit 0; }
[ -r /proc/self/status ] || { echo "skipped: this system does not tell a process's peak memory"; exit 0; }
binary=$(readlink -f "${1:?the binary to try}")
people=${2:-11000} seconds=60 cap=5 most_kb=65536 limit=240
folder=$(mktemp -d)
mkdir -p "$folder"/{config/zones,credentials,state}
sandbox='' service=''
end() {
  [ -z "$service" ] || kill "$service" 2>/dev/null || true
  [ -z "$sandbox" ] || kill "$sandbox" 2>/dev/null || true
  wait || true
  rm -rf "$folder"
}
trap end EXIT
fail() { echo "FAILED  $1"; grep -v 'reply ended\|reply intended' "$folder/log" | tail -n 20; exit 1; }

"$binary" sandbox --listen 127.0.0.1:0 > "$folder/sandbox" & sandbox=$!
for _ in $(seq 100); do grep -q '^sandbox on' "$folder/sandbox" && break; sleep 0.1; done
address=$(sed -n 's/^sandbox on \([^;]*\);.*/\1/p' "$folder/sandbox")
cat > "$folder/config/zones/storm.toml" <<TOML
mode = "reply"
[zone]
name = "Politiezone Voorbeeld"
languages = ["nl"]
[policy]
public_cap_per_hour = $cap
[facebook]
page = "100000000000001"
api_base = "$address"
[facebook.comments]
public_replies = "public"
TOML
echo sandbox-page-token > "$folder/credentials/facebook.token"
"$binary" run --zone storm --config-dir "$folder/config" --credentials-dir "$folder/credentials" --state-dir "$folder/state" 2> "$folder/log" & service=$!
sleep 4
kill -0 "$service" 2>/dev/null || fail "the service starts"

# One connection; its answers are thrown away as they come. A curl for each would take the machine's whole time.
host=${address#http://}
exec 3<>"/dev/tcp/${host%:*}/${host##*:}"
cat <&3 > "$folder/said" & reader=$!
# say FROM TO: those people write, and every hundredth comments in public as well.
say() {
  awk -v from="$1" -v to="$2" -v host="$host" '
    function post(feed, who, text,  body) {
      body = sprintf("{\"feed\": \"%s\", \"from\": \"%s\", \"text\": \"%s\"}", feed, who, text)
      printf "POST /control/say HTTP/1.1\r\nhost: %s\r\ncontent-length: %d\r\n\r\n%s", host, length(body), body
    }
    BEGIN {
      for (n = from; n < to; n++) {
        post("facebook.inbox", "Burger " n, n % 100 == 7 ? "Er wordt nu ingebroken bij mijn buren, kom snel" : "Ik denk aan iedereen")
        if (n % 100 == 0) post("facebook.mentions", "Lezer " n, "Veel moed aan iedereen")
      }
    }' >&3
}
began=$SECONDS
for ((second = 0; second < seconds; second++)); do
  say $((people * second / seconds)) $((people * (second + 1) / seconds))
  sleep 0.95
done
written=$((SECONDS - began))

# How many replies to the inbox the log tells of: asking the sandbox for everything is dear.
sent() { grep -c 'feed="facebook.inbox".*outcome="sent"' "$folder/log" || true; }
for ((wait = 0; wait < limit; wait++)); do [ "$(sent)" -ge "$people" ] && break; sleep 1; done
took=$((SECONDS - began))
sleep 2
peak=$(awk '/^VmHWM/ { print $2 }' "/proc/$service/status")
curl -s "$address/control/world" > "$folder/world"
kill "$reader" 2>/dev/null || true
exec 3>&-
kill "$service"; wait "$service" || fail "a clean end"
service=''

# Whom the service answered in the inbox, one line for each answer; keys stand in the order of the alphabet.
grep -o '"by":"service","feed":"facebook.inbox","flags":{},"hidden":false,"id":"[^"]*","in_reply_to":"[^"]*"' "$folder/world" |
  sed 's/.*"in_reply_to"://' | sort > "$folder/answered"
answers=$(wc -l < "$folder/answered") different=$(uniq "$folder/answered" | wc -l)
public=$(grep -o '"by":"service","feed":"facebook.comments","flags"' "$folder/world" | wc -l)
violations=$(grep -o '"violations":\[[^]]*\]' "$folder/world")
echo "$people wrote within $written s; $different were answered, with $answers replies, the last one $took s after the first wrote"
echo "$public public replies in that hour, $cap allowed; peak memory of the service $((peak / 1024)) MB"
grep 'rush\|many replies' "$folder/log" || true
[ "$different" = "$people" ] || fail "each of $people is answered"
[ "$answers" = "$people" ] || fail "nobody is answered twice"
[ "$public" = "$cap" ] || fail "in public as many are answered as the cap allows"
[ "$violations" = '"violations":[]' ] || fail "no rule of the platform is broken: $violations"
[ "$peak" -lt "$most_kb" ] || fail "the peak memory, $peak kB, is below $most_kb kB"
echo "ok      the storm"
