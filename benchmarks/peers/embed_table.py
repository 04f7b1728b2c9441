#!/usr/bin/env python3
"""Prints the Markdown table of compare-embed.sh. Usage: embed_table.py OURS.json LLAMA.jsonl"""
import json
import os
import sys

with open(sys.argv[1]) as file:
    ours = json.load(file)["results"]
with open(sys.argv[2]) as file:
    theirs = [json.loads(line) for line in file]

def name(path):
    return os.path.splitext(os.path.basename(path))[0]

def peer(texts, quantized):
    rows = [r for r in theirs if name(r["sequences"]) == texts and ("q8_0" in r["model"]) == quantized]
    key = (lambda r: -r["pass_p50_milliseconds"]) if texts == "query" else (lambda r: r["tokens_per_cpu_second"])
    return max(rows, key=key)

def cosine(a, b):
    dot = lambda x, y: sum(p * q for p, q in zip(x, y))
    return dot(a, b) / (dot(a, a) * dot(b, b)) ** 0.5

def vectors(name):
    path = os.path.join(os.path.dirname(sys.argv[1]), name + ".vectors.jsonl")
    return [json.loads(line) for line in open(path)] if os.path.exists(path) else []

for texts in ("24x128", "mixed"):
    pairs = list(zip(vectors(texts), vectors("llama-embed-" + texts)))
    if pairs:
        print(f"{texts}: smallest cosine of our float32 vectors with llama.cpp's {min(cosine(a, b) for a, b in pairs):.6f}")
print("\n| texts | data type | tokens per CPU-second | llama.cpp float32 | ratio | llama.cpp Q8_0 | ratio |\n|---|---|---|---|---|---|---|")
for row in ours:
    if "tokens_per_cpu_second" not in row:
        continue
    mine, full, eight = row["tokens_per_cpu_second"], peer(row["set"], False)["tokens_per_cpu_second"], peer(row["set"], True)["tokens_per_cpu_second"]
    print(f"| {row['set']} | {row['dtype']} | {mine:,.0f} | {full:,.0f} | {mine / full:.2f} × | {eight:,.0f} | {mine / eight:.2f} × |")
print("\n| one query of 12 tokens | p50 | p95 |\n|---|---|---|")
for row in ours:
    if "p50_milliseconds" in row:
        print(f"| {row['dtype']} | {row['p50_milliseconds']:.2f} ms | {row['p95_milliseconds']:.2f} ms |")
for quantized in (False, True):
    row = peer("query", quantized)
    print(f"| llama.cpp {'Q8_0' if quantized else 'float32'} ({name(row['model'])}) | {row['pass_p50_milliseconds']:.2f} ms | {row['pass_p95_milliseconds']:.2f} ms |")
