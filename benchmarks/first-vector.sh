#!/usr/bin/env bash
# From the start of a process to its first vector: milliseconds, milliseconds of processors, megabytes of private memory; by turns, medians.
# Usage: benchmarks/first-vector.sh MODEL[:DTYPE]…     for example models/default:float32 models/default:int8 /tmp/quantized
# Environment: TURNS (11); PROGRAMS, programs to compare, separated by spaces (default: this clone's, built by the script)
set -euo pipefail
if [ $# -eq 0 ]; then sed -n '2,4s/^# //p' "$0" >&2; exit 2; fi
root=$(cd "$(dirname "$0")/.." && pwd)
turns=${TURNS:-11}
if [ -z "${PROGRAMS:-}" ]; then
  dotnet build -c Release "$root/benchmarks/SearchEngine.Workloads" -v q -nologo >&2
  PROGRAMS=$root/benchmarks/SearchEngine.Workloads/bin/Release/net10.0/SearchEngine.Workloads
fi
results=$(mktemp -d)
trap 'rm -r "$results"' EXIT
for turn in $(seq "$turns"); do
  i=0
  for program in $PROGRAMS; do
    for model in "$@"; do
      type=auto
      case $model in *:*) type=${model##*:} ;; esac
      "$program" embed --first-vector --model "${model%:*}" --dtype "$type" >> "$results/$i"
      i=$((i + 1))
    done
  done
done
i=0
for program in $PROGRAMS; do
  for model in "$@"; do
    line="$program $model:"
    for column in 1 2 3; do
      line+=" $(cut -d' ' -f$column "$results/$i" | sort -n | sed -n "$(((turns + 1) / 2))p")"
    done
    echo "$line"
    i=$((i + 1))
  done
done
