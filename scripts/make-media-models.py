#!/usr/bin/env python3
"""Makes test/fixtures/media: tiny models that take pictures and sound, and the pictures for their tests.

python scripts/make-media-models.py    seconds; needs onnx, numpy and Pillow

The models say nothing sensible, but they run: what they answer depends on every pixel, every sample and every token. Their
weights are formulas in the graph, and their tokenizer is that of models/phi3-demo, which a test puts beside them.
vision: type phi3v, with the picture processing of Phi-3-vision. audio: type whisper, with that of Whisper.
"""

from __future__ import annotations

import argparse
import json
from pathlib import Path

import numpy as np
import onnx
from onnx import TensorProto, helper, numpy_helper
from PIL import Image

ROOT = Path(__file__).resolve().parent.parent
FIXTURE = ROOT / "test" / "fixtures" / "media"
VOCABULARY = 32064
HIDDEN = 8
EOS = 32007
MELS, FRAMES = 80, 3000


class Graph:
    """Nodes in order; each method adds some and returns the name of their output."""

    def __init__(self, name: str) -> None:
        self.name = name
        self.nodes: list[onnx.NodeProto] = []
        self.constants: list[onnx.TensorProto] = []
        self.inputs: list[onnx.ValueInfoProto] = []
        self.outputs: list[onnx.ValueInfoProto] = []

    def input(self, name: str, kind: int, shape: list[int | str]) -> str:
        self.inputs.append(helper.make_tensor_value_info(name, kind, shape))
        return name

    def output(self, name: str, value: str, kind: int, shape: list[int | str]) -> None:
        self.nodes.append(helper.make_node("Identity", [value], [name]))
        self.outputs.append(helper.make_tensor_value_info(name, kind, shape))

    def constant(self, value: np.ndarray) -> str:
        name = f"constant_{len(self.constants)}"
        self.constants.append(numpy_helper.from_array(np.asarray(value), name))
        return name

    def int64(self, *values: int) -> str:
        return self.constant(np.array(values, np.int64))

    def scalar(self, value: float, kind: type = np.float32) -> str:
        return self.constant(np.array(value, kind))

    def op(self, kind: str, *inputs: str, **attributes: object) -> str:
        name = f"value_{len(self.nodes)}"
        self.nodes.append(helper.make_node(kind, list(inputs), [name], **attributes))
        return name

    def cast(self, value: str, kind: int = TensorProto.FLOAT) -> str:
        return self.op("Cast", value, to=kind)

    def waves(self, numbers: str) -> str:
        """[..., 1] float32 -> [..., HIDDEN]: sines of several frequencies."""
        frequencies = self.constant(np.float32([[0.31 + 0.17 * i for i in range(HIDDEN)]]))
        return self.op("Sin", self.op("MatMul", numbers, frequencies))

    def logits(self, hidden: str) -> str:
        """Of the last token."""
        hidden = self.op("Slice", hidden, self.int64(-1), self.int64(2**40), self.int64(1))
        count = self.op("Range", self.scalar(0), self.scalar(VOCABULARY), self.scalar(1))
        weights = self.waves(self.op("Unsqueeze", count, self.int64(1)))
        return self.op("MatMul", hidden, self.op("Transpose", weights, perm=[1, 0]))

    def remember(self, embeds: str, past_key: str, past_value: str) -> tuple[str, str, str]:
        """[batch, tokens, HIDDEN] and a cache of one head -> what each token knows of all, and the longer cache."""
        new = self.op("Unsqueeze", embeds, self.int64(1))
        key = self.op("Concat", past_key, new, axis=2)
        value = self.op("Concat", past_value, self.op("Mul", new, self.scalar(0.5)), axis=2)
        known = self.op("ReduceSum", self.op("Add", key, value), self.int64(2), keepdims=0)
        return self.op("Add", embeds, self.op("Sin", known)), key, value

    def save(self, path: Path) -> None:
        graph = helper.make_graph(self.nodes, self.name, self.inputs, self.outputs, self.constants)
        model = helper.make_model(graph, opset_imports=[helper.make_opsetid("", 18)], ir_version=9)
        onnx.checker.check_model(model)
        onnx.save(model, path)


CACHE: list[int | str] = ["batch", 1, "length", HIDDEN]


def vision_model(path: Path) -> None:
    """Features of every place of a picture: as many as Phi-3-vision has."""
    graph = Graph("vision")
    pixels = graph.input("pixel_values", TensorProto.FLOAT16, ["images", "crops", 3, 336, 336])
    sizes = graph.input("image_sizes", TensorProto.INT64, ["images", 2])
    crops = graph.op("Div", sizes, graph.int64(336))
    area = graph.op("ReduceProd", crops, graph.int64(1), keepdims=0)
    rows = graph.op("Squeeze", graph.op("Slice", crops, graph.int64(0), graph.int64(1), graph.int64(1)), graph.int64(1))
    # (area + 1) * 144 + 1 + (rows + 1) * 12
    counts = graph.op("Mul", graph.op("Add", area, graph.int64(1)), graph.int64(144))
    counts = graph.op("Add", counts, graph.op("Mul", graph.op("Add", rows, graph.int64(1)), graph.int64(12)))
    count = graph.op("ReduceSum", graph.op("Add", counts, graph.int64(1)), keepdims=0)
    light = graph.op("Mul", graph.op("ReduceMean", graph.cast(pixels), keepdims=0), graph.scalar(40))
    places = graph.cast(graph.op("Range", graph.scalar(0, np.int64), count, graph.scalar(1, np.int64)))
    places = graph.op("Mul", graph.op("Unsqueeze", places, graph.int64(1)), graph.scalar(0.001))
    numbers = graph.op("Add", places, light)
    graph.output("image_features", graph.waves(numbers), TensorProto.FLOAT, ["tokens", HIDDEN])
    graph.save(path)


def embedding_model(path: Path) -> None:
    """Token ids to embeddings; ids below 0 stand for the features of pictures, in order."""
    graph = Graph("embedding")
    ids = graph.input("input_ids", TensorProto.INT64, ["batch", "tokens"])
    features = graph.input("image_features", TensorProto.FLOAT, ["image_tokens", HIDDEN])
    words = graph.waves(graph.op("Unsqueeze", graph.cast(ids), graph.int64(2)))
    is_place = graph.op("Less", ids, graph.scalar(0, np.int64))
    place = graph.op("CumSum", graph.cast(is_place, TensorProto.INT64), graph.scalar(1, np.int64))
    place = graph.op("Mul", place, graph.cast(is_place, TensorProto.INT64))
    rows = graph.op("Concat", graph.constant(np.zeros((1, HIDDEN), np.float32)), features, axis=0)
    pictures = graph.op("Gather", rows, place, axis=0)
    both = graph.op("Where", graph.op("Unsqueeze", is_place, graph.int64(2)), pictures, words)
    graph.output("inputs_embeds", both, TensorProto.FLOAT, ["batch", "tokens", HIDDEN])
    graph.save(path)


def text_model(path: Path) -> None:
    graph = Graph("text")
    embeds = graph.input("inputs_embeds", TensorProto.FLOAT, ["batch", "tokens", HIDDEN])
    past = [graph.input(f"past_key_values.0.{kind}", TensorProto.FLOAT, CACHE) for kind in ("key", "value")]
    hidden, key, value = graph.remember(embeds, *past)
    graph.output("logits", graph.logits(hidden), TensorProto.FLOAT, ["batch", 1, VOCABULARY])
    graph.output("present.0.key", key, TensorProto.FLOAT, CACHE)
    graph.output("present.0.value", value, TensorProto.FLOAT, CACHE)
    graph.save(path)


def encoder_model(path: Path) -> None:
    graph = Graph("encoder")
    features = graph.input("audio_features", TensorProto.FLOAT, ["batch", MELS, FRAMES])
    loudness = graph.op("ReduceMean", features, graph.int64(1), keepdims=0)
    pairs = graph.op("Reshape", loudness, graph.int64(0, FRAMES // 2, 2))
    hidden = graph.waves(graph.op("ReduceMean", pairs, graph.int64(2), keepdims=1))
    cross = graph.op("Unsqueeze", hidden, graph.int64(1))
    shape: list[int | str] = ["batch", 1, FRAMES // 2, HIDDEN]
    graph.output("encoder_hidden_states", hidden, TensorProto.FLOAT, ["batch", FRAMES // 2, HIDDEN])
    graph.output("present_key_cross_0", cross, TensorProto.FLOAT, shape)
    graph.output("present_value_cross_0", cross, TensorProto.FLOAT, shape)
    graph.save(path)


def decoder_model(path: Path) -> None:
    graph = Graph("decoder")
    ids = graph.input("input_ids", TensorProto.INT32, ["batch", "tokens"])
    past = [graph.input(f"past_{kind}_self_0", TensorProto.FLOAT, CACHE) for kind in ("key", "value")]
    shape: list[int | str] = ["batch", 1, FRAMES // 2, HIDDEN]
    cross = [graph.input(f"past_{kind}_cross_0", TensorProto.FLOAT, shape) for kind in ("key", "value")]
    embeds = graph.waves(graph.op("Unsqueeze", graph.cast(ids), graph.int64(2)))
    heard = graph.op("Sin", graph.op("ReduceSum", graph.op("Add", *cross), graph.int64(2), keepdims=0))
    hidden, key, value = graph.remember(graph.op("Add", embeds, heard), *past)
    graph.output("logits", graph.logits(hidden), TensorProto.FLOAT, ["batch", 1, VOCABULARY])
    graph.output("present_key_self_0", key, TensorProto.FLOAT, CACHE)
    graph.output("present_value_self_0", value, TensorProto.FLOAT, CACHE)
    graph.save(path)


SIZES = {
    "hidden_size": HIDDEN,
    "head_size": HIDDEN,
    "num_attention_heads": 1,
    "num_hidden_layers": 1,
    "num_key_value_heads": 1,
}
SEARCH = {"do_sample": False, "max_length": 4096, "past_present_share_buffer": False}
IDS = {"vocab_size": VOCABULARY, "bos_token_id": 1, "eos_token_id": EOS, "pad_token_id": 32000}


def write_json(path: Path, value: object) -> None:
    path.write_text(json.dumps(value, indent=2) + "\n", encoding="utf-8")


def make_vision(folder: Path) -> None:
    folder.mkdir(parents=True, exist_ok=True)
    vision_model(folder / "vision.onnx")
    embedding_model(folder / "embedding.onnx")
    text_model(folder / "text.onnx")
    decoder = {
        "filename": "text.onnx",
        **SIZES,
        "inputs": {"inputs_embeds": "inputs_embeds"},
        "outputs": {"logits": "logits"},
    }
    model = {
        "type": "phi3v",
        **IDS,
        "context_length": 8192,
        "decoder": decoder,
        "embedding": {"filename": "embedding.onnx"},
        "vision": {"filename": "vision.onnx"},
    }
    write_json(folder / "genai_config.json", {"model": model, "search": SEARCH})
    domain = "com.microsoft.extensions"
    operations = [
        {"name": "decode_image", "domain": domain, "type": "DecodeImage", "attrs": {"color_space": "BGR"}},
        {"name": "convert_to_rgb", "domain": domain, "type": "ConvertRGB"},
        {
            "name": "phi3_image_transform",
            "domain": domain,
            "type": "Phi3ImageTransform",
            "attrs": {"num_crops": 4, "num_img_tokens": 144},
        },
    ]
    transforms = [{"operation": operation} for operation in operations]
    write_json(folder / "processor_config.json", {"processor": {"name": "image_processing", "transforms": transforms}})


def make_audio(folder: Path) -> None:
    folder.mkdir(parents=True, exist_ok=True)
    encoder_model(folder / "encoder.onnx")
    decoder_model(folder / "decoder.onnx")
    encoder = {
        "filename": "encoder.onnx",
        **SIZES,
        "inputs": {"audio_features": "audio_features"},
        "outputs": {
            "encoder_hidden_states": "encoder_hidden_states",
            "cross_present_key_names": "present_key_cross_%d",
            "cross_present_value_names": "present_value_cross_%d",
        },
    }
    decoder = {
        "filename": "decoder.onnx",
        **SIZES,
        "inputs": {
            "input_ids": "input_ids",
            "past_key_names": "past_key_self_%d",
            "past_value_names": "past_value_self_%d",
            "cross_past_key_names": "past_key_cross_%d",
            "cross_past_value_names": "past_value_cross_%d",
        },
        "outputs": {
            "logits": "logits",
            "present_key_names": "present_key_self_%d",
            "present_value_names": "present_value_self_%d",
        },
    }
    model = {
        "type": "whisper",
        **IDS,
        "decoder_start_token_id": 1,
        "context_length": 448,
        "encoder": encoder,
        "decoder": decoder,
        "speech": {"config_filename": "audio_processor_config.json"},
    }
    search = {**SEARCH, "max_length": 448}
    write_json(folder / "genai_config.json", {"model": model, "search": search})
    window = {"n_fft": 400, "hop_length": 160}
    operations = [
        {"name": "audio_decoder", "type": "AudioDecoder"},
        {"name": "STFT", "type": "STFTNorm", "attrs": {**window, "frame_length": 400}},
        {"name": "log_mel_spectrogram", "type": "LogMelSpectrum", "attrs": {**window, "chunk_size": 30, "n_mel": MELS}},
    ]
    sequence = [{"operation": operation} for operation in operations]
    write_json(folder / "audio_processor_config.json", {"feature_extraction": {"sequence": sequence}})


def make_pictures(folder: Path) -> None:
    """Colours that run into each other, lines and noise; as all the kinds of files that the tests need."""
    folder.mkdir(parents=True, exist_ok=True)
    y, x = np.mgrid[0:120, 0:180]
    noise = np.random.default_rng(3).integers(0, 40, (120, 180))
    planes = [x * 255 // 180, y * 255 // 120, 200 * ((x + y) // 10 % 2)]
    picture = Image.fromarray(np.stack([np.clip(plane + noise, 0, 255) for plane in planes], 2).astype(np.uint8))
    small = picture.resize((48, 40))
    picture.save(folder / "picture.jpg", quality=70)
    small.save(folder / "small.png")
    small.save(folder / "progressive.jpg", quality=60, progressive=True)
    small.save(folder / "full-colour.jpg", quality=60, subsampling=0)
    small.save(folder / "restarts.jpg", quality=60, restart_marker_blocks=2)
    small.convert("L").save(folder / "grey.jpg", quality=60)
    small.convert("CMYK").save(folder / "four-colours.jpg", quality=60)
    small.save(folder / "other.webp")


def main() -> None:
    parser = argparse.ArgumentParser(description=__doc__, formatter_class=argparse.RawDescriptionHelpFormatter)
    parser.add_argument("--out", type=Path, default=FIXTURE)
    out = parser.parse_args().out
    make_vision(out / "vision")
    make_audio(out / "audio")
    make_pictures(out / "pictures")
    print(f"Written: {out}")


if __name__ == "__main__":
    main()
