#!/usr/bin/env bash
# Breaks one guard after another on purpose and shows that a test goes red for each: `tests/mutations.md`.
# `tests/mutations.sh [NAME...]` tries all of them or those named, one or two minutes each, in a copy of the tree;
# `tests/mutations.sh --applies` only says whether each patch still fits the code.
# A patch's first lines say in words what it breaks and which command must then fail, by an assertion: code that does
# not compile and a test that hangs prove nothing. Each command must succeed first, on the code as it stands.
set -euo pipefail
cd "$(dirname "$0")/.."
limit=300
work=target/mutations
tree=$work/tree

# header PATCH KEY: what stands behind `# KEY: ` in it.
header() { sed -n "/^---/q; s/^# $2: //p" "$1"; }
mend() { git apply --recount --directory="$tree" "$@"; }

if [ "${1:-}" = --applies ]; then
  wrong=0 count=0
  for patch in tests/mutations/*.patch; do
    count=$((count + 1))
    if [ -z "$(header "$patch" breaks)" ] || [ -z "$(header "$patch" 'caught by')" ]; then
      echo "$patch: does not say what it breaks and what goes red"
      wrong=1
    fi
    git apply --recount --check "$patch" || wrong=1
  done
  echo "$count mutations"
  exit "$wrong"
fi

patches=()
for name in "$@"; do patches+=("tests/mutations/$name.patch"); done
[ "$#" -gt 0 ] || patches=(tests/mutations/*.patch)

# The copy is made anew, with its times as they are, so that only what changed is built again. A file that was mutated
# before gets a new time.
touched=$(cat "$work/touched" 2>/dev/null || true)
rm -rf "$tree"
mkdir -p "$tree"
git ls-files -z | tar --create --null --files-from=- --format=posix | tar --extract --directory="$tree"
for file in $touched; do touch "$tree/$file"; done
# Here building takes longer than playing.
mkdir "$tree/.cargo"
printf '[profile.dev.package.formez101]\nopt-level = 0\ndebug = false\n' > "$tree/.cargo/config.toml"
export CARGO_TARGET_DIR=$PWD/$work/target CARGO_TERM_COLOR=never

# play COMMAND LOG
play() { (cd "$tree" && timeout "$limit" bash -c "$1") > "$2" 2>&1; }
for patch in "${patches[@]}"; do header "$patch" 'caught by'; done | sort -u | while read -r command; do
  play "$command" "$work/whole.log" < /dev/null || { echo "red without any mutation: $command, see $work/whole.log"; exit 1; }
done

survived=0
echo '| name | what is broken | caught by |'
echo '|---|---|---|'
for patch in "${patches[@]}"; do
  name=$(basename "$patch" .patch)
  command=$(header "$patch" 'caught by')
  said=$work/$name.log rc=0
  sed -n 's|^+++ b/||p' "$patch" >> "$work/touched"
  mend "$patch"
  play "$command" "$said" || rc=$?
  mend --reverse "$patch"
  if [ "$rc" = 0 ]; then
    verdict='**SURVIVED**'
  elif grep -q '^test result: FAILED' "$said"; then
    verdict="\`$command\`"
  else
    verdict="**NOT KNOWN**: ended with $rc, see $said"
  fi
  case $verdict in \**) survived=1 ;; esac
  echo "| $name | $(header "$patch" breaks) | $verdict |"
done
exit "$survived"
