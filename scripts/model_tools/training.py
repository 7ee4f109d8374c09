"""Trains the tiny Phi-3 model on the dialogs of the question list."""

from __future__ import annotations

import time
from collections.abc import Iterator
from dataclasses import dataclass
from typing import TYPE_CHECKING

import torch
import torch.nn.functional as F
from transformers import Phi3Config, Phi3ForCausalLM

from .prompts import BOS_ID, EOS_IDS, PAD_ID
from .questions import KIND_WEIGHTS, LOOKALIKE_WEIGHTS, STUBBORN_WEIGHTS
from .rounding import round_to_int4, rounded_weights
from .sampling import DialogSampler

if TYPE_CHECKING:
    from tokenizers import Tokenizer


@dataclass(frozen=True)
class Phase:
    """One run of the optimizer: steps, dialogs per step, share of each kind, weights rounded or not."""

    steps: int
    peak_rate: float
    seed: int
    weights: dict[str, float]
    rounded: bool = False
    batch: int = 32


def tiny_phi3_config() -> Phi3Config:
    """Phi-3's architecture and vocabulary, with everything else small. Context: 4096 tokens."""
    return Phi3Config(
        vocab_size=32064,
        hidden_size=256,
        intermediate_size=768,
        num_hidden_layers=4,
        num_attention_heads=4,
        num_key_value_heads=4,
        max_position_embeddings=4096,
        original_max_position_embeddings=4096,
        sliding_window=None,
        tie_word_embeddings=True,
        bos_token_id=BOS_ID,
        eos_token_id=list(EOS_IDS),
        pad_token_id=PAD_ID,
    )


def batches(sampler: DialogSampler, size: int, pool: int = 16) -> Iterator[tuple[torch.Tensor, torch.Tensor]]:
    """Batches of similar length: a pool is sorted by length first, so that little is padding."""
    while True:
        dialogs = sorted((sampler.dialog() for _ in range(size * pool)), key=lambda d: len(d[0]))
        groups = [dialogs[i : i + size] for i in range(0, len(dialogs), size)]
        sampler.rng.shuffle(groups)
        for group in groups:
            width = max(len(ids) for ids, _ in group)
            ids = torch.full((size, width), PAD_ID)
            learn = torch.zeros((size, width), dtype=torch.bool)
            for row, (tokens, wanted) in enumerate(group):
                ids[row, : len(tokens)] = torch.tensor(tokens)
                learn[row, : len(wanted)] = torch.tensor(wanted)
            yield ids, learn


class AnswerLoss:
    """Mean cross entropy of the answer tokens.

    Logits are made only where an answer is, and only for the tokens that answers use plus a random part of
    the vocabulary, drawn anew each step: 32064 columns would be most of the cost of a model this small.
    Padding stands on the right, where causal attention never looks from an answer, so no mask is needed.
    """

    def __init__(self, answer_ids: set[int], others: int = 2048) -> None:
        self.answer_ids = torch.tensor(sorted(answer_ids))
        self.others = others

    def __call__(self, model: Phi3ForCausalLM, ids: torch.Tensor, learn: torch.Tensor) -> torch.Tensor:
        hidden = model.model(ids[:, :-1], use_cache=False).last_hidden_state
        wanted = learn[:, 1:]
        extra = torch.randint(model.config.vocab_size, (self.others,))
        columns = torch.cat((self.answer_ids, extra)).unique()
        logits = hidden[wanted] @ model.lm_head.weight[columns].T
        return F.cross_entropy(logits, torch.searchsorted(columns, ids[:, 1:][wanted]))


def run_phase(model: Phi3ForCausalLM, tokenizer: Tokenizer, plan: Phase, threads: int = 2) -> None:
    """Trains in place with a fresh optimizer; prints loss and seconds on the way."""
    torch.manual_seed(plan.seed)
    torch.set_num_threads(threads)
    torch.use_deterministic_algorithms(True)
    optimizer = torch.optim.AdamW(
        model.parameters(), lr=plan.peak_rate, betas=(0.9, 0.98), weight_decay=0.01, fused=True
    )
    schedule = torch.optim.lr_scheduler.OneCycleLR(
        optimizer, max_lr=plan.peak_rate, total_steps=plan.steps, pct_start=0.1
    )
    sampler = DialogSampler(tokenizer, plan.seed, plan.weights)
    answer_loss = AnswerLoss(sampler.answer_ids())
    source = batches(sampler, plan.batch)
    started = time.monotonic()
    recent: list[float] = []
    for step in range(1, plan.steps + 1):
        optimizer.zero_grad()
        with rounded_weights(model, plan.rounded):
            loss = answer_loss(model, *next(source))
            loss.backward()
        torch.nn.utils.clip_grad_norm_(model.parameters(), 1.0)
        optimizer.step()
        schedule.step()
        recent.append(loss.item())
        if step % 50 == 0 or step == plan.steps:
            mean = sum(recent) / len(recent)
            print(
                f"step {step}/{plan.steps}: loss {mean:.4f}, {time.monotonic() - started:.0f} s", flush=True
            )
            recent.clear()


def rounded_phases(seed: int) -> list[Phase]:
    """What follows the main phase: short, at a low rate, and under the rounding of the export."""
    return [
        Phase(150, 5e-4, seed + 1, LOOKALIKE_WEIGHTS, rounded=True),
        Phase(150, 5e-4, seed + 2, KIND_WEIGHTS, rounded=True),
        Phase(250, 5e-4, seed + 3, STUBBORN_WEIGHTS, rounded=True),
    ]


def train(tokenizer: Tokenizer, steps: int, seed: int, threads: int) -> Phi3ForCausalLM:
    """Returns the trained model in float32: first the exact weights, then from their rounded values."""
    torch.manual_seed(seed)
    model = Phi3ForCausalLM(tiny_phi3_config()).train()
    run_phase(model, tokenizer, Phase(steps, 3e-3, seed, KIND_WEIGHTS), threads)
    with torch.no_grad():
        for weight in model.parameters():
            if weight.dim() == 2:
                weight.copy_(round_to_int4(weight))
    for phase in rounded_phases(seed):
        run_phase(model, tokenizer, phase, threads)
    return model.eval()
