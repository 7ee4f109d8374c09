#!/usr/bin/env python3
"""Makes what the tests of the dynamic engine need besides upstream's synthetic model: a tokenizer for its 64 tokens, and
a second paged model whose logits have one row per token, which the verification of draft tokens wants.

python scripts/make-engine-fixtures.py     (needs the package onnx of scripts/model_tools/requirements.txt)
"""

from __future__ import annotations

import json
from pathlib import Path

import onnx
from onnx import TensorProto, helper

FIXTURES = Path(__file__).resolve().parent.parent / "test" / "fixtures" / "engine"
SYNTHETIC = FIXTURES / "synthetic-paged"
COUNTING = FIXTURES / "counting-paged"

# One character per token; GPT-2 writes a space and a line feed as these letters.
CHARACTERS = "abcdefghijklmnopqrstuvwxyz0123456789{}[]\":,.-_!?()+*/=<>|#\n AB"
AS_BYTES = {" ": "\u0120", "\n": "\u010a"}
SPECIAL = ["<s>", "</s>"]
VOCABULARY = len(SPECIAL) + len(CHARACTERS)
BLOCK_SIZE, BLOCKS = 16, 8


def write_json(path: Path, value: object) -> None:
    path.write_text(json.dumps(value, indent=1, ensure_ascii=False) + "\n", encoding="utf-8")


def write_tokenizer(folder: Path) -> None:
    byte_level = {"type": "ByteLevel", "add_prefix_space": False, "trim_offsets": True, "use_regex": True}
    vocabulary = [*SPECIAL, *(AS_BYTES.get(character, character) for character in CHARACTERS)]
    flags = {"single_word": False, "lstrip": False, "rstrip": False, "normalized": False, "special": True}
    write_json(
        folder / "tokenizer.json",
        {
            "version": "1.0",
            "truncation": None,
            "padding": None,
            "added_tokens": [{"id": i, "content": text, **flags} for i, text in enumerate(SPECIAL)],
            "normalizer": None,
            "pre_tokenizer": byte_level,
            "post_processor": None,
            "decoder": byte_level,
            "model": {
                "type": "BPE",
                "dropout": None,
                "unk_token": None,
                "continuing_subword_prefix": "",
                "end_of_word_suffix": "",
                "fuse_unk": False,
                "byte_fallback": False,
                "vocab": {text: i for i, text in enumerate(vocabulary)},
                "merges": [],
            },
        },
    )
    write_json(
        folder / "tokenizer_config.json",
        {
            "tokenizer_class": "GPT2Tokenizer",
            "bos_token": "<s>",
            "eos_token": "</s>",
            "add_bos_token": False,
            "add_prefix_space": False,
        },
    )


def counting_graph() -> onnx.ModelProto:
    """After token t comes t + 1, after the last one token 2: no weights, no attention, the cache goes through."""
    cache = [BLOCKS, BLOCK_SIZE, 1, 1]
    constant = lambda name, values: helper.make_tensor(name, TensorProto.INT64, [len(values)], values)  # noqa: E731
    scalar = lambda name, value: helper.make_tensor(name, TensorProto.INT64, [], [value])  # noqa: E731
    nodes = [
        helper.make_node("Sub", ["input_ids", "first"], ["offset"]),
        helper.make_node("Add", ["offset", "one"], ["following"]),
        helper.make_node("Mod", ["following", "characters"], ["wrapped"]),
        helper.make_node("Add", ["wrapped", "first"], ["next"]),
        helper.make_node("OneHot", ["next", "depth", "levels"], ["logits"]),
        helper.make_node("Identity", ["past_key_values.0.key"], ["present.0.key"]),
        helper.make_node("Identity", ["past_key_values.0.value"], ["present.0.value"]),
    ]
    inputs = [
        helper.make_tensor_value_info("input_ids", TensorProto.INT64, ["num_tokens"]),
        helper.make_tensor_value_info("cumulative_sequence_lengths", TensorProto.INT32, ["batch_plus_1"]),
        helper.make_tensor_value_info("past_sequence_lengths", TensorProto.INT32, ["batch"]),
        helper.make_tensor_value_info("block_table", TensorProto.INT32, ["batch", "max_blocks"]),
        *(
            helper.make_tensor_value_info(f"past_key_values.0.{kind}", TensorProto.FLOAT, cache)
            for kind in ("key", "value")
        ),
    ]
    outputs = [
        helper.make_tensor_value_info("logits", TensorProto.FLOAT, ["num_tokens", VOCABULARY]),
        *(
            helper.make_tensor_value_info(f"present.0.{kind}", TensorProto.FLOAT, cache)
            for kind in ("key", "value")
        ),
    ]
    initializers = [
        scalar("first", len(SPECIAL)),
        scalar("one", 1),
        scalar("characters", len(CHARACTERS)),
        constant("depth", [VOCABULARY]),
        helper.make_tensor("levels", TensorProto.FLOAT, [2], [0.0, 8.0]),
    ]
    graph = helper.make_graph(nodes, "counting-paged", inputs, outputs, initializers)
    model = helper.make_model(graph, opset_imports=[helper.make_opsetid("", 17)], ir_version=9)
    onnx.checker.check_model(model)
    return model


def write_counting() -> None:
    COUNTING.mkdir(parents=True, exist_ok=True)
    onnx.save(counting_graph(), COUNTING / "decoder.onnx")
    config = json.loads((SYNTHETIC / "genai_config.json").read_text(encoding="utf-8"))
    del config["model"]["decoder"]["inputs"]["attention_metadata"]
    config["engine"]["dynamic_batching"] = {"block_size": BLOCK_SIZE, "num_blocks": BLOCKS, "max_batch_size": 4}
    write_json(COUNTING / "genai_config.json", config)


def main() -> None:
    write_counting()
    for folder in (SYNTHETIC, COUNTING):
        write_tokenizer(folder)


if __name__ == "__main__":
    main()
