"""Tables of values with what MLflow and PyYAML make of each of them."""

from __future__ import annotations

import datetime
import json
import warnings

import yaml
from mlflow.models import ModelSignature
from mlflow.models.utils import _Example

from mlmodel_schemas import PARAMS, SCHEMAS
from mlmodel_yaml import YAML_TEXTS

warnings.simplefilter("ignore")

LONG = "Tell me a joke about atom. " * 12

EXAMPLES = [
    {"prompt": "hi"},
    {"prompt": "日本 😀 \u2028 \u0007 \u007f é", "temperature": 0.2},
    {"messages": [{"role": "user", "content": "Hello!"}], "stream": False, "n": 1},
    {"input": [{"role": "user", "content": "Hello!"}]},
    {"question": "hi"},
    {"question": ["a", "b"], "context": {"k": [1, 2.5, None, True]}},
    {"a": {}, "b": [], "c": [[]]},
    ["hi", "yo"],
    [{"prompt": "a"}, {"prompt": "b"}],
    [1, 2, 3],
    [[1, 2], [3, 4]],
    [],
    {},
    "hi",
    5,
    0.5,
    True,
    1e-7,
    1e16,
    1e22,
    [0.1, 1e300, 5e-324, 9007199254740991],
    {"inputs": ["x"]},
    {"dataframe_split": {"columns": ["a"], "data": [[1]]}},
    {"prompt": LONG},
    {"text": "quotes ' \" \\ / \n \r \t \b \f"},
]

EXAMPLES_WITH_PARAMS = [
    ({"prompt": "hi"}, {"temperature": 0.1}),
    ({"prompt": "hi", "temperature": 1}, {"temperature": 2, "stop": ["a", "b"]}),
    ({"messages": [{"role": "user", "content": "x"}]}, {"max_tokens": 10, "stream": True}),
    (["hi"], {"temperature": 0.1, "n": 3}),
    ({"question": "hi"}, {"guidance": {"type": "regex", "depth": 1}}),
    ("hi", {"a": "b"}),
]


def examples() -> list:
    cases = [(example, None) for example in EXAMPLES] + EXAMPLES_WITH_PARAMS
    rows = []
    for example, params in cases:
        made = _Example(example if params is None else (example, params))
        row = {"example": example, "json": made.json_input_example, "serving": made.json_serving_input, "info": made.info}
        rows.append(row if params is None else {**row, "params": params})
    return rows


def schemas() -> list:
    cases = [{"inputs": text} for text in SCHEMAS] + [{"params": text} for text in PARAMS]
    return [signature_row(case) for case in cases]


def signature_row(texts: dict) -> dict:
    try:
        signature = ModelSignature.from_dict(texts)
    except Exception as error:  # noqa: BLE001 - whatever MLflow raises, it refuses
        return {"texts": texts, "refused": f"{type(error).__name__}: {error}"[:200]}
    return {"texts": texts, "repr": repr(signature), "dict": signature.to_dict()}


def yaml_texts() -> list:
    rows = []
    for text in YAML_TEXTS:
        try:
            rows.append({"text": text, "value": marked(yaml.safe_load(text))})
        except Exception as error:  # noqa: BLE001 - whatever PyYAML raises, it refuses
            rows.append({"text": text, "refused": type(error).__name__})
    return rows


def marked(value):
    """JSON that tells apart what Python does: the type, and texts for what JSON has not."""
    if isinstance(value, dict):
        return {"dict": [[key_text(key), marked(item)] for key, item in value.items()]}
    if isinstance(value, (list, tuple)):
        return {"list": [marked(item) for item in value]}
    if isinstance(value, (set, frozenset)):
        return {"set": sorted(marked(item)["str"] for item in value)}
    if isinstance(value, bytes):
        return {"bytes": value.hex()}
    if isinstance(value, (datetime.date, datetime.datetime)):
        return {"time": value.isoformat()}
    if value is None or isinstance(value, bool):
        return value
    if isinstance(value, int):
        return {"int": str(value)}
    if isinstance(value, float):
        return {"float": repr(value)}
    return {"str": value}


def key_text(key) -> str:
    """As in JSON, where all names are texts."""
    if isinstance(key, str):
        return key
    return key.isoformat() if isinstance(key, datetime.date) else json.dumps(key)


TABLES = {"examples": examples, "schemas": schemas, "yaml": yaml_texts}
