"""Runs an ONNX Runtime GenAI model for mlflow.pyfunc.

Part of the npm package onnxruntime-genai-node, whose saveModel() puts this file into the code folder of a model. It
answers as that package does: the same prompts, options, stop strings and texts.
"""

from __future__ import annotations

import json
import math
import os
import re
import time
import uuid
from collections.abc import Iterator, Sequence
from pathlib import Path
from typing import Any

import yaml
from mlflow.exceptions import MlflowException

# The libraries report their use unless told otherwise before they are loaded.
os.environ.setdefault("ORT_DISABLE_TELEMETRY", "1")
try:
    import onnxruntime_genai as og  # noqa: E402
except ImportError as error:
    raise ImportError(
        "This model runs by the package onnxruntime-genai, which cannot be imported. Install what the requirements.txt"
        f" of the model names: pip install onnxruntime-genai. ({error})"
    ) from error

FLAVOR = "onnxruntime_genai"
CHAT = "llm/v1/chat"

# Of the seed's wrapper. The length is that of prompt and answer together, and chat does not take it over.
DEFAULTS = {"max_length": 300, "temperature": 0.2}

# Tokens of a chat answer when neither the call nor the configuration says.
DEFAULT_MAX_NEW_TOKENS = 1024

# Long prompts are read in pieces of this many tokens on a CPU: half the memory, the same time.
CPU_CHUNK = 256

Message = dict[str, str]


def _load_pyfunc(path: str, model_config: dict[str, Any] | None = None) -> GenaiModel:
    root = Path(path)
    flavor = yaml.safe_load((root / "MLmodel").read_text(encoding="utf-8"))["flavors"][FLAVOR]
    directory = root / flavor["artifacts"][flavor["artifact"]]["path"]
    return GenaiModel(directory, flavor["task"], model_config or {})


class GenaiModel:
    """What MLflow calls: predict and predict_stream."""

    def __init__(self, directory: Path, task: str, model_config: dict[str, Any]) -> None:
        self.name = directory.name
        self.chat = task == CHAT
        self.search = {**DEFAULTS, **model_config}
        if self.chat and "max_length" not in model_config:
            del self.search["max_length"]
        self.runner = Runner(directory)

    def predict(self, model_input: Any, params: dict[str, Any] | None = None) -> Any:
        """Prompts: a text for one row, a list of texts for more. Chat: a list with one completion per row."""
        rows = _rows(model_input)
        search, stop = self._with_params(params)
        if self.chat:
            return [self._complete(row, search, stop) for row in rows]
        answers = [str(self.runner.answer_prompt(_prompt(row), search, stop)) for row in rows]
        return answers[0] if len(answers) == 1 else answers

    def predict_stream(self, model_input: Any, params: dict[str, Any] | None = None) -> Iterator[Any]:
        """Prompts: pieces of text. Chat: chunks of a completion."""
        rows = _rows(model_input)
        if len(rows) != 1:
            raise _refusal(f"predict_stream takes one input, but got {len(rows)}.")
        search, stop = self._with_params(params)
        if self.chat:
            return self._chunks(rows[0], search, stop)
        return iter(self.runner.answer_prompt(_prompt(rows[0]), search, stop))

    def _with_params(self, params: dict[str, Any] | None) -> tuple[dict[str, Any], Any]:
        given = {name: value for name, value in (params or {}).items() if value is not None}
        stop = given.pop("stop", None)
        return {**self.search, **given}, stop

    def _complete(self, row: dict[str, Any], search: dict[str, Any], stop: Any) -> dict[str, Any]:
        n = int(row.get("n", 1))
        if n < 1:
            raise _refusal(f"n must be at least 1, but is {n}.")
        answers = [self._chat_answer(row, search, stop) for _ in range(n)]
        texts = [str(answer) for answer in answers]
        prompt_tokens = len(answers[0].prompt)
        completion_tokens = sum(answer.tokens for answer in answers)
        return {
            **self._head("chat.completion"),
            "choices": [
                {
                    "index": index,
                    "finish_reason": answer.finish_reason,
                    "message": {"role": "assistant", "content": text},
                }
                for index, (answer, text) in enumerate(zip(answers, texts))
            ],
            "usage": {
                "prompt_tokens": prompt_tokens,
                "completion_tokens": completion_tokens,
                "total_tokens": prompt_tokens + completion_tokens,
            },
        }

    def _chunks(self, row: dict[str, Any], search: dict[str, Any], stop: Any) -> Iterator[dict[str, Any]]:
        if int(row.get("n", 1)) != 1:
            raise _refusal("A stream gives one answer: n must be 1.")
        answer = self._chat_answer(row, search, stop)
        head = self._head("chat.completion.chunk")

        def chunk(delta: Message, finish_reason: str | None) -> dict[str, Any]:
            return {**head, "choices": [{"index": 0, "finish_reason": finish_reason, "delta": delta}]}

        for text in answer:
            yield chunk({"role": "assistant", "content": text}, None)
        yield chunk({"role": "assistant", "content": ""}, answer.finish_reason)

    def _chat_answer(self, row: dict[str, Any], search: dict[str, Any], stop: Any) -> Answer:
        _refuse_unsupported(row)
        asked: dict[str, Any] = {name: row[name] for name in ("temperature", "top_p", "top_k") if name in row}
        if asked:
            search = {**search, **asked}
            # Who asks for a temperature above 0 wants samples; the library ignores it otherwise.
            search["do_sample"] = search["temperature"] > 0
            if search["do_sample"] and "top_k" not in search and self.runner.search.get("top_k") == 1:
                search["top_k"] = 50
        prompt = self.runner.encode_chat(_messages(row.get("messages")))
        max_tokens = row.get("max_tokens")
        return self.runner.answer(prompt, search, row.get("stop", stop), None if max_tokens is None else int(max_tokens))

    def _head(self, kind: str) -> dict[str, Any]:
        return {"id": f"chatcmpl-{uuid.uuid4()}", "object": kind, "created": int(time.time()), "model": self.name}


class Runner:
    """The model and its tokenizer."""

    def __init__(self, directory: Path) -> None:
        genai_config = json.loads((directory / "genai_config.json").read_text(encoding="utf-8"))
        decoder = genai_config["model"]["decoder"]
        config = og.Config(str(directory))
        if "intra_op_num_threads" not in decoder.get("session_options", {}):
            # The library alone behaves as with one thread.
            session_options = {"intra_op_num_threads": _available_cores()}
            config.overlay(json.dumps({"model": {"decoder": {"session_options": session_options}}}))
        self.model = og.Model(config)
        self.tokenizer = og.Tokenizer(self.model)
        self.search: dict[str, Any] = genai_config.get("search", {})
        self.context_length: int = genai_config["model"]["context_length"]
        window = decoder.get("sliding_window") or {}
        self.window = window.get("window_size") if window.get("slide_key_value_cache") is False else None
        tokens = _control_tokens(directory)
        self.control = re.compile("|".join(map(re.escape, tokens))) if tokens else None

    def answer_prompt(self, prompt: str, search: dict[str, Any], stop: Any) -> Answer:
        return self.answer(self._encode(prompt), search, stop)

    def answer(self, prompt: list[int], search: dict[str, Any], stop: Any, max_new_tokens: int | None = None) -> Answer:
        limit = min(search.get("max_length", self.context_length), self.context_length)
        room = limit - len(prompt)
        if not prompt:
            raise _refusal("The input must be at least one token long.")
        if room < 1:
            raise _refusal(f"The input has {len(prompt)} tokens, which leaves no room for an answer: the limit is {limit}.")
        if max_new_tokens is not None and max_new_tokens < 1:
            raise _refusal(f"max_tokens must be at least 1, but is {max_new_tokens}.")
        if max_new_tokens is None:
            max_new_tokens = room if "max_length" in search else DEFAULT_MAX_NEW_TOKENS
        stops = [stop] if isinstance(stop, str) else [str(text) for text in (() if stop is None else stop)]
        if "" in stops:
            raise _refusal("stop must not hold an empty text.")
        return Answer(self, prompt, min(max_new_tokens, room), search, stops)

    def generator(self, prompt: list[int], max_length: int, search: dict[str, Any]) -> og.Generator:
        options = {**search, "max_length": max_length}
        if self.window is not None and max_length > self.window:
            options["past_present_share_buffer"] = False  # a shared buffer holds no more than the window
        if self.model.device_type == "CPU" and len(prompt) > CPU_CHUNK and self.beams(search) == 1:
            # A last piece of one token would be computed by another kernel.
            chunk = next(size for size in range(CPU_CHUNK, 1, -1) if len(prompt) % size != 1)
            if "chunk_size" not in self.search:
                options.setdefault("chunk_size", chunk)
        params = og.GeneratorParams(self.model)
        params.set_search_options(**options)
        return og.Generator(self.model, params)

    def beams(self, search: dict[str, Any]) -> int:
        return search.get("num_beams", self.search.get("num_beams", 1))

    def encode_chat(self, messages: list[Message]) -> list[int]:
        """The tokens of a conversation. A control token in the text of a message stays text."""
        control = self.control
        if control is None or not any(control.search(message["content"]) for message in messages):
            return self._encode(self._render(messages))
        mark = uuid.uuid4()
        forged: list[str] = []

        def hide(match: re.Match[str]) -> str:
            forged.append(match.group())
            return f"{{{mark}:{len(forged) - 1}}}"

        hidden = [{**message, "content": control.sub(hide, message["content"])} for message in messages]
        parts = re.split(rf"\{{{mark}:(\d+)\}}", self._render(hidden))
        if len(parts) != 2 * len(forged) + 1:
            raise _refusal("The messages hold control tokens that the chat template changes; remove them.")
        tokens = self._encode(parts[0])
        for i, part in enumerate(parts[1:], start=1):
            texts = [part] if i % 2 == 0 else self._halves(forged[int(part)])
            for text in texts:
                tokens += self._encode_on(text)
        return tokens

    def _halves(self, text: str) -> list[str]:
        """A control token in two parts, neither of which is one, or in single characters."""
        halves = [text[:1], text[1:]]
        assert self.control is not None
        return list(text) if any(self.control.search(half) for half in halves) else halves

    def _encode_on(self, text: str) -> list[int]:
        """Encodes what goes on after other text: the tokenizer puts a space before whatever begins."""
        if text == "":
            return []
        anchor, anchored = self._encode("\n"), self._encode("\n" + text)
        return anchored[len(anchor) :] if anchored[: len(anchor)] == anchor else self._encode(text)

    def _encode(self, text: str) -> list[int]:
        return [int(token) for token in self.tokenizer.encode(text)]

    def _render(self, messages: list[Message]) -> str:
        return self.tokenizer.apply_chat_template(json.dumps(messages), add_generation_prompt=True)


class Answer:
    """One answer. Iterating generates it and gives its texts; str() gives the whole. To be used once."""

    def __init__(
        self, runner: Runner, prompt: list[int], max_new_tokens: int, search: dict[str, Any], stops: Sequence[str]
    ) -> None:
        self.runner = runner
        self.prompt = prompt
        self.max_new_tokens = max_new_tokens
        self.search = search
        self.stops = stops
        self.tokens = 0
        self.finish_reason = "stop"

    def __str__(self) -> str:
        return "".join(self)

    def __iter__(self) -> Iterator[str]:
        held = ""
        for piece in self._pieces():
            held += piece
            found = [(begin + len(stop), begin) for stop in self.stops if (begin := held.find(stop)) >= 0]
            if found:
                # The stop string that ends first; of two that end together the one that begins first.
                held = held[: min(found)[1]]
                self.finish_reason = "stop"
                break
            certain = len(held) - self._uncertain(held)
            if certain > 0:
                yield held[:certain]
                held = held[certain:]
        if held:
            yield held

    def _uncertain(self, text: str) -> int:
        """Length of the longest end of the text that a stop string begins with."""
        lengths = (n for stop in self.stops for n in range(1, len(stop)) if text.endswith(stop[:n]))
        return max(lengths, default=0)

    def _pieces(self) -> Iterator[str]:
        stream = self.runner.tokenizer.create_stream()
        stream.decode(self.prompt[-1])  # after a control token, the space before the first word is dropped
        for token in self._generate():
            self.tokens += 1
            yield stream.decode(token)

    def _generate(self) -> Iterator[int]:
        """The new tokens, without the one that ends the answer."""
        begin = len(self.prompt)
        generator = self.runner.generator(self.prompt, begin + self.max_new_tokens, self.search)
        generator.append_tokens(self.prompt)
        if self.runner.beams(self.search) > 1:
            while not generator.is_done():
                generator.generate_next_token()
            tokens = [int(token) for token in generator.get_sequence(0)][begin:]
            end = next((i for i, token in enumerate(tokens) if token in self.runner.tokenizer.eos_token_ids), None)
            yield from tokens[:end]
            if end is None and len(tokens) >= self.max_new_tokens:
                self.finish_reason = "length"
            return
        for length in range(begin, begin + self.max_new_tokens):
            if generator.is_done():
                break
            generator.generate_next_token()
            if generator.token_count() == length:
                return  # a token that ends the answer is not appended
            yield int(generator.get_next_tokens()[0])
        self.finish_reason = "length"


def _rows(model_input: Any) -> list[dict[str, Any]]:
    """Records without what is null, of a DataFrame, a record, a text, or a list of records or texts."""
    if hasattr(model_input, "to_dict"):
        records = model_input.to_dict(orient="records")
    elif isinstance(model_input, dict) and isinstance(model_input.get("prompt"), (list, tuple)):
        records = list(model_input["prompt"])
    else:
        records = [model_input] if isinstance(model_input, (str, dict)) else list(model_input)
    return [
        {name: value for name, value in record.items() if not _is_null(value)}
        if isinstance(record, dict)
        else {"prompt": record}
        for record in records
    ]


def _is_null(value: Any) -> bool:
    return value is None or (isinstance(value, float) and math.isnan(value))


def _prompt(row: dict[str, Any]) -> str:
    prompt = row["prompt"] if "prompt" in row else next(iter(row.values()), None)
    if not isinstance(prompt, str):
        raise _refusal(f"prompt must be a text, but is {type(prompt).__name__}.")
    return prompt


def _messages(messages: Any) -> list[Message]:
    if messages is None or isinstance(messages, (str, dict)) or len(messages) == 0:
        raise _refusal("messages must be a list of at least one message.")
    plain = []
    for index, message in enumerate(messages):
        role, content = message.get("role"), message.get("content")
        if role not in ("system", "user", "assistant"):
            raise _refusal(f"messages[{index}].role must be one of system, user, assistant, but is {role!r}.")
        if not isinstance(content, str):
            raise _refusal(f"messages[{index}].content must be a text, but is {type(content).__name__}.")
        used = next((name for name in ("tool_calls", "tool_call_id") if message.get(name) is not None), None)
        if used is not None:
            raise _refusal(f"messages[{index}].{used} is not supported.")
        plain.append({"role": role, "content": content})
    return plain


def _refuse_unsupported(row: dict[str, Any]) -> None:
    for name in ("tools", "frequency_penalty", "presence_penalty"):
        if row.get(name):
            raise _refusal(f"{name} is not supported.")


def _refusal(message: str) -> MlflowException:
    return MlflowException.invalid_parameter_value(message)


def _control_tokens(directory: Path) -> list[str]:
    """Texts that encoding turns into one token wherever they stand, longest first."""
    added: list[dict[str, Any]] = []
    for name, key in (("tokenizer.json", "added_tokens"), ("tokenizer_config.json", "added_tokens_decoder")):
        path = directory / name
        entries = json.loads(path.read_text(encoding="utf-8")).get(key) if path.exists() else None
        added += (entries.values() if isinstance(entries, dict) else entries) or []
    bracketed = re.compile(r"<\S+>|\[\S+\]")
    texts = {token["content"] for token in added if token.get("special") or bracketed.fullmatch(token["content"])}
    return sorted((text for text in texts if len(text) > 1), key=len, reverse=True)


def _available_cores() -> int:
    """By affinity and by the quota of the container."""
    cores = len(os.sched_getaffinity(0)) if hasattr(os, "sched_getaffinity") else os.cpu_count() or 1
    try:
        quota, period = Path("/sys/fs/cgroup/cpu.max").read_text().split()
        return max(1, min(cores, math.ceil(int(quota) / int(period))))
    except (OSError, ValueError):
        return cores
