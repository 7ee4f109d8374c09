"""What the tutorial of the seed shows: its prompt, and the signature of its chat model."""

from __future__ import annotations

import json

SEED_PROMPT = {
    "prompt": "<|system|>You are a stand-up comedian.<|end|><|user|>Tell me a joke about atom<|end|><|assistant|>"
}

NAME = {"type": "string", "required": False}
TEXT = {"type": "string", "required": True}
COUNT = {"type": "long", "required": True}
MESSAGE = {"type": "object", "properties": {"content": TEXT, "name": NAME, "role": TEXT}}

INPUTS = [
    {"type": "array", "items": MESSAGE, "name": "messages", "required": True},
    {"type": "double", "name": "temperature", "required": False},
    {"type": "long", "name": "max_tokens", "required": False},
    {"type": "array", "items": {"type": "string"}, "name": "stop", "required": False},
    {"type": "long", "name": "n", "required": False},
    {"type": "boolean", "name": "stream", "required": False},
]

CHOICE = {
    "type": "object",
    "properties": {"finish_reason": TEXT, "index": COUNT, "message": {**MESSAGE, "required": True}},
}
USAGE = {"completion_tokens": COUNT, "prompt_tokens": COUNT, "total_tokens": COUNT}

OUTPUTS = [
    {"type": "string", "name": "id", "required": True},
    {"type": "string", "name": "object", "required": True},
    {"type": "long", "name": "created", "required": True},
    {"type": "string", "name": "model", "required": True},
    {"type": "array", "items": CHOICE, "name": "choices", "required": True},
    {"type": "object", "properties": USAGE, "name": "usage", "required": True},
]

SEED_CHAT = {"inputs": json.dumps(INPUTS), "outputs": json.dumps(OUTPUTS), "params": None}
