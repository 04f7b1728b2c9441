#!/usr/bin/env bash
# Runs all tests as on a crowded machine, on one processor that a busy loop wants as well, and then once with each set of instructions that
# a processor may lack or .NET may prefer. A line for each run; the output of those that fail is kept.
# Usage: tests/crowded.sh [TIMES]
#   TIMES   how often on the crowded processor (10; some 40 minutes each); 0 for the instructions alone (some 20 minutes each)
# Environment: PROCESSOR (0). Needs taskset.
set -uo pipefail
case ${1:-10} in '' | *[!0-9]*) sed -n '2,6s/^# //p' "$0" >&2; exit 2 ;; esac
times=${1:-10} processor=${PROCESSOR:-0}
cd "$(dirname "$0")/.."
dotnet build -v q -nologo || exit 1
output=$(mktemp -d)
failures=0

run() {
  local name=$1 log began=$SECONDS status
  shift
  log="$output/${name//[^A-Za-z0-9]/-}.log"
  taskset -c "$processor" env "$@" dotnet test --no-build > "$log" 2>&1
  status=$?
  echo "$name: $(grep -E '^ *(failed|succeeded|skipped):' "$log" | tail -3 | tr -s ' \n' ' ')in $((SECONDS - began)) s"
  if [ $status = 0 ]; then rm "$log"; else failures=$((failures + 1)) && echo "  see $log"; fi
}

for i in $(seq "$times"); do
  taskset -c "$processor" bash -c 'while :; do :; done' &
  busy=$!
  trap 'kill $busy' EXIT
  run "crowded $i"
  kill $busy
  wait $busy 2> /dev/null
  trap - EXIT
done
run "256 bits preferred" DOTNET_PreferredVectorBitWidth=256
run "512 bits preferred" DOTNET_PreferredVectorBitWidth=512
run "no AVX-512" DOTNET_EnableAVX512F=0 DOTNET_EnableAVX512=0
run "no AVX2" DOTNET_EnableAVX2=0
[ $failures = 0 ] && rmdir "$output"
exit $((failures > 0))
