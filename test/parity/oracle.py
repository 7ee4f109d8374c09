"""Answers questions about a model with the official onnxruntime-genai package.

    oracle.py MODEL_FOLDER JOBS.json ANSWERS.json

JOBS is a list of objects with a `kind`; ANSWERS is the list of what each gave.
"""

import json
import sys

import onnxruntime_genai as og
from tokenizers import Tokenizer


class Oracle:
    def __init__(self, folder: str) -> None:
        config = og.Config(folder)
        config.overlay(json.dumps({"model": {"decoder": {"session_options": {"intra_op_num_threads": 2}}}}))
        self.model = og.Model(config)
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
