"""Phi-3's chat forms as token ids.

The tokenizer drops white space after a control token (rstrip), so the template's form with newlines and the
raw form without them give the same ids. A caller that encodes part by part may still send newline tokens;
NEWLINE_FORMS holds what that looks like, and training mixes it in.
"""

from __future__ import annotations

from typing import TYPE_CHECKING

if TYPE_CHECKING:
    from tokenizers import Tokenizer

ASSISTANT, SYSTEM, END, USER = 32001, 32006, 32007, 32010
EOS_IDS = (32007, 32001, 32000)
BOS_ID, PAD_ID = 1, 32000
NEWLINE_FORMS: tuple[tuple[int, ...], ...] = ((), (13,), (29871, 13))

Message = tuple[str, str]


def template_text(messages: list[Message], newline: str = "\n") -> str:
    """The prompt as text; newline="" gives the raw form `<|user|>Q<|end|><|assistant|>`."""
    parts = [f"<|{role}|>{newline}{text}<|end|>{newline}" for role, text in messages]
    return "".join(parts) + f"<|assistant|>{newline}"


def encode_dialog(
    tokenizer: Tokenizer, messages: list[Message], newline: tuple[int, ...] = ()
) -> tuple[list[int], list[bool]]:
    """Token ids of a dialog whose answers are included, and which of them the model has to predict."""
    control = {"system": SYSTEM, "user": USER, "assistant": ASSISTANT}
    ids: list[int] = []
    learn: list[bool] = []
    for role, text in messages:
        body = [*tokenizer.encode(text).ids, END]
        ids += [control[role], *newline, *body, *newline]
        learn += [False] * (1 + len(newline)) + [role == "assistant"] * len(body) + [False] * len(newline)
    return ids, learn
