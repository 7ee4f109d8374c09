"""The engine's task of python.py; engine-task.mjs is the other side."""

import statistics

import onnxruntime_genai as og

EVENTS = 64


def engine(job: dict, load, prompt_of, now) -> dict:
    """Tokens per second of all turns together, from the first begin to the last end, each token with its text."""
    model, tokenizer = load(job)
    engine = og.Engine(model)
    buffer = engine.create_event_buffer(EVENTS)
    prompts = [prompt_of(job["promptTokens"] + i) for i in range(job["atOnce"])]

    def turns(count: int) -> list[list[int]]:
        answers = []
        for prompt in prompts:
            options = og.RequestOptions()
            options.set_max_session_tokens(len(prompt) + count)
            request = engine.create_request(options=options)
            turn = og.TurnOptions(request)
            turn.set_do_sample(False)
            turn.set_min_generated_tokens(count)
            turn.set_max_generated_tokens(count)
            decoder = tokenizer.create_stream()
            decoder.decode(prompt[-1])
            request.begin_turn(prompt, turn)
            answers.append((request, decoder, [], []))
        while engine.has_pending_requests():
            for event in engine.run(buffer):
                if not int(event.flags) & int(og.EngineEventFlags.TOKEN):
                    continue
                _, decoder, tokens, texts = next(answer for answer in answers if answer[0] is event.request)
                tokens.append(int(event.token))
                texts.append(decoder.decode(event.token))
        for request, _, _, texts in answers:
            if not "".join(texts):
                raise AssertionError("the turn gave no text")
            request.close()
        return [tokens for _, _, tokens, _ in answers]

    turns(16)
    rates, tokens = [], []
    for _ in range(job["repeats"]):
        started = now()
        tokens = turns(job["newTokens"])
        rates.append(len(prompts) * job["newTokens"] * 1000 / (now() - started))
    return {"rate": statistics.median(rates), "tokens": tokens}
