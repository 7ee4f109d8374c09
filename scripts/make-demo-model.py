#!/usr/bin/env python3
"""Makes models/phi3-demo: trains a tiny Phi-3 on a list of questions and exports it to int4 for CPU.

python scripts/make-demo-model.py              train and export (minutes on 2 cores)
python scripts/make-demo-model.py --check      ask the exported model every question
python scripts/make-demo-model.py --questions  print questions and answers as JSON
"""

from __future__ import annotations

import argparse
import json
from pathlib import Path

from model_tools.needs import require_packages
from model_tools.questions import as_records

ROOT = Path(__file__).resolve().parent.parent
DEMO = ROOT / "models" / "phi3-demo"


def parse_arguments() -> argparse.Namespace:
    parser = argparse.ArgumentParser(
        description=__doc__, formatter_class=argparse.RawDescriptionHelpFormatter
    )
    parser.add_argument(
        "--out", type=Path, default=DEMO, help="folder of the model (default: models/phi3-demo)"
    )
    parser.add_argument("--tokenizer", type=Path, default=DEMO, help="folder with Phi-3's tokenizer files")
    parser.add_argument(
        "--steps", type=int, default=1000, help="main phase: steps of 32 dialogs (default: 1000)"
    )
    parser.add_argument("--seed", type=int, default=1234)
    parser.add_argument("--threads", type=int, default=2, help="threads; another number gives other weights")
    parser.add_argument("--check", action="store_true", help="only ask the model in --out every question")
    parser.add_argument("--questions", action="store_true", help="only print questions and answers as JSON")
    return parser.parse_args()


def main() -> int:
    arguments = parse_arguments()
    if arguments.questions:
        print(json.dumps(as_records(), ensure_ascii=False, indent=1))
        return 0
    require_packages()
    if arguments.check:
        from model_tools.checking import check_model

        return check_model(arguments.out)

    from model_tools.export import check_tokenizer, export_int4
    from model_tools.training import train
    from tokenizers import Tokenizer

    check_tokenizer(arguments.tokenizer)
    tokenizer = Tokenizer.from_file(str(arguments.tokenizer / "tokenizer.json"))
    model = train(tokenizer, arguments.steps, arguments.seed, arguments.threads)
    export_int4(model, arguments.tokenizer, arguments.out)
    print(f"Written: {arguments.out}")
    return 0


if __name__ == "__main__":
    raise SystemExit(main())
