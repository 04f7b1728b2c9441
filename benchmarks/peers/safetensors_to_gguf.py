#!/usr/bin/env python3
"""Writes a float32 LLaMA checkpoint (config.json, model.safetensors) as a GGUF file for llama.cpp, without a vocabulary.

Usage: safetensors_to_gguf.py MODEL_FOLDER OUTPUT.gguf [--arch llama-embed|llama]
Needs nothing but Python. llama-embed is llama.cpp's bidirectional LLaMA, which keeps no key-value cache and computes no logits.
The rows of the query and key projections are put into llama.cpp's order: it turns neighbouring elements of a head, Hugging Face
checkpoints turn elements half a head apart.
"""
import argparse
import json
import os
import struct

UINT32, FLOAT32, BOOL, STRING = 4, 6, 7, 8
ALIGNMENT = 32


def text(value):
    data = value.encode()
    return struct.pack("<Q", len(data)) + data


def entry(key, kind, value):
    packed = text(value) if kind == STRING else struct.pack({UINT32: "<I", FLOAT32: "<f", BOOL: "<?"}[kind], value)
    return text(key) + struct.pack("<I", kind) + packed


def read_header(file):
    (length,) = struct.unpack("<Q", file.read(8))
    tensors = json.loads(file.read(length))
    tensors.pop("__metadata__", None)
    return tensors, 8 + length


def interleave(data, heads, columns):
    """Rows (head, half, j) become (head, j, half)."""
    row = columns * 4
    size = len(data) // row // heads
    rows = []
    for head in range(heads):
        for j in range(size // 2):
            for half in (0, 1):
                at = (head * size + half * (size // 2) + j) * row
                rows.append(data[at:at + row])
    return b"".join(rows)


def names(layers):
    yield "model.embed_tokens.weight", "token_embd.weight"
    yield "model.norm.weight", "output_norm.weight"
    for i in range(layers):
        for theirs, ours in (("input_layernorm", "attn_norm"), ("self_attn.q_proj", "attn_q"), ("self_attn.k_proj", "attn_k"),
                             ("self_attn.v_proj", "attn_v"), ("self_attn.o_proj", "attn_output"), ("post_attention_layernorm", "ffn_norm"),
                             ("mlp.gate_proj", "ffn_gate"), ("mlp.up_proj", "ffn_up"), ("mlp.down_proj", "ffn_down")):
            yield f"model.layers.{i}.{theirs}.weight", f"blk.{i}.{ours}.weight"


def main():
    parser = argparse.ArgumentParser()
    parser.add_argument("model")
    parser.add_argument("output")
    parser.add_argument("--arch", default="llama-embed", choices=["llama-embed", "llama"])
    arguments = parser.parse_args()
    with open(os.path.join(arguments.model, "config.json")) as file:
        config = json.load(file)
    if config["model_type"] != "llama" or config.get("rope_scaling"):
        raise SystemExit("only LLaMA checkpoints without RoPE scaling are converted")
    heads, keys = config["num_attention_heads"], config.get("num_key_value_heads") or config["num_attention_heads"]
    hidden, layers = config["hidden_size"], config["num_hidden_layers"]
    arch = arguments.arch
    meta = [
        entry("general.architecture", STRING, arch),
        entry("general.alignment", UINT32, ALIGNMENT),
        entry(f"{arch}.context_length", UINT32, config.get("max_position_embeddings", 2048)),
        entry(f"{arch}.embedding_length", UINT32, hidden),
        entry(f"{arch}.block_count", UINT32, layers),
        entry(f"{arch}.feed_forward_length", UINT32, config["intermediate_size"]),
        entry(f"{arch}.attention.head_count", UINT32, heads),
        entry(f"{arch}.attention.head_count_kv", UINT32, keys),
        entry(f"{arch}.attention.layer_norm_rms_epsilon", FLOAT32, config["rms_norm_eps"]),
        entry(f"{arch}.attention.causal", BOOL, arch == "llama"),
        entry(f"{arch}.rope.dimension_count", UINT32, config.get("head_dim") or hidden // heads),
        entry(f"{arch}.rope.freq_base", FLOAT32, config.get("rope_theta", 10000.0)),
        entry(f"{arch}.vocab_size", UINT32, config["vocab_size"]),
        entry("tokenizer.ggml.model", STRING, "no_vocab"),
    ]
    with open(os.path.join(arguments.model, "model.safetensors"), "rb") as source, open(arguments.output, "wb") as target:
        tensors, start = read_header(source)
        placed = [(theirs, ours) for theirs, ours in names(layers)]
        infos, offset = [], 0
        for theirs, ours in placed:
            tensor = tensors[theirs]
            if tensor["dtype"] != "F32":
                raise SystemExit(f"{theirs} is {tensor['dtype']}; only float32 checkpoints are converted")
            shape = list(reversed(tensor["shape"]))
            infos.append(text(ours) + struct.pack(f"<I{len(shape)}QIQ", len(shape), *shape, 0, offset))
            size = tensor["data_offsets"][1] - tensor["data_offsets"][0]
            offset += (size + ALIGNMENT - 1) // ALIGNMENT * ALIGNMENT
        target.write(b"GGUF" + struct.pack("<IQQ", 3, len(placed), len(meta)) + b"".join(meta) + b"".join(infos))
        target.write(b"\0" * (-target.tell() % ALIGNMENT))
        for theirs, _ in placed:
            first, last = tensors[theirs]["data_offsets"]
            source.seek(start + first)
            data = source.read(last - first)
            if ".q_proj." in theirs or ".k_proj." in theirs:
                data = interleave(data, heads if ".q_proj." in theirs else keys, hidden)
            target.write(data)
            target.write(b"\0" * (-target.tell() % ALIGNMENT))


if __name__ == "__main__":
    main()
