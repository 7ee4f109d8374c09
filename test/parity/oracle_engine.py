"""The engine's part of the oracle: runs turns of several requests side by side."""

import onnxruntime_genai as og

EVENTS = 64


def run_turns(model: og.Model, rounds: list[list[dict | None]], rewind: int | None) -> dict:
    """A round is one turn of every request (None: it rests), all begun at once; each has `tokens` and `options` by setter
    name. With `rewind` the last round is run again after a rewind to the start of that turn.
    """
    engine = og.Engine(model)
    buffer = engine.create_event_buffer(EVENTS)
    requests = [engine.create_request() for _ in rounds[0]]
    results = [run_round(engine, buffer, requests, turns) for turns in rounds]
    if rewind is not None:
        for request in requests:
            request.rewind_to_start_of_turn(rewind)
        results.append(run_round(engine, buffer, requests, rounds[-1]))
    capabilities = engine.get_capabilities()
    return {
        "rounds": results,
        "capabilities": [
            capabilities.configured_max_batch_size,
            capabilities.max_scheduled_tokens,
            capabilities.max_request_length,
        ],
        "stats": sorted(engine.get_speculative_stats()),
        "max_drafts": engine.max_draft_tokens_per_proposal(),
    }


def run_round(engine, buffer, requests: list, turns: list[dict | None]) -> list[dict | None]:
    answers = [{"tokens": []} if turn else None for turn in turns]
    for request, turn in zip(requests, turns, strict=True):
        if turn is None:
            continue
        options = og.TurnOptions(request)
        for name, value in turn["options"].items():
            arguments = value if name == "guidance" else [value]
            getattr(options, f"set_{name}")(*arguments)
        request.begin_turn(turn["tokens"], options)
    while engine.has_pending_requests():
        for event in engine.run(buffer):
            take(event, requests, answers)
    return answers


def take(event, requests: list, answers: list[dict]) -> None:
    flags = int(event.flags)
    answer = answers[next(i for i, request in enumerate(requests) if request is event.request)]
    if flags & int(og.EngineEventFlags.TOKEN):
        answer["tokens"].append(int(event.token))
    if flags & int(og.EngineEventFlags.TURN_FINISHED):
        usage = event.usage
        answer["finish"] = og.FinishReason(event.finish_reason).name
        answer["stop"] = event.matched_stop_string_index
        answer["usage"] = [usage.prompt_tokens, usage.generated_tokens, usage.cached_prompt_tokens]
