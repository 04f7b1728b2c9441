#!/usr/bin/env bash
# Measures SearchEngine beside LanceDB and SQLite with sqlite-vec and FTS5: one run, by turns, the same data, one processor (but for the
# rows of 8 readers); prints a Markdown table for each data set. The data is made here: generated groups with invented words, and real
# English (what .NET's reference assemblies are documented with) embedded by models/default.
# Usage: benchmarks/compare-databases.sh [COUNT] [DIRECTORY]
#   COUNT      records of each set, 40000 unless given; at most 50000 for the real texts. 10000 takes about six minutes on two processors.
#   DIRECTORY  for data, databases and packages; a new one under the system's temporary folder unless given, kept when it is given.
# Needs the .NET SDK, Node.js 20 or newer with npm, and the packages' ordinary registries.
# Environment: SETS (default "generated texts"), NATIVE (1; 0 for a driver on the runtime).
set -euo pipefail
case ${1:-} in -h | --help) sed -n '2,10s/^# //p' "$0"; exit 0 ;; esac
here=$(cd "$(dirname "$0")" && pwd)
count=${1:-40000}
case $count in '' | *[!0-9]*) echo "COUNT must be a number of records, not '$count'. See $0 --help." >&2; exit 2 ;; esac
if [ "$count" -lt 4000 ]; then echo "COUNT must be 4000 or more: 4,000 records are deleted and inserted again." >&2; exit 2; fi
case " ${SETS:-generated texts} " in
  *" texts "*) if [ "$count" -gt 50000 ]; then echo "There are 50,000 real texts at most: ask for fewer records, or set SETS=generated." >&2; exit 2; fi ;;
esac
for tool in dotnet node npm; do
  command -v "$tool" > /dev/null || { echo "$tool is missing: install the .NET SDK and Node.js." >&2; exit 2; }
done
if [ $# -ge 2 ]; then
  mkdir -p "$2"
  directory=$(cd "$2" && pwd)
else
  directory=$(mktemp -d)
  trap 'rm -rf "$directory"' EXIT
fi

peers=$directory/peers
mkdir -p "$peers"
cp "$here/peers/databases/package.json" "$here/peers/databases/lancedb.mjs" "$peers/"
if [ ! -d "$peers/node_modules/@lancedb" ]; then
  (cd "$peers" && npm install --ignore-scripts --no-audit --no-fund --no-package-lock --loglevel=error) >&2
fi
# Machine code for this processor, as the peers' libraries are; NATIVE=0, or a system without a linker: compiled ahead as one image with the framework.
# Inside the clone: models/default is looked for above it.
case $(uname -s) in Darwin) system=osx ;; *) system=linux ;; esac
case $(uname -m) in arm64 | aarch64) system=$system-arm64 ;; *) system=$system-x64 ;; esac
driver=$here/SearchEngine.DatabaseComparison/bin/published
rm -rf "$driver"
publish() { dotnet publish -c Release -v q -r "$system" "$@" -o "$driver" "$here/SearchEngine.DatabaseComparison" >&2; }
if [ "${NATIVE:-1}" = 1 ] && publish -p:PublishAot=true -p:IlcInstructionSet=native; then
  echo "SearchEngine and SQLite's driver: native code"
else
  publish --self-contained true -p:PublishReadyToRun=true -p:PublishReadyToRunComposite=true
  echo "SearchEngine and SQLite's driver: one image with the framework"
fi
program=$driver/SearchEngine.DatabaseComparison

for set in ${SETS:-generated texts}; do
  data=$directory/$set-$count
  "$program" data "$data" "$set" "$count"
  case $set in generated) title='Generated' ;; *) title='Real texts' ;; esac
  "$program" run "$data" "$title" "$peers"
done
