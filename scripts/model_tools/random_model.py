"""Phi-3-mini's shape with random weights, and a short try of the exported folder."""

from __future__ import annotations

from pathlib import Path

import onnxruntime_genai as og
import torch
from transformers import Phi3Config, Phi3ForCausalLM

from .prompts import BOS_ID, EOS_IDS, PAD_ID

WEIGHT_RANGE = 0.035  # uniform in +-0.035 has the standard deviation of transformers' own start, 0.02


def random_phi3_mini(layers: int, seed: int) -> Phi3ForCausalLM:
    """float16 weights drawn once: the class's own initialisation is skipped, it is slow at this size."""
    config = Phi3Config(
        vocab_size=32064,
        hidden_size=3072,
        intermediate_size=8192,
        num_hidden_layers=layers,
        num_attention_heads=32,
        num_key_value_heads=32,
        max_position_embeddings=4096,
        original_max_position_embeddings=4096,
        sliding_window=None,
        tie_word_embeddings=False,
        bos_token_id=BOS_ID,
        eos_token_id=list(EOS_IDS),
        pad_token_id=PAD_ID,
        dtype=torch.float16,
    )
    with torch.device("meta"):
        model = Phi3ForCausalLM(config).to(torch.float16)
    model = model.to_empty(device="cpu")
    generator = torch.Generator().manual_seed(seed)
    for name, weight in model.named_parameters():
        if name.endswith("norm.weight"):
            torch.nn.init.ones_(weight)
        else:
            torch.nn.init.uniform_(weight, -WEIGHT_RANGE, WEIGHT_RANGE, generator=generator)
    return model


def try_model(folder: Path, tokens: int = 8) -> int:
    """Generates a few tokens, which proves that the folder loads and runs; returns how many came."""
    model = og.Model(str(folder))
    prompt = og.Tokenizer(model).encode("<|user|>\nHi<|end|>\n<|assistant|>\n")
    parameters = og.GeneratorParams(model)
    parameters.set_search_options(do_sample=False, max_length=len(prompt) + tokens)
    generator = og.Generator(model, parameters)
    generator.append_tokens(prompt)
    while not generator.is_done():
        generator.generate_next_token()
    return generator.token_count() - len(prompt)


def folder_megabytes(folder: Path) -> float:
    """Size of all files of a folder in MB (10^6 bytes)."""
    return sum(f.stat().st_size for f in folder.iterdir() if f.is_file()) / 1e6
