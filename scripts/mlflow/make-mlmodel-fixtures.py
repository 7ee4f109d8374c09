#!/usr/bin/env python3
"""Makes test/fixtures/mlflow/mlmodel: what real MLflow writes and prints, for the tests of src/mlflow/format.

.cache/mlflow-requirements/bin/python scripts/mlflow/make-mlmodel-fixtures.py

Each folder holds one kind of model (MLmodel, environment files, examples, and expected.json with Python's view of it);
the JSON files beside them hold examples, schemas and YAML texts with what MLflow and PyYAML make of each. Ids, times and
paths are replaced, so that a second run writes the same bytes.
"""

from __future__ import annotations

import json
import os
import shutil
import tempfile
from pathlib import Path

os.environ.update(MLFLOW_DISABLE_TELEMETRY="true", DO_NOT_TRACK="true")

ROOT = Path(__file__).resolve().parent.parent.parent
OUT = ROOT / "test" / "fixtures" / "mlflow" / "mlmodel"


def main() -> None:
    work = Path(tempfile.mkdtemp(prefix="mlmodel-fixtures-"))
    os.chdir(work)
    os.environ["MLFLOW_TRACKING_URI"] = f"sqlite:///{work}/mlflow.db"
    try:
        # Only now, since MLflow reads the variables above when it is imported.
        from mlmodel_kinds import KINDS
        from mlmodel_record import record_model
        from mlmodel_tables import TABLES

        shutil.rmtree(OUT, ignore_errors=True)
        OUT.mkdir(parents=True)
        for name, make in KINDS.items():
            print(name)
            record_model(make(work / name), OUT / name, work)
        for name, table in TABLES.items():
            text = json.dumps(table(), indent=1)
            (OUT / f"{name}.json").write_text(text + "\n", encoding="utf8")
    finally:
        shutil.rmtree(work)


if __name__ == "__main__":
    main()
