#!/usr/bin/env bash
# From the start of a process to its first vector answer out of a closed database of so many records (384 dimensions, texts), by turns:
# medians in ms, what the process holds after opening and after the answer in MB, and the time of each size beside that of the one before.
# Usage: benchmarks/opening.sh DIRECTORY [COUNT…]
#   DIRECTORY   a folder of its own for data and databases (6 GB for the default); what is there is used again
#   COUNT       numbers of records (100000 1000000); a million take about seven minutes to fill
# The driver runs as machine code and, compiled ahead as one image with it, on the runtime.
# Environment: TURNS (11); PROGRAMS, drivers that are published already, to compare with each other, separated by spaces
set -euo pipefail
if [ $# -lt 1 ]; then sed -n '2,8s/^# //p' "$0" >&2; exit 2; fi
root=$(cd "$(dirname "$0")/.." && pwd)
mkdir -p "$1"
directory=$(cd "$1" && pwd)
shift
counts=${*:-100000 1000000} turns=${TURNS:-11}
if [ -z "${PROGRAMS:-}" ]; then
  case $(uname -s) in Darwin) system=osx ;; *) system=linux ;; esac
  case $(uname -m) in arm64 | aarch64) system=$system-arm64 ;; *) system=$system-x64 ;; esac
  publish() { dotnet publish -c Release -v q -r "$system" "${@:2}" -o "$directory/$1" "$root/benchmarks/SearchEngine.DatabaseComparison" >&2; }
  for kind in native runtime; do
    case $kind in
      native) how=(-p:PublishAot=true -p:IlcInstructionSet=native) ;;
      runtime) how=(--self-contained true -p:PublishReadyToRun=true -p:PublishReadyToRunComposite=true) ;;
    esac
    # A system without a linker has no machine code to measure.
    publish "$kind" "${how[@]}" || [ $kind = native ]
    [ ! -x "$directory/$kind/SearchEngine.DatabaseComparison" ] || PROGRAMS="${PROGRAMS:-} $directory/$kind/SearchEngine.DatabaseComparison"
  done
  PROGRAMS=${PROGRAMS# }
fi
filler=${PROGRAMS%% *}
for count in $counts; do
  data=$directory/data-$count
  [ -d "$data" ] || "$filler" data "$data" generated "$count"
  # A database that was not filled to its end has no mark.
  if [ ! -e "$directory/filled-$count" ]; then
    rm -rf "$directory/database-$count"
    echo '{"op":"ingest"}' | "$filler" serve ours "$data" "$directory/database-$count" - >&2
    touch "$directory/filled-$count"
  fi
done

results=$(mktemp -d)
trap 'rm -r "$results"' EXIT
for turn in $(seq "$turns"); do
  i=0
  for program in $PROGRAMS; do
    for count in $counts; do
      from=$(date +%s%N)
      answer=$("$program" first ours "$directory/data-$count" "$directory/database-$count" -)
      to=$(date +%s%N)
      echo "$(((to - from) / 100000)) ${answer##*: }" >> "$results/$i"
      i=$((i + 1))
    done
  done
done
i=0
for program in $PROGRAMS; do
  before=
  for count in $counts; do
    for column in 1 2 3; do
      median[column]=$(cut -d' ' -f$column "$results/$i" | sort -n | sed -n "$(((turns + 1) / 2))p")
    done
    ratio=
    [ -z "$before" ] || ratio=", $(awk "BEGIN { printf \"%.2f\", ${median[1]} / $before }") x the time of the size before"
    before=${median[1]}
    echo "$program $count: $(awk "BEGIN { printf \"%.1f\", ${median[1]} / 10 }") ms, ${median[2]} MB after opening, ${median[3]} MB after the answer$ratio"
    i=$((i + 1))
  done
done
