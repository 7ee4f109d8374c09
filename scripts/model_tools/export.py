"""Runs the official model builder on a local folder: int4 for CPU, block size 32, accuracy level 4."""

from __future__ import annotations

import os
import shutil
import subprocess
import sys
import tempfile
from pathlib import Path
from typing import TYPE_CHECKING

from transformers.utils import logging

if TYPE_CHECKING:
    from transformers import Phi3ForCausalLM

TOKENIZER_FILES = ("tokenizer.json", "tokenizer_config.json")
BUILT_FILES = ("model.onnx", "model.onnx.data", "genai_config.json")


def check_tokenizer(folder: Path) -> None:
    """Ends with a plain message when the tokenizer files are not there."""
    missing = [name for name in TOKENIZER_FILES if not (folder / name).is_file()]
    if missing:
        raise SystemExit(
            f"{folder} lacks {' and '.join(missing)}: name a folder with Phi-3's tokenizer (--tokenizer)."
        )


def export_int4(model: Phi3ForCausalLM, tokenizer_dir: Path, out: Path) -> None:
    """Writes the model and the tokenizer into `out`.

    The tokenizer files are copied as they are: the builder saves them through transformers, which doubles
    tokenizer.json and moves the chat template out of tokenizer_config.json.
    """
    logging.disable_progress_bar()
    out.mkdir(parents=True, exist_ok=True)
    with tempfile.TemporaryDirectory(prefix="phi3-export-", dir=out.parent) as temporary:
        source, built = Path(temporary, "hf"), Path(temporary, "onnx")
        model.save_pretrained(source)
        for name in TOKENIZER_FILES:
            shutil.copyfile(tokenizer_dir / name, source / name)
        _run_builder(source, built, Path(temporary, "cache"), shared=model.config.tie_word_embeddings)
        for name in BUILT_FILES:
            shutil.move(built / name, out / name)
    if tokenizer_dir.resolve() != out.resolve():
        for name in TOKENIZER_FILES:
            shutil.copyfile(tokenizer_dir / name, out / name)


def _run_builder(source: Path, built: Path, cache: Path, shared: bool) -> None:
    """Offline and quiet; its output is shown only when it fails."""
    command = [sys.executable, "-m", "onnxruntime_genai.models.builder"]
    command += ["-i", str(source), "-o", str(built), "-c", str(cache), "-p", "int4", "-e", "cpu"]
    command += ["--extra_options", "block_size=32", "accuracy_level=4", "hf_token=false"]
    if shared:
        command.append("shared_embeddings=true")
    offline = {**os.environ, "HF_HUB_OFFLINE": "1", "TRANSFORMERS_OFFLINE": "1"}
    result = subprocess.run(
        command, check=False, env=offline, stdout=subprocess.PIPE, stderr=subprocess.STDOUT, text=True
    )
    if result.returncode != 0:
        print(result.stdout[-4000:], file=sys.stderr)
        raise SystemExit("The model builder failed.")
