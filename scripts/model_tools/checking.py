"""Asks an exported model every trained question through onnxruntime_genai, greedily."""

from __future__ import annotations

import time
from collections import defaultdict
from dataclasses import dataclass
from pathlib import Path

import onnxruntime_genai as og
from tokenizers import Tokenizer

from .prompts import Message, encode_dialog, template_text
from .questions import COMEDIAN, HELPFUL, all_items
from .texts import ATOM_JOKE
from .unknown import FALLBACK, UNSEEN_QUESTIONS

# A wrong answer to one of these fails the check; a wrong answer to an unknown question is only counted.
MUST_BE_RIGHT = ("capital", "spain", "json", "sum", "greeting", "identity", "joke", "streaming", "chat")
MAX_NEW_TOKENS = 320
THREADS = 2


@dataclass(frozen=True)
class Case:
    """One prompt and the answer it must get."""

    kind: str
    messages: tuple[Message, ...]
    answer: str
    newline: str = "\n"


def chat_cases() -> list[Case]:
    """Two and three turns: the answer must be that of the last question."""
    known = [
        (i.questions[0], i.answer) for i in all_items() if i.kind in ("capital", "sum", "greeting", "spain")
    ]
    cases = []
    for n in range(40):
        turns = [known[(n * 37 + k * 53) % len(known)] for k in range(2 + n % 2)]
        history = [m for q, a in turns[:-1] for m in (("user", q), ("assistant", a))]
        cases.append(Case("chat", (*history, ("user", turns[-1][0])), turns[-1][1]))
    return cases


def all_cases() -> list[Case]:
    """Every question in the template's form, every fifth also in the raw form with a system prompt."""
    pairs = [(i.kind, q, i.answer) for i in all_items() for q in i.questions]
    cases = [Case(kind, (("user", q),), answer) for kind, q, answer in pairs]
    for kind, question, answer in pairs[::5]:
        cases.append(Case(kind, (("system", HELPFUL), ("user", question)), answer, newline=""))
    joke = (("system", COMEDIAN), ("user", "Tell me a joke about atom"))
    cases += [Case("joke", joke, ATOM_JOKE, newline) for newline in ("", "\n")]
    return cases + chat_cases()


class Asker:
    """A loaded model that answers one prompt at a time."""

    def __init__(self, folder: Path) -> None:
        config = og.Config(str(folder))
        config.overlay(
            f'{{"model": {{"decoder": {{"session_options": {{"intra_op_num_threads": {THREADS}}}}}}}}}'
        )
        self.model = og.Model(config)
        self.tokenizer = og.Tokenizer(self.model)
        self.reference = Tokenizer.from_file(str(folder / "tokenizer.json"))

    def ask(self, case: Case) -> str:
        """The greedy answer. Its first token carries a space, as Phi-3's do, which is taken off here."""
        prompt = self.tokenizer.encode(template_text(list(case.messages), case.newline))
        trained = encode_dialog(self.reference, list(case.messages))[0]
        if list(prompt)[:-1] != trained:
            raise SystemExit(f"The runtime's tokenizer gives other ids than training used: {case.messages}")
        parameters = og.GeneratorParams(self.model)
        parameters.set_search_options(do_sample=False, max_length=len(prompt) + MAX_NEW_TOKENS)
        generator = og.Generator(self.model, parameters)
        generator.append_tokens(prompt)
        answer: list[int] = []
        while not generator.is_done():
            generator.generate_next_token()
            answer.append(int(generator.get_next_tokens()[0]))
        return str(self.tokenizer.decode(answer)).removeprefix(" ")


def check_model(folder: Path) -> int:
    """Prints wrong answers and `N of N right`; returns 1 when one of MUST_BE_RIGHT is wrong."""
    asker, started = Asker(folder), time.monotonic()
    right: dict[str, int] = defaultdict(int)
    total: dict[str, int] = defaultdict(int)
    for case in all_cases():
        answer = asker.ask(case)
        total[case.kind] += 1
        right[case.kind] += answer == case.answer
        if answer != case.answer:
            print(f"wrong ({case.kind}): {case.messages[-1][1]!r} -> {answer[:120]!r}")
    unseen = sum(asker.ask(Case("unseen", (("user", q),), FALLBACK)) == FALLBACK for q in UNSEEN_QUESTIONS)
    for kind, count in total.items():
        print(f"{kind}: {right[kind]} of {count}")
    print(f"never trained, answered with the fallback: {unseen} of {len(UNSEEN_QUESTIONS)}")
    print(f"{sum(right.values())} of {sum(total.values())} right in {time.monotonic() - started:.0f} s")
    return int(any(right[kind] != total[kind] for kind in MUST_BE_RIGHT))
