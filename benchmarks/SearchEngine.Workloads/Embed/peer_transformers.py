#!/usr/bin/env python3
"""The same weights and token sequences through Hugging Face transformers, for comparison with `SearchEngine.Workloads embed`.

Needs: pip install torch transformers. Usage:
  SearchEngine.Workloads embed --model MODEL --write-sequences sequences.jsonl > ours.json
  peer_transformers.py MODEL sequences.jsonl [--device cpu|cuda] [--dtype float32|bfloat16] [--attention sdpa|flash_attention_2] [--seconds 5]
Prints JSON: tokens per second and per CPU-second, and the largest difference of a mean vector from --compare FILE
(the lines that `searchengine embed --tokens --attention causal --no-normalize` prints for the same sequences). Attention is the model's own.
"""
import argparse, json, os, resource, time


def main():
    p = argparse.ArgumentParser()
    p.add_argument("model")
    p.add_argument("sequences")
    p.add_argument("--device", default="cpu")
    p.add_argument("--dtype", default="float32")
    p.add_argument("--attention", default="sdpa")
    p.add_argument("--seconds", type=float, default=5)
    p.add_argument("--threads", type=int, default=0)
    p.add_argument("--compare")
    a = p.parse_args()
    import torch
    from transformers import AutoModel

    if a.threads:
        torch.set_num_threads(a.threads)
    model = AutoModel.from_pretrained(a.model, torch_dtype=getattr(torch, a.dtype), attn_implementation=a.attention).to(a.device).eval()
    ids = [json.loads(line) for line in open(a.sequences)]
    assert len({len(s) for s in ids}) == 1, "sequences of one length: the peer gets no padding"
    batch = torch.tensor(ids, device=a.device)

    def run():
        with torch.inference_mode():
            return model(input_ids=batch).last_hidden_state.float().mean(1).cpu()

    vectors = run()
    run()
    cpu = resource.getrusage(resource.RUSAGE_SELF)
    start, tokens = time.perf_counter(), 0
    while time.perf_counter() - start < a.seconds:
        run()
        tokens += batch.numel()
    wall = time.perf_counter() - start
    now = resource.getrusage(resource.RUSAGE_SELF)
    used = now.ru_utime + now.ru_stime - cpu.ru_utime - cpu.ru_stime
    report = dict(peer="transformers", device=a.device, dtype=a.dtype, attention=a.attention, tokens_per_second=round(tokens / wall, 1),
                  tokens_per_cpu_second=round(tokens / used, 1), texts_per_second=round(tokens / wall / batch.shape[1], 2), cpus=os.cpu_count())
    parameters = sum(x.numel() for n, x in model.named_parameters() if "embed_tokens" not in n)
    report["teraflops"] = round(tokens / wall * 2 * parameters / 1e12, 2)
    if a.compare:
        ours = torch.tensor([json.loads(line) for line in open(a.compare)])
        report["largest_difference"] = (ours - vectors).abs().max().item()
    print(json.dumps(report, indent=2))


if __name__ == "__main__":
    main()
