#!/usr/bin/env bash
# Publishes samples/NativeSearch to machine code, fills a database with the samples by it, and asks it the queries of the tests in every mode:
# each must find what the same program on the runtime finds in the same files (scores differ by a hair: other kernels may run). Then the same
# of the command line with its searching commands as machine code in front, by the calls of the tests. Prints sizes and the time of an answer.
# Usage: packaging/check-native.sh DIRECTORY [RUNTIME_IDENTIFIER]
set -euo pipefail
if [ $# -lt 1 ]; then sed -n '2,5s/^# //p' "$0" >&2; exit 2; fi
root=$(cd "$(dirname "$0")/.." && pwd)
mkdir -p "$1"
cd "$1"
runtime=${2:-linux-x64}
sample=$root/samples/NativeSearch

dotnet publish -c Release -r "$runtime" "$sample" -o native -v q -nologo >&2
dotnet publish -c Release -r "$runtime" --self-contained false -p:PublishAot=false -p:PublishReadyToRun=true "$sample" -o managed -v q -nologo >&2
echo "the program: $(($(stat -c %s native/NativeSearch) >> 20)) MB"

rm -rf data
native/NativeSearch fill data "$root/samples/wikipedia"
asked=0
while IFS=$'\t' read -r query _; do
  for mode in hybrid keyword vector; do
    native/NativeSearch search data "$query" "$mode" | awk '{ print $2 }' > native.txt
    managed/NativeSearch search data "$query" "$mode" | awk '{ print $2 }' > managed.txt
    if ! diff native.txt managed.txt >&2; then echo "another answer in native code: $query ($mode)" >&2; exit 1; fi
    asked=$((asked + 1))
  done
done < <(head -20 "$root/tests/SearchEngine.Cli.Tests/first-hits.tsv")
echo "$asked answers are the same"

for kind in native managed; do
  for turn in 1 2 3 4 5 6 7 8 9; do
    from=$(date +%s%N)
    $kind/NativeSearch search data "what makes bread rise" > native.txt
    echo $((($(date +%s%N) - from) / 1000000))
  done | sort -n | sed -n "5s/\$/ ms from the start of the process to a hybrid answer, $kind/p"
done

"$root/packaging/command-line.sh" folder command-line "$runtime"
rm -rf database
command-line/searchengine ingest "$root/samples/wikipedia" --data database > /dev/null 2>&1
plain() { sed -E 's/"seconds":[0-9.eE-]+/s/g; s/(searchengine|SearchEngine\.Cli) (search|suggest) </\2 </'; }
# Texts are equal, and numbers nearly so: within a hundredth, or, for a reranker's, which stand for what lies between its best and its worst, .05.
same() {
  local allowed=.002
  [[ "$*" != *--rerank\ * ]] || allowed=.05
  perl -e '
    my ($allowed, @texts) = (shift, map { local $/; open my $file, "<", $_ or die; scalar <$file> } @ARGV);
    my $number = qr/(?<![\w.])-?\d+\.\d+(?:[eE][-+]?\d+)?/;
    my @numbers = map { [/$number/g] } @texts;
    s/$number/n/g for @texts;
    exit 1 if $texts[0] ne $texts[1];
    for (0 .. $#{$numbers[0]}) { exit 1 if abs($numbers[0][$_] - $numbers[1][$_]) > $allowed + abs($numbers[1][$_]) / 100 }
  ' "$allowed" native.txt managed.txt || { diff native.txt managed.txt >&2; echo "another answer of the native command line: $*" >&2; exit 1; }
}
answer() { # PROGRAM VERB ARGUMENT…
  local status=0
  "command-line/$1" "$2" --data database "${@:3}" > answer.out 2> answer.err || status=$?
  echo "$status"; plain < answer.out; plain < answer.err
}
asked=0
set -f
while read -r -a call; do
  answer searchengine "${call[@]}" > native.txt
  answer SearchEngine.Cli "${call[@]}" > managed.txt
  same "${call[@]}"
  asked=$((asked + 1))
done < <(cat "$root/tests/SearchEngine.Cli.Tests/searches.txt"; head -20 "$root/tests/SearchEngine.Cli.Tests/first-hits.tsv" | cut -f1 | sed 's/^/search -- /')
set +f
while read -r settings; do
  echo "{ \"SearchEngine\": $settings }" > appsettings.json
  answer searchengine search "what makes bread rise" --explain --json > native.txt
  answer SearchEngine.Cli search "what makes bread rise" --explain --json > managed.txt
  same "with the settings $settings"
  asked=$((asked + 1))
done < "$root/tests/SearchEngine.Cli.Tests/settings.txt"
rm appsettings.json
echo "$asked answers of the command line are the same"

for kind in searchengine SearchEngine.Cli; do
  for turn in 1 2 3 4 5 6 7 8 9; do
    from=$(date +%s%N)
    command-line/$kind search "what makes bread rise" --data database > native.txt
    echo $((($(date +%s%N) - from) / 1000000))
  done | sort -n | sed -n "5s/\$/ ms from the start of the process to a hybrid answer, $kind/p"
done
