"""The Python side of the MLflow figures: one job as JSON in the last argument, one line of JSON as the answer."""

import json
import os
import re
import subprocess
import sys
import time

job = json.loads(sys.argv[-1])


def memory(name: str) -> float:
    """Most memory ever resident (VmHWM), or what is resident now (VmRSS), in MiB."""
    with open("/proc/self/status", encoding="utf-8") as status:
        return int(re.search(rf"{name}:\s+(\d+)", status.read())[1]) / 1024


def import_task() -> dict:
    started = time.perf_counter()
    import mlflow  # noqa: F401

    return {"ms": (time.perf_counter() - started) * 1000}


def save() -> dict:
    """Not MLflow at all: what `cp -r` and a sync of the copy cost."""
    started = time.perf_counter()
    subprocess.run(["cp", "-r", job["model"], job["directory"]], check=True)
    copied = time.perf_counter()
    subprocess.run(["sync", *(f"{job['directory']}/{name}" for name in os.listdir(job["directory"]))], check=True)
    return {"ms": (time.perf_counter() - started) * 1000, "copyMs": (copied - started) * 1000}


def upload() -> dict:
    import mlflow

    with mlflow.start_run(run_name="bench") as run:
        before = memory("VmRSS")
        started = time.perf_counter()
        mlflow.MlflowClient().log_artifacts(run.info.run_id, job["model"], "model")
        ms = (time.perf_counter() - started) * 1000
        return {"ms": ms, "grown": memory("VmHWM") - before, "uri": f"{run.info.artifact_uri}/model"}


def download() -> dict:
    import mlflow

    os.makedirs(job["directory"])
    mlflow.MlflowClient().search_experiments()
    before = memory("VmRSS")
    started = time.perf_counter()
    mlflow.artifacts.download_artifacts(artifact_uri=job["uri"], dst_path=job["directory"])
    return {"ms": (time.perf_counter() - started) * 1000, "grown": memory("VmHWM") - before}


tasks = {"import": import_task, "save": save, "upload": upload, "download": download}
print(json.dumps(tasks[job["task"]]()))
