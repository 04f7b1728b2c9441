#!/usr/bin/env bash
# Measures SearchEngine's graph index beside hnswlib and FAISS on the same files, one thread each, and writes JSON lines, a table and a plot.
# Usage: benchmarks/compare-ann.sh DATA_DIRECTORY RESULT_DIRECTORY [metric]
#   DATA_DIRECTORY holds base.fvecs, query.fvecs and truth.ivecs (make them with: SearchEngine.Workloads ann generate --output DATA_DIRECTORY)
# Needs a C++ compiler and, on Debian or Ubuntu: apt-get install libhnswlib-dev libfaiss-dev libopenblas-dev (FAISS is left out if it is absent).
# Environment: QUANTIZERS (default "int8 int4 none"), EF (default 10,15,20,30,40,60,80,120,200), M (16), EF_CONSTRUCTION (200).
set -euo pipefail
if [ $# -lt 2 ]; then sed -n '2,6s/^# //p' "$0" >&2; exit 2; fi
here=$(cd "$(dirname "$0")" && pwd)
data=$1 results=$2 metric=${3:-cosine}
ef=${EF:-10,15,20,30,40,60,80,120,200} m=${M:-16} ef_construction=${EF_CONSTRUCTION:-200}
mkdir -p "$results"

peers=$results/ann_peers engines=hnswlib
if [ ! -x "$peers" ]; then
  if [ -f /usr/include/faiss/IndexHNSW.h ]; then
    g++ -O3 -march=native -std=c++17 -fopenmp -DWITH_FAISS "$here/peers/ann_peers.cpp" -o "$peers" -lfaiss -lopenblas
  else
    g++ -O3 -march=native -std=c++17 "$here/peers/ann_peers.cpp" -o "$peers"
  fi
fi
if [ -f /usr/include/faiss/IndexHNSW.h ]; then engines="hnswlib faiss-f32 faiss-fp16 faiss-int8"; fi
engines=${ENGINES:-$engines}
workloads=$here/SearchEngine.Workloads/bin/Release/net10.0/SearchEngine.Workloads
if [ ! -x "$workloads" ]; then dotnet build -c Release "$here/SearchEngine.Workloads" >&2; fi

for engine in $engines; do
  "$peers" "$engine" "$data/base.fvecs" "$data/query.fvecs" "$data/truth.ivecs" "$metric" "$m" "$ef_construction" "$ef" "$results/$engine.index" > "$results/$engine.jsonl"
done
for quantizer in ${QUANTIZERS:-int8 int4 none}; do
  "$workloads" ann --base "$data/base.fvecs" --query "$data/query.fvecs" --truth "$data/truth.ivecs" --metric "$metric" --quantizer "$quantizer" \
    --m "$m" --ef-construction "$ef_construction" --ef "$ef" --threads 1 --build-threads 1 --json --index "$results/$quantizer.index" > "$results/$quantizer.jsonl"
done
"$workloads" ann plot "$results"/*.jsonl --output "$results/recall-qps.png"
