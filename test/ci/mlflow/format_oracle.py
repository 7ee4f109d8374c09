"""Answers the questions of format.test.ts with real MLflow: JSON from a file, JSON to a file.

python format_oracle.py QUESTION INPUT OUTPUT
"""

from __future__ import annotations

import json
import logging
import math
import os
import sys
import warnings

os.environ.update(MLFLOW_DISABLE_TELEMETRY="true", DO_NOT_TRACK="true")
warnings.simplefilter("ignore")
logging.disable(logging.ERROR)


def same(a, b) -> bool:
    """Equal with types, also for NaN and the sign of zero."""
    if type(a) is not type(b):
        return False
    if isinstance(a, float):
        return (math.isnan(a) and math.isnan(b)) or (a == b and math.copysign(1, a) == math.copysign(1, b))
    if isinstance(a, list):
        return len(a) == len(b) and all(map(same, a, b))
    if isinstance(a, dict):
        return a.keys() == b.keys() and all(same(a[key], b[key]) for key in a)
    return a == b


def marked(value):
    """From the JSON of the test, where a number is {"int": text} or {"float": text}."""
    if isinstance(value, list):
        return [marked(item) for item in value]
    if isinstance(value, dict):
        if "int" in value:
            return int(value["int"])
        if "float" in value:
            return float(value["float"])
        return {key: marked(item) for key, item in value["dict"]}
    return value


def yaml_texts(cases):
    """For each value and our text of it: what PyYAML reads wrongly, and PyYAML's own text."""
    import yaml

    class Dumper(yaml.SafeDumper):
        def ignore_aliases(self, data):
            return True

    answers = []
    for case in cases:
        value = marked(case["value"])
        try:
            read = yaml.safe_load(case["text"])
            wrong = None if same(read, value) else repr(read)
        except yaml.YAMLError as error:
            wrong = str(error)
        answers.append({"wrong": wrong, "text": yaml.dump(value, Dumper=Dumper, default_flow_style=False)})
    return answers


def models(pairs):
    """For each pair of directories: whether Python's to_dict of the second is that of the first."""
    from mlflow.models import Model

    answers = []
    for original, rewritten in pairs:
        first, second = (Model.load(path).to_dict() for path in (original, rewritten))
        names = sorted(name for name in {*first, *second} if first.get(name) != second.get(name))
        answers.append({"different": names})
    return answers


def signatures(texts):
    """repr() and to_dict() of signatures."""
    from mlflow.models import ModelSignature

    answers = []
    for text in texts:
        signature = ModelSignature.from_dict(text)
        answers.append({"repr": repr(signature), "dict": signature.to_dict()})
    return answers


def loads(directories):
    """What load_model says of each directory; null where it loads."""
    import mlflow

    answers = []
    for directory in directories:
        try:
            mlflow.pyfunc.load_model(directory)
            answers.append(None)
        except BaseException as error:  # noqa: BLE001 - whatever it is, it refuses
            answers.append(f"{type(error).__name__}: {error}"[:300])
    return answers


def examples(directories):
    """The input example of each directory as MLflow reads it, and its parameters."""
    from mlflow.models import Model

    answers = []
    for directory in directories:
        model = Model.load(directory)
        example = model.load_input_example(directory)
        answers.append({
            "input": example if isinstance(example, (dict, list, str)) else repr(example),
            "params": model.load_input_example_params(directory),
            "serving": json.loads(model.get_serving_input(directory)),
        })
    return answers


def environments(directories):
    """Whether MLflow's own readers take the three files."""
    from mlflow.utils.environment import _PythonEnv

    answers = []
    for directory in directories:
        read = _PythonEnv.from_yaml(os.path.join(directory, "python_env.yaml"))
        conda = _PythonEnv.from_conda_yaml(os.path.join(directory, "conda.yaml"))
        answers.append({"python": read.python, "build": read.build_dependencies, "conda": conda.dependencies})
    return answers


def saved(cases):
    """Saves a model with each signature; how it prints."""
    import mlflow
    from mlflow.models import ModelSignature

    class Answer(mlflow.pyfunc.PythonModel):
        def predict(self, context, model_input, params=None):
            return ["Run"]

    answers = []
    for directory, texts in cases:
        signature = ModelSignature.from_dict(texts)
        mlflow.pyfunc.save_model(
            directory,
            python_model=Answer(),
            signature=signature,
            pip_requirements=["numpy"],
            metadata={"on": "yes"},
        )
        answers.append(repr(signature))
    return answers


QUESTIONS = {
    "yaml_texts": yaml_texts,
    "models": models,
    "signatures": signatures,
    "loads": loads,
    "examples": examples,
    "environments": environments,
    "saved": saved,
}


def main() -> None:
    question, source, target = sys.argv[1:]
    with open(source, encoding="utf8") as file:
        answer = QUESTIONS[question](json.load(file))
    with open(target, "w", encoding="utf8") as file:
        json.dump(answer, file)


if __name__ == "__main__":
    main()
