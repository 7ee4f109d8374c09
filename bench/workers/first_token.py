"""From process start to the first text of an answer, as a script of a user would be."""

import json
import sys

import onnxruntime_genai as og

folder, threads = sys.argv[1:]
config = og.Config(folder)
config.overlay(json.dumps({"model": {"decoder": {"session_options": {"intra_op_num_threads": int(threads)}}}}))
model = og.Model(config)
tokenizer = og.Tokenizer(model)
decoder = tokenizer.create_stream()

tokens = tokenizer.encode("<|user|>\nWhat is the capital of France?<|end|>\n<|assistant|>\n")
params = og.GeneratorParams(model)
params.set_search_options(do_sample=False, max_length=len(tokens) + 8)
generator = og.Generator(model, params)
generator.append_tokens(tokens)
while not generator.is_done():
    generator.generate_next_token()
    print(decoder.decode(generator.get_next_tokens()[0]), end="", flush=True)
