#!/bin/sh
# One step of checking a policy: steps.sh STEP [BRANCH] POLICY. What a step writes, it writes to the current folder.
set -eu
: "${HPL:=npx hpl}"
step=$1
shift

# The policy as it is on a branch, in a folder of its own.
extract() {
  mkdir -p "$3"
  git archive "$1" -- "$2" | tar -x -C "$3"
}

case $step in
  format) $HPL fmt --check "$1" ;;
  check) $HPL check "$1" --max-warnings 0 --format "${HPL_FORMAT:-text}" ;;
  test) $HPL test "$1" --min-coverage 90 ;;
  mutate) $HPL mutate "$1" --max-survivors 0 ;;
  sarif) $HPL check "$1" --format sarif > policy.sarif || test -s policy.sarif ;;
  diff)
    old=$(mktemp -d)
    trap 'rm -rf "$old"' EXIT
    extract "$1" "$2" "$old"
    $HPL diff "$old/$2" "$2" --no-weaker --format markdown > diff.md
    ;;
  replay)
    old=$(mktemp -d)
    trap 'rm -rf "$old"' EXIT
    extract "$1" "$2" "$old"
    : > replay.txt
    for file in recorded/*; do
      [ -e "$file" ] || continue
      $HPL replay "$file" --with "$2" --against "$old/$2" >> replay.txt || [ $? -eq 1 ]
    done
    ;;
  *)
    echo "steps.sh: no step $step" >&2
    exit 2
    ;;
esac
