#!/usr/bin/env bash
# On a machine with an NVIDIA GPU: vectors of random LLaMA, Mistral, Qwen2 and Qwen3 models against Hugging Face transformers, then tokens per
# second and model FLOP utilisation of a 1.3B and a 7B LLaMA shape in bfloat16 (24 texts of 128 and of 512 tokens) beside transformers with
# its fastest installed attention, same batch, same random weights.
# Usage: benchmarks/compare-embed-cuda.sh RESULT_DIRECTORY
# Needs: the .NET 10 SDK, Python 3 with torch, transformers and safetensors (flash-attn if wanted), about 20 GB of disk.
# Environment: SHAPES ("1.3b 7b"), SECONDS_EACH (5), PEAK_TFLOPS (dense bfloat16 peak; taken from the GPU's name where it is known),
# DEVICE (cuda) and DTYPE (bfloat16): with SHAPES=tiny DEVICE=cpu DTYPE=float32 everything runs on a CPU, to try the script out.
# PROGRAMS: a folder with both programs published elsewhere (-r linux-x64 --self-contained), for a machine without the SDK.
set -euo pipefail
if [ $# -lt 1 ]; then sed -n '2,9s/^# //p' "$0" >&2; exit 2; fi
here=$(cd "$(dirname "$0")" && pwd)
results=$1 seconds=${SECONDS_EACH:-5} device=${DEVICE:-cuda} type=${DTYPE:-bfloat16}
mkdir -p "$results"
torch=cpu name=cpu
if [[ $device == cuda* ]]; then
  torch=cuda name=$(nvidia-smi --query-gpu=name --format=csv,noheader | sed -n 1p)
fi
case "$name" in
  *H100*NVL*|*H200*NVL*) known=835 ;;
  *H200*|*H100*SXM*|*H100*80GB*HBM3*|*GH200*) known=989 ;;
  *H100*PCIe*) known=756 ;;
  *A100*) known=312 ;;
  *L40S*) known=362 ;;
  *L40*) known=181 ;;
  *L4*) known=121 ;;
  *4090*) known=165 ;;
  *) known= ;;
esac
peak=${PEAK_TFLOPS:-$known}
peer=$here/peers/embed_transformers.py
if [ -n "${PROGRAMS:-}" ]; then
  workloads=$PROGRAMS/SearchEngine.Workloads searchengine=$PROGRAMS/SearchEngine.Cli.Training
else
  for project in "$here/SearchEngine.Workloads" "$here/../src/SearchEngine.Cli.Training"; do
    dotnet publish -c Release "-p:TorchDevice=$torch" "$project" -o "$results/$(basename "$project")" >&2
  done
  workloads=$results/SearchEngine.Workloads/SearchEngine.Workloads searchengine=$results/SearchEngine.Cli.Training/SearchEngine.Cli.Training
fi

failed=0
if python3 -c 'import torch, transformers, safetensors' 2> /dev/null; then
  python3 "$peer" make "$results/parity"
  python3 "$peer" check "$results/parity" "$searchengine" --device "$device" | tee "$results/parity.jsonl" || failed=1 # the speeds are worth having all the same
  with_peer=1
else
  echo "torch, transformers or safetensors is not installed for python3: no peer" >&2
  with_peer=
fi
for shape in ${SHAPES:-1.3b 7b}; do
  if [ ! -f "$results/$shape/config.json" ]; then "$workloads" embed make --shape "$shape" --device "$device" --output "$results/$shape"; fi
  "$workloads" embed --model "$results/$shape" --device "$device" --dtype "$type" --seconds "$seconds" ${peak:+--peak-tflops "$peak"} | tee "$results/ours-$shape.json"
  if [ -n "$with_peer" ]; then
    for sequences in "$results/$shape"/24x*.jsonl; do
      python3 "$peer" speed "$results/$shape" "$sequences" --device "$device" --dtype "$type" --seconds "$seconds" ${peak:+--peak-tflops "$peak"}
    done | tee "$results/transformers-$shape.jsonl"
  fi
done
exit $failed
