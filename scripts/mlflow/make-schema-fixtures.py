#!/usr/bin/env python3
"""Asks real MLflow about schema_cases.py and writes test/fixtures/mlflow/schema/{infer,enforce,params}.json.

    python scripts/mlflow/make-schema-fixtures.py [folder]

Values that JSON cannot hold are records with one key: $bytes (base64), $datetime (ISO, UTC), $tensor (dtype
and data), $float (nan, inf, or an integral value that is a float in Python), $int (digits, beyond 2**53).
"""

from __future__ import annotations

import base64
import copy
import json
import logging
import math
import sys
import warnings
from datetime import date, datetime
from pathlib import Path
from typing import Any

import mlflow
import numpy as np
import pandas as pd
from mlflow.models import infer_signature
from mlflow.models.utils import _enforce_params_schema, _enforce_schema
from mlflow.pyfunc.scoring_server import infer_and_parse_data
from mlflow.types.schema import ParamSchema, Schema
from mlflow.types.utils import _infer_schema
from schema_cases import ENFORCE, INFER, PARAMS

ROOT = Path(__file__).resolve().parent.parent.parent
SAFE = 2**53 - 1


def tagged(value: Any) -> Any:
    """The value as JSON with the tags above; numpy's scalars as Python's."""
    if isinstance(value, np.ndarray):
        # A text's dtype has its length in its name.
        name = value.dtype.name.rstrip("0123456789") if value.dtype.kind in "US" else value.dtype.name
        return {"$tensor": {"dtype": name, "data": tagged(value.tolist())}}
    if value is pd.NaT:
        return None
    if isinstance(value, pd.Timestamp):
        value = value.to_pydatetime()
    if isinstance(value, np.datetime64):
        value = pd.Timestamp(value).to_pydatetime()
    if isinstance(value, np.generic):
        value = value.item()
    if value is pd.NA:
        return None
    if isinstance(value, bool) or value is None or isinstance(value, str):
        return value
    if isinstance(value, int):
        return value if abs(value) <= SAFE else {"$int": str(value)}
    if isinstance(value, float):
        if math.isnan(value):
            return {"$float": "nan"}
        if math.isinf(value):
            return {"$float": "inf" if value > 0 else "-inf"}
        return {"$float": value} if value.is_integer() else value
    if isinstance(value, bytes):
        return {"$bytes": base64.b64encode(value).decode()}
    if isinstance(value, datetime):
        return {"$datetime": value.isoformat(timespec="microseconds")}
    if isinstance(value, date):
        return {"$datetime": datetime(value.year, value.month, value.day).isoformat(timespec="microseconds")}
    if isinstance(value, dict):
        return {str(key): tagged(item) for key, item in value.items()}
    if isinstance(value, (list, tuple)):
        return [tagged(item) for item in value]
    raise TypeError(f"{type(value)} has no tag")


def refusal(error: Exception) -> dict[str, Any]:
    text = " ".join(str(error).split())
    message = text if len(text) <= 160 else text[:157] + "..."
    return {"ok": False, "error": type(error).__name__, "message": message}


def plain_signature(signature: Any) -> Any:
    """The three schemas themselves, not the JSON strings."""
    return {
        name: None if text is None else tagged(json.loads(text))
        for name, text in ((name, signature.to_dict()[name]) for name in ("inputs", "outputs", "params"))
    }


def infer_case(data: Any, output: Any, params: Any) -> dict[str, Any]:
    case = {"input": tagged(data), "output": tagged(output), "params": tagged(params)}
    try:
        signature = infer_signature(copy.deepcopy(data), copy.deepcopy(output), copy.deepcopy(params))
    except Exception as error:  # noqa: BLE001 - any refusal is the fact that is recorded
        return {**case, "mlflow": refusal(error)}
    fallback = [name for name, value in (("inputs", data), ("outputs", output)) if falls_back(value)]
    return {**case, "mlflow": {"ok": True, "signature": plain_signature(signature), "fallback": fallback}}


def falls_back(value: Any) -> bool:
    """infer_signature does not raise: it warns and takes `any`."""
    if value is None:
        return False
    try:
        _infer_schema(copy.deepcopy(value))
    except Exception:  # noqa: BLE001
        return True
    return False


def enforce_case(specs: list[dict[str, Any]], way: str, value: Any) -> dict[str, Any]:
    case = {"schema": specs, "way": way, "input": tagged(value)}
    schema = Schema.from_json(json.dumps(specs))
    data = copy.deepcopy(value)
    try:
        if way == "frame":
            data = pd.DataFrame(data)
        elif way == "inputs":
            data = infer_and_parse_data({"inputs": data}, schema)
        elif way == "records":
            data = infer_and_parse_data({"dataframe_records": data}, schema)
        result = _enforce_schema(data, schema)
    except Exception as error:  # noqa: BLE001
        return {**case, "mlflow": refusal(error)}
    return {**case, "mlflow": {"ok": True, **plain_result(result)}}


def plain_result(result: Any) -> dict[str, Any]:
    if isinstance(result, pd.DataFrame):
        return {
            "rows": [
                {str(name): tagged(result[name].iloc[row]) for name in result.columns}
                for row in range(len(result))
            ]
        }
    named = result if isinstance(result, dict) else {"0": result}
    return {"tensors": {name: tagged(value) for name, value in named.items()}}


def params_case(specs: list[dict[str, Any]] | None, params: Any) -> dict[str, Any]:
    case = {"schema": specs, "params": tagged(params)}
    schema = None if specs is None else ParamSchema.from_json(json.dumps(specs))
    try:
        result = _enforce_params_schema(copy.deepcopy(params), schema)
    except Exception as error:  # noqa: BLE001
        return {**case, "mlflow": refusal(error)}
    return {**case, "mlflow": {"ok": True, "params": tagged(result)}}


def write(path: Path, cases: dict[str, Any]) -> None:
    document = {
        "mlflow": mlflow.__version__,
        "pandas": pd.__version__,
        "numpy": np.__version__,
        "cases": cases,
    }
    text = json.dumps(document, indent=1, ensure_ascii=False, allow_nan=False)
    path.write_text(text + "\n", encoding="utf-8")
    print(f"{path.name}: {len(cases)} cases")


def main() -> None:
    warnings.simplefilter("ignore")
    logging.disable(logging.CRITICAL)
    folder = Path(sys.argv[1]) if len(sys.argv) > 1 else ROOT / "test" / "fixtures" / "mlflow" / "schema"
    folder.mkdir(parents=True, exist_ok=True)
    write(folder / "infer.json", {name: infer_case(*case) for name, case in INFER.items()})
    write(folder / "enforce.json", {name: enforce_case(*case) for name, case in ENFORCE.items()})
    write(folder / "params.json", {name: params_case(*case) for name, case in PARAMS.items()})


if __name__ == "__main__":
    main()
