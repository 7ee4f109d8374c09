"""Python's side of every figure, with the official package. Runs one job and prints one line of JSON; node.mjs has the
same tasks under the same names, to be read beside this file.

    python bench/workers/python.py '{"task": "decode", "model": "models/phi3-demo", ...}'
"""

import gc
import json
import os
import platform
import statistics
import sys
import threading
import time
from importlib import metadata

import numpy as np
import onnxruntime_genai as og


def now() -> float:
    return time.perf_counter() * 1000


def prompt_of(length: int) -> np.ndarray:
    """Ordinary tokens, the same on both sides."""
    return np.array([300 + (i * 7919) % 30000 for i in range(length)], dtype=np.int32)


def load(job: dict) -> tuple[og.Model, og.Tokenizer]:
    """Without `threads`: as the package loads a model when it is told nothing."""
    if "threads" not in job:
        model = og.Model(job["model"])
    else:
        config = og.Config(job["model"])
        options = {"intra_op_num_threads": job["threads"]}
        config.overlay(json.dumps({"model": {"decoder": {"session_options": options}}}))
        model = og.Model(config)
    return model, og.Tokenizer(model)


def exactly(model: og.Model, prompt: np.ndarray, new_tokens: int) -> og.Generator:
    """Greedy; the shortest answer allowed is the longest, so that no end-of-sequence token ends it early."""
    params = og.GeneratorParams(model)
    length = len(prompt) + new_tokens
    params.set_search_options(do_sample=False, max_length=length, min_length=length)
    return og.Generator(model, params)


def answer(model, tokenizer, prompt, new_tokens):
    """Each token with its text: the loop of the package's own examples."""
    generator = exactly(model, prompt, new_tokens)
    decoder = tokenizer.create_stream()
    generator.append_tokens(prompt)
    while not generator.is_done():
        generator.generate_next_token()
        token = generator.get_next_tokens()[0]
        yield token, decoder.decode(token)


def versions(_: dict) -> dict:
    return {
        "python": platform.python_version(),
        "genai": og.__version__,
        "onnxruntime": metadata.version("onnxruntime"),
    }


def decode(job: dict) -> dict:
    """Tokens per second after the first one. Texts are made here, too: generate() of the other side makes them."""
    model, tokenizer = load(job)
    prompt, count = prompt_of(job["promptTokens"]), job["newTokens"]
    for _ in answer(model, tokenizer, prompt, 16):
        pass
    rates, tokens = [], []
    for _ in range(job["repeats"]):
        tokens, text, first = [], "", None
        for token, piece in answer(model, tokenizer, prompt, count):
            if first is None:
                first = now()
            tokens.append(int(token))
            text += piece
        rates.append((count - 1) * 1000 / (now() - first))
    return {"rate": statistics.median(rates), "tokens": tokens}


# Python has one way to do both: its loop is the consumer.
stream = decode


def object_of(job: dict) -> dict:
    """Milliseconds of an object, of as many tokens without a schema, and of the first object of a model."""
    model, tokenizer = load(job)
    prompt, schema = prompt_of(job["promptTokens"]), json.dumps(job["schema"])

    def guided() -> tuple[float, list[int]]:
        started = now()
        params = og.GeneratorParams(model)
        params.set_search_options(do_sample=False, max_length=len(prompt) + 1024)
        params.set_guidance("json_schema", schema, False)
        generator = og.Generator(model, params)
        decoder = tokenizer.create_stream()
        generator.append_tokens(prompt)
        tokens, text = [], ""
        while not generator.is_done():
            generator.generate_next_token()
            token = int(generator.get_next_tokens()[0])
            tokens.append(token)
            text += decoder.decode(token)
        json.loads(text)
        return now() - started, tokens[:-1]

    def plain(count: int) -> float:
        started = now()
        for _ in answer(model, tokenizer, prompt, count):
            pass
        return now() - started

    plain(16)
    first_ms, tokens = guided()
    count = len(tokens) + 1
    guided_ms, plain_ms = [], []
    for _ in range(job["repeats"]):
        guided_ms.append(guided()[0])
        plain_ms.append(plain(count))
    return {
        "firstMs": first_ms,
        "guidedMs": statistics.median(guided_ms),
        "plainMs": statistics.median(plain_ms),
        "count": count,
        "tokens": tokens,
    }


def ttft(job: dict) -> dict:
    """Milliseconds from the making of the generator to the first token with its text."""
    model, tokenizer = load(job)

    def once(prompt_tokens: int) -> float:
        prompt = prompt_of(prompt_tokens)
        started, first = now(), None
        for _ in answer(model, tokenizer, prompt, 4):
            if first is None:
                first = now() - started
        return first

    once(job["lengths"][0]["promptTokens"])
    ms = []
    for length in job["lengths"]:
        ms.append(statistics.median(once(length["promptTokens"]) for _ in range(length["repeats"])))
    return {"ms": ms}


def loop(job: dict) -> dict:
    """How late a thread that sleeps 1 ms is while nothing runs, and while threads do what the other side does."""
    model, tokenizer = load(job)
    idle, _ = lateness(lambda: time.sleep(job["idleMs"] / 1000))

    def work() -> dict:
        short, long = prompt_of(16), prompt_of(job["promptTokens"])
        stop = threading.Event()
        begun = [threading.Event() for _ in range(job["streams"])]
        streamed = [0] * job["streams"]

        def read(i: int) -> None:
            for _ in answer(model, tokenizer, short, job["streamTokens"]):
                streamed[i] += 1
                begun[i].set()
                if stop.is_set():
                    break

        readers = [threading.Thread(target=read, args=(i,)) for i in range(job["streams"])]
        for reader in readers:
            reader.start()
        for event in begun:
            event.wait()
        before, started = sum(streamed), now()
        for _ in answer(model, tokenizer, long, 1):
            pass
        prefill = now() - started
        rate = (sum(streamed) - before) * 1000 / prefill
        stop.set()
        for reader in readers:
            reader.join()
        return {"prefillMs": prefill, "tokensPerSecond": rate}

    busy, figures = lateness(work)
    return {"idle": idle, "busy": busy, **figures}


def lateness(work) -> tuple[dict, object]:
    late, stop = [], threading.Event()

    def tick() -> None:
        last = now()
        while not stop.is_set():
            time.sleep(0.001)
            current = now()
            late.append(max(0.0, current - last - 1))
            last = current

    ticker = threading.Thread(target=tick)
    ticker.start()
    value = work()
    stop.set()
    ticker.join()
    late.sort()
    return {"median": late[len(late) // 2], "p99": late[int(len(late) * 0.99)], "max": late[-1]}, value


def abort(job: dict) -> dict:
    """Milliseconds from the moment at which another thread is to abort, to the exception in the loop."""
    model, tokenizer = load(job)
    prompt = prompt_of(job["promptTokens"])
    times = [now() for _ in answer(model, tokenizer, prompt_of(16), 33)]
    from_due = []
    for wait in job["waits"]:
        generator = exactly(model, prompt, 1000)
        if job["tokensBefore"] > 0:
            generator.append_tokens(prompt)
            for _ in range(job["tokensBefore"]):
                generator.generate_next_token()
        due = now() + wait

        def terminate(generator=generator, due=due) -> None:
            time.sleep(max(0.0, due - now()) / 1000)
            generator.set_runtime_option("terminate_session", "1")

        other = threading.Thread(target=terminate)
        other.start()
        try:
            if job["tokensBefore"] == 0:
                generator.append_tokens(prompt)
            while not generator.is_done():
                generator.generate_next_token()
            raise AssertionError("the answer ended before the abort")
        except RuntimeError:
            from_due.append(now() - due)
        other.join()
    return {"fromDue": statistics.median(from_due), "stepMs": (times[-1] - times[0]) / 32}


def memory(job: dict) -> dict:
    """Resident memory in MiB after a load, after an answer, and after rounds of load, answer, del."""
    prompt = prompt_of(job["promptTokens"])
    result = {"start": resident(), "after": {}}
    for i in range(1, max(job["rounds"]) + 1):
        model, tokenizer = load(job)
        if i == 1:
            result["loaded"] = resident()
        for _ in answer(model, tokenizer, prompt, job["newTokens"]):
            pass
        if i == 1:
            result["answered"] = resident()
        del model, tokenizer
        if i in job["rounds"]:
            result["after"][i] = resident()
    return result


def resident() -> float | None:
    """None where the standard library does not tell it."""
    gc.collect()
    try:
        with open("/proc/self/statm", encoding="ascii") as file:
            return int(file.read().split()[1]) * os.sysconf("SC_PAGE_SIZE") / 2**20
    except OSError:
        return None


TASKS = (versions, decode, stream, ttft, loop, abort, memory)


def main() -> None:
    job = json.loads(sys.argv[1])
    task = job.pop("task")
    run = {"stream": stream, "object": object_of, **{task.__name__: task for task in TASKS}}[task]
    print(json.dumps(run(job)))


if __name__ == "__main__":
    main()
