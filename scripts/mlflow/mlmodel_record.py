"""Copies the files of a model directory that are text, with ids, times and paths replaced, and records Python's view."""

from __future__ import annotations

import json
import re
import shutil
from pathlib import Path

import yaml
from mlflow.models import Model

from mlmodel_tables import marked

TEXTS = [
    "conda.yaml",
    "python_env.yaml",
    "requirements.txt",
    "input_example.json",
    "serving_input_example.json",
    "registered_model_meta",
]
TIME = "2026-01-31 12:00:00.123456"


def record_model(source: Path, target: Path, work: Path) -> None:
    target.mkdir()
    for name in TEXTS:
        if (source / name).exists():
            shutil.copyfile(source / name, target / name)
    data = yaml.safe_load((source / "MLmodel").read_text(encoding="utf8"))
    with open(target / "MLmodel", "w", encoding="utf8", newline="\n") as file:
        yaml.safe_dump(scrub(data, str(work)), file, default_flow_style=False)
    model = Model.load(str(target))
    expected = {
        "repr": None if model.signature is None else repr(model.signature),
        "to_dict": marked(model.to_dict()),
    }
    (target / "expected.json").write_text(
        json.dumps(expected, indent=1) + "\n", encoding="utf8"
    )


def scrub(data: dict, work: str) -> dict:
    if "utc_time_created" in data:
        data["utc_time_created"] = TIME
    for name in ["model_uuid", "model_id", "run_id"]:
        if data.get(name):
            data[name] = fixed_id(data[name])
    # Pickles are not the same twice.
    if "model_size_bytes" in data:
        data["model_size_bytes"] = 4023
    return replace(data, lambda text: re.sub(r"\b(m-)?[0-9a-f]{32}\b", lambda m: fixed_id(m[0]), text.replace(work, "/example")))


def fixed_id(text: str) -> str:
    return ("m-" if text.startswith("m-") else "") + "0123456789abcdef" * 2


def replace(value, change):
    if isinstance(value, dict):
        return {key: replace(item, change) for key, item in value.items()}
    if isinstance(value, list):
        return [replace(item, change) for item in value]
    return change(value) if isinstance(value, str) else value
