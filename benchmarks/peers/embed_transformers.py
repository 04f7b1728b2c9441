#!/usr/bin/env python3
"""Hugging Face transformers beside SearchEngine's embedder: speed on the same weights and tokens, and vectors of random models.

Needs: pip install torch transformers safetensors. Usage:
  embed_transformers.py speed MODEL SEQUENCES.jsonl [--device cuda] [--dtype bfloat16] [--seconds 5] [--peak-tflops 989]
      one JSON line: tokens per second with each attention that is installed (sdpa, flash_attention_2), the faster one reported.
      MODEL and SEQUENCES come from `SearchEngine.Workloads embed make`.
  embed_transformers.py make FOLDER
      random LLaMA, Mistral, Qwen2 and Qwen3 models with token sequences, in FOLDER/NAME.
  embed_transformers.py check FOLDER SEARCHENGINE [--device cuda]
      runs `SEARCHENGINE embed --tokens` over them, causal and bidirectional, in float32 and bfloat16, and compares the mean vectors with
      transformers' float32 ones: largest difference at most 1e-4 of the largest component (float32), cosine at least .999 (bfloat16).
"""
import argparse
import json
import os
import random
import resource
import subprocess
import sys
import time

SEED = 17


def cpu_seconds():
    usage = resource.getrusage(resource.RUSAGE_SELF)
    return usage.ru_utime + usage.ru_stime


def speed(a):
    import torch
    from transformers import AutoModel

    if a.threads:
        torch.set_num_threads(a.threads)
    with open(a.sequences) as file:
        ids = [json.loads(line) for line in file]
    if len({len(s) for s in ids}) != 1:
        raise SystemExit("sequences of one length are needed: the peer gets no padding")
    batch = torch.tensor(ids)
    best = None
    for attention in ("sdpa", "flash_attention_2"):
        try:
            model = AutoModel.from_pretrained(a.model, torch_dtype=getattr(torch, a.dtype), attn_implementation=attention).to(a.device).eval()
        except (ImportError, ValueError) as e:
            print(f"{attention}: {str(e).splitlines()[0]}", file=sys.stderr)
            continue

        def run():
            with torch.inference_mode():
                return model(input_ids=batch.to(a.device), use_cache=False).last_hidden_state.float().mean(1).cpu()

        run()
        run()
        cpu, start, tokens = cpu_seconds(), time.perf_counter(), 0
        while time.perf_counter() - start < a.seconds:
            run()
            tokens += batch.numel()
        wall, used = time.perf_counter() - start, cpu_seconds() - cpu
        parameters = sum(x.numel() for n, x in model.named_parameters() if "embed_tokens" not in n)
        teraflops = tokens / wall * 2 * parameters / 1e12
        report = dict(peer="transformers", sequences=os.path.basename(a.sequences), device=a.device, dtype=a.dtype, attention=attention,
                      tokens_per_second=round(tokens / wall, 1), tokens_per_cpu_second=round(tokens / used, 1), teraflops=round(teraflops, 2),
                      model_flop_utilisation=round(teraflops / a.peak_tflops, 3) if a.peak_tflops else None)
        if best is None or report["tokens_per_second"] > best["tokens_per_second"]:
            best = report
        del model
    print(json.dumps(best))


def make(a):
    import torch
    from transformers import LlamaConfig, LlamaModel, MistralConfig, MistralModel, Qwen2Config, Qwen2Model, Qwen3Config, Qwen3Model

    common = dict(vocab_size=1000, hidden_size=256, intermediate_size=688, num_hidden_layers=4, num_attention_heads=8, num_key_value_heads=4,
                  max_position_embeddings=1024, initializer_range=0.08)
    for name, model, config in (("llama", LlamaModel, LlamaConfig(**common)), ("mistral", MistralModel, MistralConfig(**common, sliding_window=None)),
                                ("qwen2", Qwen2Model, Qwen2Config(**common)), ("qwen3", Qwen3Model, Qwen3Config(**common, head_dim=48))):
        torch.manual_seed(SEED)
        folder = os.path.join(a.folder, name)
        model(config).save_pretrained(folder)
        numbers = random.Random(SEED)
        with open(os.path.join(folder, "sequences.jsonl"), "w") as file:
            for length in (128, 77, 77, 40, 12, 3, 1):
                file.write(json.dumps([numbers.randrange(1000) for _ in range(length)]) + "\n")


def check(a):
    import torch
    from transformers import AutoModel

    torch.backends.cuda.matmul.allow_tf32 = False
    failed = False
    for name in ("llama", "mistral", "qwen2", "qwen3"):
        folder = os.path.join(a.folder, name)
        sequences = os.path.join(folder, "sequences.jsonl")
        with open(sequences) as file:
            ids = [json.loads(line) for line in file]
        model = AutoModel.from_pretrained(folder, torch_dtype=torch.float32, attn_implementation="eager").to(a.device).eval()
        for mode in ("causal", "bidirectional"):
            wanted = []
            for s in ids:
                n = len(s)
                # A four-dimensional mask is added to the scores as it is; nought hides nothing.
                mask = torch.zeros(1, 1, n, n, device=a.device) if mode == "bidirectional" else None
                with torch.inference_mode():
                    wanted.append(model(input_ids=torch.tensor([s], device=a.device), attention_mask=mask, use_cache=False).last_hidden_state[0].mean(0).cpu())
            wanted = torch.stack(wanted)
            for dtype in ("float32", "bfloat16"):
                command = [a.searchengine, "embed", "--tokens", "--model", folder, "--attention", mode, "--pooling", "mean", "--no-normalize", "--device", a.device, "--dtype", dtype]
                with open(sequences) as file:
                    ours = subprocess.run(command, stdin=file, stdout=subprocess.PIPE, text=True)
                if ours.returncode != 0:
                    failed = True
                    print(json.dumps(dict(model=name, attention=mode, dtype=dtype, exit_code=ours.returncode, passed=False)))
                    continue
                actual = torch.tensor([json.loads(line) for line in ours.stdout.splitlines()])
                difference = ((actual - wanted).abs().max() / wanted.abs().max()).item()
                cosine = torch.nn.functional.cosine_similarity(actual, wanted).min().item()
                good = difference <= 1e-4 if dtype == "float32" else cosine >= 0.999
                failed |= not good
                print(json.dumps(dict(model=name, attention=mode, dtype=dtype, relative_difference=difference, smallest_cosine=cosine, passed=good)))
    sys.exit(1 if failed else 0)


def main():
    p = argparse.ArgumentParser(description=__doc__, formatter_class=argparse.RawDescriptionHelpFormatter)
    verbs = p.add_subparsers(required=True)
    s = verbs.add_parser("speed")
    s.add_argument("model")
    s.add_argument("sequences")
    s.add_argument("--device", default="cpu")
    s.add_argument("--dtype", default="float32")
    s.add_argument("--seconds", type=float, default=5)
    s.add_argument("--threads", type=int, default=0)
    s.add_argument("--peak-tflops", type=float)
    s.set_defaults(run=speed)
    m = verbs.add_parser("make")
    m.add_argument("folder")
    m.set_defaults(run=make)
    c = verbs.add_parser("check")
    c.add_argument("folder")
    c.add_argument("searchengine")
    c.add_argument("--device", default="cpu")
    c.set_defaults(run=check)
    a = p.parse_args()
    a.run(a)


if __name__ == "__main__":
    main()
