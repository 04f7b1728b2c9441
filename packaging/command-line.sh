#!/usr/bin/env bash
# Makes the command line for one platform with its searching commands as machine code in front of it: the program `searchengine` answers
# `search` and `suggest` itself, without a runtime to start, and hands every other command to SearchEngine.Cli beside it.
# Usage: packaging/command-line.sh folder|tool DIRECTORY [RUNTIME_IDENTIFIER]
#   folder   publishes both into DIRECTORY
#   tool     packs both into DIRECTORY: `dotnet tool install --global --prerelease --add-source DIRECTORY SearchEngine.Cli`
#   RUNTIME_IDENTIFIER   of the system that this runs on: its linker is needed (clang or gcc and zlib's headers on Linux)
# Environment: SELF_CONTAINED (false): a folder with the runtime, for machines that have none; INSTRUCTIONS (x86-64-v3 on x64): the processors
# that the machine code is for
set -euo pipefail
case ${1:-} in folder | tool) ;; *) sed -n '2,9s/^# //p' "$0" >&2; exit 2 ;; esac
if [ $# -lt 2 ]; then sed -n '2,9s/^# //p' "$0" >&2; exit 2; fi
root=$(cd "$(dirname "$0")/.." && pwd)
mkdir -p "$2"
directory=$(cd "$2" && pwd)
case $(uname -s) in
  Darwin) system=osx ;;
  *) if ldd --version 2>&1 | grep -q musl; then system=linux-musl; else system=linux; fi ;;
esac
case $(uname -m) in arm64 | aarch64) processor=arm64 ;; *) processor=x64 ;; esac
runtime=${3:-$system-$processor}

native=$(mktemp -d)
trap 'rm -rf "$native"' EXIT
make() { dotnet "$1" -c Release -v q -nologo -r "$runtime" "${@:2}" >&2; }
make publish ${INSTRUCTIONS:+-p:IlcInstructionSet="$INSTRUCTIONS"} "$root/src/SearchEngine.Cli.Native" -o "$native"
mv "$native/SearchEngine.Cli.Native" "$native/searchengine"
case $1 in
  folder)
    make publish --self-contained "${SELF_CONTAINED:-false}" "$root/src/SearchEngine.Cli" -o "$directory"
    mv "$native/searchengine" "$directory/searchengine"
    ;;
  tool) make pack -p:NativeFront="$native/searchengine" "$root/src/SearchEngine.Cli" -o "$directory" ;;
esac
