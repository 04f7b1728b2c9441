#!/usr/bin/env bash
# How long the command line takes from the start of its process to its answer, published with code compiled ahead, without, compiled
# ahead as one image with the framework (which such a program carries with it), and with machine code in front of it for searching, by turns.
# Usage: benchmarks/start.sh DIRECTORY DOCUMENTS
#   DIRECTORY   a folder of its own for what is published and for the collection; both are kept and used again
#   DOCUMENTS   a file or folder to ingest; some 3,000 encyclopedia articles make 15,000 passages
# Environment: RUNTIME (linux-x64), TURNS (9), QUERY
set -euo pipefail
if [ $# -ne 2 ]; then sed -n '2,7s/^# //p' "$0" >&2; exit 2; fi
root=$(cd "$(dirname "$0")/.." && pwd)
documents=$(realpath "$2")
mkdir -p "$1"
cd "$1"
runtime=${RUNTIME:-linux-x64} turns=${TURNS:-9} query=${QUERY:-how do plants make food from light}

kinds="ahead jit composite native"
for kind in ahead jit composite; do
  case $kind in
    ahead) how=(--self-contained false -p:PublishReadyToRun=true) ;;
    jit) how=(--self-contained false -p:PublishReadyToRun=false) ;;
    composite) how=(--self-contained true -p:PublishReadyToRun=true -p:PublishReadyToRunComposite=true) ;;
  esac
  dotnet publish -c Release -r "$runtime" "${how[@]}" "$root/src/SearchEngine.Cli" -o "$kind" -v q -nologo >&2
done
"$root/packaging/command-line.sh" folder native "$runtime"
program() { if [ "$1" = native ]; then echo native/searchengine; else echo "$1/SearchEngine.Cli"; fi; }
du -sm $kinds | while read -r size kind; do echo "$kind: $size MB"; done
rm -f times-*
[ -d data ] || ahead/SearchEngine.Cli ingest "$documents" --data data >&2

# The milliseconds of a command; what it prints is checked, so that an error is not taken for a fast answer.
took() {
  local from to
  from=$(date +%s%N)
  "$@" > answer || { cat answer >&2; exit 1; }
  to=$(date +%s%N)
  [ -s answer ] || { echo "no answer: $*" >&2; exit 1; }
  echo $(((to - from) / 1000000))
}

median() { sort -n | sed -n "$(((turns + 1) / 2))p"; }

for mode in help keyword vector hybrid; do
  arguments=(search "$query" --data data --mode "$mode")
  [ $mode != help ] || arguments=(--help)
  for turn in $(seq "$turns"); do
    for kind in $kinds; do
      took "$(program "$kind")" "${arguments[@]}" >> "times-$mode-$kind"
    done
  done
  line="$mode:"
  for kind in $kinds; do
    line="$line $(median < "times-$mode-$kind") ms $kind"
    rm "times-$mode-$kind"
  done
  echo "$line"
done
