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
from .rounding import rounded_weights
from .sampling import DialogSampler

if TYPE_CHECKING:
    from tokenizers import Tokenizer


@dataclass(frozen=True)
class TrainingPlan:
    """Sizes of the run: steps and dialogs per step; seed and threads decide whether a run repeats exactly."""

    steps: int
    batch: int = 32
    peak_rate: float = 3e-3
    seed: int = 1234
    threads: int = 2
    rounding_from: float = 0.88  # share of the steps after which the weights are seen as int4


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


def train(tokenizer: Tokenizer, plan: TrainingPlan) -> Phi3ForCausalLM:
    """Returns the trained model in float32; prints loss and seconds on the way."""
    torch.manual_seed(plan.seed)
    torch.set_num_threads(plan.threads)
    torch.use_deterministic_algorithms(True)
    model = Phi3ForCausalLM(tiny_phi3_config()).train()
    optimizer = torch.optim.AdamW(
        model.parameters(), lr=plan.peak_rate, betas=(0.9, 0.98), weight_decay=0.01, fused=True
    )
    schedule = torch.optim.lr_scheduler.OneCycleLR(
        optimizer, max_lr=plan.peak_rate, total_steps=plan.steps, pct_start=0.1
    )
    sampler = DialogSampler(tokenizer, plan.seed)
    answer_loss = AnswerLoss(sampler.answer_ids())
    source = batches(sampler, plan.batch)
    started = time.monotonic()
    recent: list[float] = []
    for step in range(1, plan.steps + 1):
        optimizer.zero_grad()
        with rounded_weights(model, step > plan.rounding_from * plan.steps):
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
    return model.eval()
