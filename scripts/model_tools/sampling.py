"""Draws training dialogs: a random kind, question, system prompt, history and chat form."""

from __future__ import annotations

import random
from typing import TYPE_CHECKING

from .prompts import END, NEWLINE_FORMS, Message, encode_dialog
from .questions import COMEDIAN, SYSTEM_PROMPTS, Item, all_items
from .unknown import FALLBACK, UNKNOWN_FRAMES, UNSEEN_QUESTIONS

if TYPE_CHECKING:
    from tokenizers import Tokenizer

# Answers longer than this stay out of multi-turn samples, in characters: they would make a batch slow.
HISTORY_ANSWER_LIMIT = 400


class DialogSampler:
    """Seeded source of (ids, learn) pairs."""

    def __init__(self, tokenizer: Tokenizer, seed: int, weights: dict[str, float]) -> None:
        self.tokenizer = tokenizer
        self.weights = weights
        self.rng = random.Random(seed)
        self.by_kind: dict[str, list[Item]] = {kind: [] for kind in weights}
        for item in all_items():
            self.by_kind[item.kind].append(item)
        self.words = self._plain_words()

    def _plain_words(self) -> list[str]:
        """Whole words of the vocabulary: topics for questions that nobody wrote down."""
        reserved = {w for i in all_items() if i.kind != "unknown" for q in i.questions for w in q.split()}
        pieces = [p for p, _ in sorted(self.tokenizer.get_vocab().items(), key=lambda kv: kv[1])]
        words = [
            p[1:] for p in pieces if p.startswith("▁") and len(p) > 3 and p[1:].isascii() and p[1:].isalpha()
        ]
        return [w for w in words if w not in reserved]

    def answer_ids(self) -> set[int]:
        """Every token id that an answer holds."""
        answers = {item.answer for items in self.by_kind.values() for item in items}
        return {END}.union(*(self.tokenizer.encode(answer).ids for answer in answers))

    def _made_up_question(self) -> str:
        """A question outside the list, or a sum outside 0..10; never one of those kept for --check."""
        rng = self.rng
        while True:
            if rng.random() < 0.12:
                question = f"What is {rng.randint(11, 999)} + {rng.randint(11, 999)}?"
            else:
                topic, other = (" ".join(rng.choices(self.words, k=rng.randint(1, 3))) for _ in range(2))
                question = rng.choice(UNKNOWN_FRAMES).format(t=topic, u=other)
            if question not in UNSEEN_QUESTIONS:
                return question

    def question(self) -> tuple[str, str]:
        """One question and its answer."""
        rng = self.rng
        kind = rng.choices(list(self.weights), weights=list(self.weights.values()))[0]
        item = rng.choice(self.by_kind[kind])
        if kind == "unknown" and rng.random() < 0.7:
            return self._made_up_question(), FALLBACK
        text = rng.choice(item.questions)
        noise = rng.random()
        if noise < 0.06:
            text = text.lower()
        elif noise < 0.12 and kind != "sum":
            text = text.rstrip("?.!") or text
        return text, item.answer

    def dialog(self) -> tuple[list[int], list[bool]]:
        """One sample, of one to three turns."""
        rng = self.rng
        turns = [self.question() for _ in range(rng.choices((1, 2, 3), weights=(0.76, 0.16, 0.08))[0])]
        if len(turns) > 1:
            turns = [t for t in turns if len(t[1]) <= HISTORY_ANSWER_LIMIT] or turns[:1]
        messages: list[Message] = []
        if rng.random() < 0.45:
            is_joke = "joke" in turns[0][0]
            messages.append(
                ("system", COMEDIAN if is_joke and rng.random() < 0.6 else rng.choice(SYSTEM_PROMPTS))
            )
        for question, answer in turns:
            messages += [("user", question), ("assistant", answer)]
        newline = rng.choices(NEWLINE_FORMS, weights=(0.86, 0.07, 0.07))[0]
        return encode_dialog(self.tokenizer, messages, newline)
