#!/usr/bin/env bash
# Publishes the command line for one platform with its searching commands as machine code in front of it: DIRECTORY/searchengine answers
# `search` and `suggest` itself, without a runtime to start, and hands every other command to SearchEngine.Cli beside it.
# Usage: packaging/command-line.sh DIRECTORY [RUNTIME_IDENTIFIER]
#   RUNTIME_IDENTIFIER   of the system that this runs on: its linker is needed (clang or gcc and zlib's headers on Linux)
# Environment: SELF_CONTAINED (false): with the runtime, for machines that have none; INSTRUCTIONS (x86-64-v3 on x64): the processors that it is for
set -euo pipefail
if [ $# -lt 1 ]; then sed -n '2,6s/^# //p' "$0" >&2; exit 2; fi
root=$(cd "$(dirname "$0")/.." && pwd)
mkdir -p "$1"
directory=$(cd "$1" && pwd)
case $(uname -s) in Darwin) system=osx ;; *) system=linux ;; esac
case $(uname -m) in arm64 | aarch64) processor=arm64 ;; *) processor=x64 ;; esac
runtime=${2:-$system-$processor}

publish() { dotnet publish -c Release -v q -nologo -r "$runtime" "$@" >&2; }
publish --self-contained "${SELF_CONTAINED:-false}" "$root/src/SearchEngine.Cli" -o "$directory"
native=$(mktemp -d)
trap 'rm -rf "$native"' EXIT
publish ${INSTRUCTIONS:+-p:IlcInstructionSet="$INSTRUCTIONS"} "$root/src/SearchEngine.Cli.Native" -o "$native"
mv "$native/SearchEngine.Cli.Native" "$directory/searchengine"
echo "$directory/searchengine: $(($(stat -c %s "$directory/searchengine" 2>/dev/null || stat -f %z "$directory/searchengine") >> 20)) MB" >&2
