"""Answers questions about a model with the official onnxruntime-genai package.

    oracle.py MODEL_FOLDER JOBS.json ANSWERS.json

JOBS is a list of objects with a `kind`; ANSWERS is the list of what each gave.
"""

import base64
import functools
import json
import sys

import numpy as np
import onnxruntime_genai as og
import oracle_engine
from tokenizers import Tokenizer


@functools.cache
def load(folder: str) -> og.Model:
    config = og.Config(folder)
    config.overlay(json.dumps({"model": {"decoder": {"session_options": {"intra_op_num_threads": 2}}}}))
    return og.Model(config)


def describe(tensors: og.NamedTensors) -> dict:
    """Type, shape and bytes of each tensor."""
    arrays = {name: tensors[name].as_numpy() for name in tensors.keys()}
    return {
        name: {"type": array.dtype.name, "shape": array.shape, "bytes": base64.b64encode(array.tobytes()).decode()}
        for name, array in arrays.items()
    }


def steps(generator: og.Generator, count: int) -> list[int]:
    tokens: list[int] = []
    while len(tokens) < count and not generator.is_done():
        generator.generate_next_token()
        tokens.append(int(generator.get_next_tokens()[0]))
    return tokens


class Oracle:
    def __init__(self, folder: str) -> None:
        self.folder = folder
        self.model = load(folder)
        self.tokenizer = og.Tokenizer(self.model)
        self.hugging_face = Tokenizer.from_file(f"{folder}/tokenizer.json")

    def encode(self, text: str) -> list[int]:
        return [int(token) for token in self.tokenizer.encode(text)]

    def encode_hugging_face(self, text: str) -> list[int]:
        """As the tokenizer that `transformers` loads for the same model."""
        return self.hugging_face.encode(text, add_special_tokens=False).ids

    def decode(self, tokens: list[int]) -> str:
        return self.tokenizer.decode(tokens)

    def pieces(self, tokens: list[int]) -> list[str]:
        stream = self.tokenizer.create_stream()
        return [stream.decode(token) for token in tokens]

    def encode_batch(self, texts: list[str]) -> list[list[int]]:
        return self.tokenizer.encode_batch(texts).as_numpy().tolist()

    def chat_template(self, messages: list[dict]) -> str:
        return self.tokenizer.apply_chat_template(json.dumps(messages), add_generation_prompt=True)

    def chat_template_with(self, messages: list[dict], template: str, tools: list | None, kwargs: dict) -> str:
        """By a tokenizer of its own, made from the folder; `kwargs` are variables of the template."""
        tokenizer = og.Tokenizer(self.folder)
        if kwargs:
            tokenizer.update_options(chat_template_kwargs=json.dumps(kwargs))
        tools_json = {} if tools is None else {"tools": json.dumps(tools)}
        return tokenizer.apply_chat_template(
            json.dumps(messages), template_str=template, add_generation_prompt=True, **tools_json
        )

    def encode_with(self, text: str, options: dict) -> list:
        """Tokens of a text and the text of these, with options of a tokenizer made from a configuration."""
        tokenizer = og.Tokenizer(og.Config(self.folder))
        tokenizer.update_options(**options)
        tokens = [int(token) for token in tokenizer.encode(text)]
        return [tokens, tokenizer.decode(tokens)]

    def decode_batch(self, rows: list[list[int]]) -> list[str]:
        return list(self.tokenizer.decode_batch(og.Tensor(np.array(rows, dtype=np.int32))))

    def to_token_ids(self, texts: list[str]) -> list[int]:
        return [self.tokenizer.to_token_id(text) for text in texts]

    def generate_with(self, overlay: dict, data: bool, prompt: list[int], max_length: int) -> list[int]:
        """With a configuration that was changed, and the ONNX file from memory."""
        config = og.Config(self.folder)
        config.overlay(json.dumps({"model": {"decoder": {"session_options": {"intra_op_num_threads": 2}}}}))
        config.overlay(json.dumps(overlay))
        with open(f"{self.folder}/model.onnx", "rb") as file:
            onnx = file.read()  # the library borrows it until the model is made
        if data:
            config.add_model_data("model.onnx", onnx)
        model = og.Model(config)
        params = og.GeneratorParams(model)
        params.set_search_options(max_length=max_length)
        generator = og.Generator(model, params)
        generator.append_tokens(prompt)
        while not generator.is_done():
            generator.generate_next_token()
        return [int(token) for token in generator.get_sequence(0)]

    def log_texts(self, flags: dict, prompt: list[int], steps: int) -> list[str]:
        texts: list[str] = []
        og.set_log_callback(texts.append)
        og.set_log_options(enabled=True, ansi_tags=False, **flags)
        params = og.GeneratorParams(self.model)
        params.set_search_options(max_length=64)
        generator = og.Generator(self.model, params)
        generator.append_tokens(prompt)
        for _ in range(steps):
            generator.generate_next_token()
        og.set_log_options(enabled=False)
        og.set_log_callback(None)
        return texts

    def special_ids(self) -> dict:
        tokenizer = self.tokenizer
        return {
            "bos": tokenizer.bos_token_id,
            "pad": tokenizer.pad_token_id,
            "eos": [int(token) for token in tokenizer.eos_token_ids],
        }

    def generate(self, rows: list[list[int]], search: dict) -> list[list[int]]:
        """Whole sequences (prompt and answer) of every row."""
        params = og.GeneratorParams(self.model)
        params.set_search_options(**search)
        generator = og.Generator(self.model, params)
        if len(rows) == 1:
            generator.append_tokens(rows[0])
        else:
            longest = max(len(row) for row in rows)
            pad = self.tokenizer.pad_token_id
            generator.append_tokens([row + [pad] * (longest - len(row)) for row in rows])
        while not generator.is_done():
            generator.generate_next_token()
        return [[int(token) for token in generator.get_sequence(i)] for i in range(len(rows))]

    def guided(
        self, tokens: list[int], search: dict, guidance: list, most: int, speculative: dict | None = None
    ) -> list[int]:
        """The first `most` tokens (prompt and answer) under guidance: type, data, forced tokens."""
        params = og.GeneratorParams(self.model)
        params.set_search_options(**search)
        if speculative:
            params.set_speculative_options(**speculative)
        if guidance:
            params.set_guidance(*guidance)
        generator = og.Generator(self.model, params)
        generator.append_tokens(tokens)
        while not generator.is_done() and len(generator.get_sequence(0)) < most:
            generator.generate_next_token()
        return [int(token) for token in generator.get_sequence(0)][:most]

    def logits(self, tokens: list[int]) -> list[float]:
        params = og.GeneratorParams(self.model)
        params.set_search_options(max_length=len(tokens) + 1)
        generator = og.Generator(self.model, params)
        generator.append_tokens(tokens)
        return [float(value) for value in generator.get_logits().reshape(-1)]

    def logits_output(self, tokens: list[int]) -> str:
        """The bytes of the whole output of the graph."""
        params = og.GeneratorParams(self.model)
        params.set_search_options(max_length=len(tokens) + 1)
        generator = og.Generator(self.model, params)
        generator.append_tokens(tokens)
        return base64.b64encode(generator.get_output("logits").tobytes()).decode()

    def lora(self, folder: str, path: str, tokens: list[int], count: int) -> list[int]:
        model = load(folder)
        adapters = og.Adapters(model)
        adapters.load(path, "one")
        params = og.GeneratorParams(model)
        params.set_search_options(max_length=len(tokens) + count)
        generator = og.Generator(model, params)
        generator.set_active_adapter(adapters, "one")
        generator.append_tokens(tokens)
        return steps(generator, count)

    def media(self, folder: str, prompt: str | list[str], count: int, **files: list[str]) -> dict:
        """What the processor makes of `images` or `audios`, and the answer of the model."""
        model = load(folder)
        opened = {kind: getattr(og, kind.title()).open(*paths) for kind, paths in files.items()}
        tensors = model.create_multimodal_processor()(prompt, **opened)
        params = og.GeneratorParams(model)
        rows, length = tensors["input_ids"].shape()
        params.set_search_options(max_length=length + count, batch_size=rows)
        described = describe(tensors)  # before the generator takes memory out of them
        generator = og.Generator(model, params)
        generator.set_inputs(tensors)
        return {"tensors": described, "tokens": steps(generator, count)}

    def engine(self, rounds: list[list[dict]], rewind: int | None = None, folder: str | None = None) -> dict:
        return oracle_engine.run_turns(self.model if folder is None else og.Model(folder), rounds, rewind)


def main() -> None:
    folder, jobs_file, answers_file = sys.argv[1:]
    oracle = Oracle(folder)
    with open(jobs_file, encoding="utf-8") as file:
        jobs = json.load(file)
    answers = [getattr(oracle, job.pop("kind"))(**job) for job in jobs]
    with open(answers_file, "w", encoding="utf-8") as file:
        json.dump(answers, file)


if __name__ == "__main__":
    main()
