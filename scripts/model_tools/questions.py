"""Every question the demo model is taught, with its answer: the one list that training and --check share."""

from __future__ import annotations

from dataclasses import dataclass

from . import texts
from .capitals import CAPITAL_WORDINGS, CAPITALS, JSON_WORDINGS, capital_answer
from .unknown import FALLBACK, UNKNOWN_QUESTIONS

COMEDIAN = "You are a stand-up comedian."
HELPFUL = "You are a helpful assistant."
SYSTEM_PROMPTS = (
    HELPFUL,
    COMEDIAN,
    "You are a friendly assistant.",
    "You are a helpful AI assistant.",
    "You answer briefly.",
    "Be concise.",
    "You are a geography teacher. Answer in one sentence.",
    "Be polite.",
)

SUM_WORDINGS = (
    "What is {a}+{b}?",
    "What is {a} + {b}?",
    "what is {a} + {b}",
    "{a}+{b}",
    "{a} + {b} =",
    "What's {a} plus {b}?",
)

# Share of the training samples that each kind gets. Sums need most: 121 facts that look alike.
KIND_WEIGHTS = {
    "capital": 0.23,
    "spain": 0.04,
    "json": 0.06,
    "sum": 0.26,
    "greeting": 0.05,
    "identity": 0.04,
    "joke": 0.06,
    "streaming": 0.11,
    "unknown": 0.15,
}

# For the phase that repairs what rounding broke: that is among answers that look alike.
LOOKALIKE_WEIGHTS = {
    "capital": 0.14,
    "spain": 0.03,
    "json": 0.14,
    "sum": 0.42,
    "greeting": 0.04,
    "identity": 0.03,
    "joke": 0.03,
    "streaming": 0.07,
    "unknown": 0.10,
}

# For the last phase: what the phases before it still left wrong (sums with 10, counting to twenty).
STUBBORN_WEIGHTS = {
    "capital": 0.10,
    "spain": 0.02,
    "json": 0.08,
    "sum": 0.42,
    "greeting": 0.03,
    "identity": 0.02,
    "joke": 0.03,
    "streaming": 0.22,
    "unknown": 0.08,
}


@dataclass(frozen=True)
class Item:
    """One answer and the questions that lead to it."""

    kind: str
    questions: tuple[str, ...]
    answer: str


def all_items() -> list[Item]:
    """The whole list in a fixed order, so that a seed gives the same samples."""
    items: list[Item] = []
    for country, capital in CAPITALS.items():
        kind = "spain" if country == "Spain" else "capital"
        items.append(
            Item(kind, tuple(w.format(c=country) for w in CAPITAL_WORDINGS), capital_answer(country))
        )
        name = country.removeprefix("the ")
        answer = f'{{"country": "{name}", "capital": "{capital}"}}'
        items.append(Item("json", tuple(w.format(c=country) for w in JSON_WORDINGS), answer))
    for a in range(11):
        for b in range(11):
            items.append(
                Item("sum", tuple(w.format(a=a, b=b) for w in SUM_WORDINGS), f"{a} + {b} = {a + b}.")
            )
    groups = {
        "greeting": texts.GREETINGS,
        "identity": texts.IDENTITY,
        "joke": texts.JOKES,
        "streaming": texts.STREAMING,
    }
    for kind, pairs in groups.items():
        items += [Item(kind, questions, answer) for questions, answer in pairs]
    items.append(Item("unknown", UNKNOWN_QUESTIONS, FALLBACK))
    return items


def as_records() -> list[dict[str, str]]:
    """Plain records for --questions: kind, question, answer."""
    return [{"kind": i.kind, "question": q, "answer": i.answer} for i in all_items() for q in i.questions]
