#!/usr/bin/env python3
"""Makes the benchmark model: Phi-3-mini's true shape with fewer layers and random weights, int4 for CPU.

Speed depends on shape and not on what the weights know, so nothing is downloaded or trained.

    python scripts/make-bench-model.py                      .cache/bench-model, 4 of 32 layers
    python scripts/make-bench-model.py --layers 8 --out DIR
"""

from __future__ import annotations

import argparse
import time
from pathlib import Path

from model_tools.needs import require_packages

ROOT = Path(__file__).resolve().parent.parent


def parse_arguments() -> argparse.Namespace:
    parser = argparse.ArgumentParser(
        description=__doc__, formatter_class=argparse.RawDescriptionHelpFormatter
    )
    parser.add_argument("--out", type=Path, default=ROOT / ".cache" / "bench-model")
    parser.add_argument("--layers", type=int, default=4, help="layers of Phi-3-mini's 32 (default: 4)")
    parser.add_argument("--tokenizer", type=Path, default=ROOT / "models" / "phi3-demo")
    parser.add_argument("--seed", type=int, default=1234)
    return parser.parse_args()


def main() -> int:
    arguments = parse_arguments()
    require_packages()

    from model_tools.export import check_tokenizer, export_int4
    from model_tools.random_model import folder_megabytes, random_phi3_mini, try_model

    started = time.monotonic()
    check_tokenizer(arguments.tokenizer)
    export_int4(random_phi3_mini(arguments.layers, arguments.seed), arguments.tokenizer, arguments.out)
    tokens = try_model(arguments.out)
    seconds = time.monotonic() - started
    size = folder_megabytes(arguments.out)
    print(f"Written: {arguments.out}, {size:.0f} MB in {seconds:.0f} s, {tokens} tokens tried")
    return 0


if __name__ == "__main__":
    raise SystemExit(main())
