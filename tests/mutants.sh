#!/usr/bin/env bash
# Mutants of Storage, Vectors, Lexical and the engine: 80 of each library, drawn by seed 23 from all that tests/SearchEngine.Mutants finds in its sources
# (what is no part of them: Exclusions.cs), behind switches in one build of a copy of the tree, each against the library's own tests that reach it until
# one fails. Takes one to two hours. What is done is kept in artifacts/mutants, and a later call goes on; --again runs those anew that survived, after
# new tests. The end of it is docs/benchmarks/mutants.md.
#   tests/mutants.sh [--again] [--seed N] [--count N]
set -euo pipefail
cd "$(dirname "$0")/.."
dotnet build -c Release -v q tests/SearchEngine.Mutants
mutants=(dotnet tests/SearchEngine.Mutants/bin/Release/net10.0/SearchEngine.Mutants.dll)
for library in Lexical Vectors Storage Engine; do
  # Vectors: the test that runs the kernels again without their instructions takes a minute.
  "${mutants[@]}" --library "$library" --longest "$([ "$library" = Vectors ] && echo 90 || echo 20)" "$@"
done
"${mutants[@]}" --report "$@"
