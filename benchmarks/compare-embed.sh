#!/usr/bin/env bash
# Measures the embedder beside llama.cpp on the same weights and token sequences, on the CPU, and prints JSON lines and a table.
# Usage: benchmarks/compare-embed.sh LLAMA_CPP RESULT_DIRECTORY
#   LLAMA_CPP is a checkout of llama.cpp built with: cmake -B build -DGGML_NATIVE=ON && cmake --build build --target llama
# Needs a C++ compiler and Python 3. Environment: SHAPE (base), SECONDS_EACH (5), THREADS of llama.cpp (1), MODELS, INCLUDE and LIBRARIES
# (folders of llama.h, ggml.h and of libllama, libggml, where a build has them elsewhere), PREPARE_ONLY (1 stops before measuring).
set -euo pipefail
if [ $# -lt 2 ]; then sed -n '2,6s/^# //p' "$0" >&2; exit 2; fi
here=$(cd "$(dirname "$0")" && pwd)
llama=$1 results=$2 shape=${SHAPE:-base} seconds=${SECONDS_EACH:-5} threads=${THREADS:-1}
mkdir -p "$results"
workloads=$here/SearchEngine.Workloads/bin/Release/net10.0/SearchEngine.Workloads
if [ ! -x "$workloads" ]; then dotnet build -c Release "$here/SearchEngine.Workloads" >&2; fi

if [ ! -f "$results/$shape/config.json" ]; then "$workloads" embed make --shape "$shape" --output "$results/$shape"; fi
peer=$results/llama_embed
if [ ! -x "$peer" ]; then
  includes=() libraries=() runpath=
  for folder in ${INCLUDE:-"$llama/include" "$llama/ggml/include"}; do includes+=("-I$folder"); done
  for folder in ${LIBRARIES:-"$llama/build/bin"}; do libraries+=("-L$folder"); runpath=$runpath:$(cd "$folder" && pwd); done
  g++ -O2 -std=c++17 "${includes[@]}" "$here/peers/llama_embed.cpp" -o "$peer" "${libraries[@]}" "-Wl,-rpath,${runpath#:}" -Wl,-rpath-link,"${runpath#:}" -lllama -lggml -lggml-base
fi
for arch in llama-embed llama; do
  if [ ! -f "$results/$arch.gguf" ]; then python3 "$here/peers/safetensors_to_gguf.py" "$results/$shape" "$results/$arch.gguf" --arch "$arch"; fi
done
if [ ! -f "$results/llama-embed-q8_0.gguf" ]; then "$peer" --quantize "$results/llama-embed.gguf" "$results/llama-embed-q8_0.gguf" 2> "$results/quantize.log"; fi
if [ -n "${PREPARE_ONLY:-}" ]; then exit 0; fi

"$workloads" embed --model "$results/$shape" --device cpu --dtype float32,int8 --seconds "$seconds" --vectors "$results" > "$results/ours.json"
: > "$results/llama.jsonl"
for set in 24x128 mixed query; do
  for model in ${MODELS:-llama-embed llama llama-embed-q8_0}; do
    "$peer" "$results/$model.gguf" "$results/$shape/$set.jsonl" "$threads" "$seconds" "$results/$model-$set.vectors.jsonl" >> "$results/llama.jsonl"
  done
done
python3 "$here/peers/embed_table.py" "$results/ours.json" "$results/llama.jsonl"
