#!/usr/bin/env python3
"""Makes test/fixtures/phi3-inputs: the demo model's graph with more inputs, and two LoRA adapters for it.

python scripts/make-lora-model.py    seconds; needs onnx, onnxruntime and numpy (scripts/model_tools/requirements.txt)

The graphs read the weights of models/phi3-demo, which are not copied: a test puts the files together.
lora.onnx: every qkv_proj and down_proj has the two matrices of an adapter as inputs that are empty by default, as upstream's
model builder makes them. bias.onnx: what goes into lm_head is added to a further input, `hidden_bias`, which has no
default: the library gives a model only those inputs of its own that it must have.
"""

from __future__ import annotations

import argparse
from collections.abc import Callable
from pathlib import Path

import numpy as np
import onnx
from onnx import TensorProto, helper, numpy_helper
from onnxruntime import AdapterFormat, OrtValue

ROOT = Path(__file__).resolve().parent.parent
DEMO = ROOT / "models" / "phi3-demo" / "model.onnx"
FIXTURE = ROOT / "test" / "fixtures" / "phi3-inputs"
RANK = 2
SCALE = 0.25
ADAPTERS = {"alpha": 1, "beta": 2}  # name: seed
Change = Callable[[onnx.GraphProto, onnx.NodeProto], list[onnx.NodeProto]]


def add_input(graph: onnx.GraphProto, name: str, shape: list[int | str]) -> None:
    graph.input.append(helper.make_tensor_value_info(name, TensorProto.FLOAT, shape))


def add_empty_input(graph: onnx.GraphProto, name: str, shape: list[int | str]) -> None:
    add_input(graph, name, shape)
    empty = np.zeros([size if isinstance(size, int) else 0 for size in shape], np.float32)
    graph.initializer.append(numpy_helper.from_array(empty, name))


def adapt(graph: onnx.GraphProto, node: onnx.NodeProto) -> list[onnx.NodeProto]:
    """node(x) + x A B, with A and B as inputs; returns the nodes in order."""
    sizes = {attribute.name: attribute.i for attribute in node.attribute}
    prefix = node.name.strip("/").replace("/", ".").removesuffix(".MatMul_Q4")
    names = [f"{prefix}.lora_{letter}.MatMul.weight" for letter in "AB"]
    add_empty_input(graph, names[0], [sizes["K"], "lora_rank"])
    add_empty_input(graph, names[1], ["lora_rank", sizes["N"]])
    output, path = node.output[0], f"/{prefix}/lora"
    node.output[0] = f"{path}/base"
    return [
        node,
        helper.make_node("MatMul", [node.input[0], names[0]], [f"{path}/A"], f"{path}/A"),
        helper.make_node("MatMul", [f"{path}/A", names[1]], [f"{path}/B"], f"{path}/B"),
        helper.make_node("Add", [node.output[0], f"{path}/B"], [output], f"{path}/Add"),
    ]


def bias(graph: onnx.GraphProto, node: onnx.NodeProto) -> list[onnx.NodeProto]:
    """node(x + hidden_bias)."""
    hidden = next(attribute.i for attribute in node.attribute if attribute.name == "K")
    add_input(graph, "hidden_bias", [hidden])
    before, node.input[0] = node.input[0], "/hidden_bias/output_0"
    return [helper.make_node("Add", [before, "hidden_bias"], [node.input[0]], "/hidden_bias"), node]


def make_graph(change: Change, names: tuple[str, ...]) -> onnx.ModelProto:
    """The demo model, with each MatMul of one of these names changed."""
    model = onnx.load(DEMO, load_external_data=False)
    nodes: list[onnx.NodeProto] = []
    for node in model.graph.node:
        matches = node.op_type == "MatMulNBits" and any(name in node.name for name in names)
        nodes += change(model.graph, node) if matches else [node]
    del model.graph.node[:]
    model.graph.node.extend(nodes)
    return model


def write_adapter(model: onnx.ModelProto, seed: int, path: Path) -> None:
    """Random matrices, large enough to change what the model says."""
    random = np.random.default_rng(seed)
    matrices = {}  # an OrtValue borrows its array
    for graph_input in model.graph.input:
        if ".lora_" in graph_input.name:
            shape = [size.dim_value or RANK for size in graph_input.type.tensor_type.shape.dim]
            matrices[graph_input.name] = random.standard_normal(shape, dtype=np.float32) * np.float32(SCALE)
    adapter = AdapterFormat()
    adapter.set_adapter_version(1)
    adapter.set_model_version(1)
    adapter.set_parameters({name: OrtValue.ortvalue_from_numpy(matrix) for name, matrix in matrices.items()})
    adapter.export_adapter(str(path))


def main() -> None:
    parser = argparse.ArgumentParser(description=__doc__, formatter_class=argparse.RawDescriptionHelpFormatter)
    parser.add_argument("--out", type=Path, default=FIXTURE)
    out = parser.parse_args().out
    out.mkdir(parents=True, exist_ok=True)
    onnx.save(make_graph(bias, ("lm_head",)), out / "bias.onnx")
    model = make_graph(adapt, ("qkv_proj", "down_proj"))
    onnx.save(model, out / "lora.onnx")
    for name, seed in ADAPTERS.items():
        write_adapter(model, seed, out / f"{name}.onnx_adapter")
    print(f"Written: {out}")


if __name__ == "__main__":
    main()
