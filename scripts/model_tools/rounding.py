"""Training under the rounding that the export will do.

The last phases of the training see the weights as int4 makes them (blocks of 32 along the input,
symmetric, as the exporter rounds), while the optimizer keeps and moves the exact ones. After the main phase
alone, 20 of 2061 answers of the exported model were wrong: look-alikes such as 10 + 10, or Ireland and Iraq.
"""

from __future__ import annotations

from collections.abc import Iterator
from contextlib import contextmanager
from typing import TYPE_CHECKING

import torch

if TYPE_CHECKING:
    from transformers import Phi3ForCausalLM

BLOCK = 32


def round_to_int4(weight: torch.Tensor) -> torch.Tensor:
    """The value nearest to each weight on its block's grid: 16 steps, the largest weight at step -8."""
    blocks = weight.reshape(-1, BLOCK)
    largest = blocks.gather(1, blocks.abs().argmax(dim=1, keepdim=True))
    scale = largest / -8
    scale = torch.where(scale == 0, torch.ones_like(scale), scale)
    return (blocks / scale).round_().clamp_(-8, 7).mul_(scale).reshape(weight.shape)


@contextmanager
def rounded_weights(model: Phi3ForCausalLM, active: bool) -> Iterator[None]:
    """Shows the model its matrices rounded, and puts the exact ones back before the optimizer's step."""
    matrices = [p for p in model.parameters() if p.dim() == 2] if active else []
    exact = [p.data for p in matrices]
    for p in matrices:
        p.data = round_to_int4(p.data)
    try:
        yield
    finally:
        for p, data in zip(matrices, exact, strict=True):
            p.data = data
