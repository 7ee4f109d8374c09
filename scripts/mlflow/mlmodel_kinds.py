"""The kinds of models, each made by real MLflow: a function takes a path to save to and returns the directory."""

from __future__ import annotations

import datetime
import logging
import warnings
from collections.abc import Callable
from pathlib import Path

import mlflow
import numpy as np
import pandas as pd
import yaml
from mlflow.models import Model, ModelSignature, infer_signature
from mlflow.types.agent import ChatAgentMessage, ChatAgentResponse
from mlflow.types.llm import ChatChoice, ChatCompletionResponse, ChatMessage
from mlflow.types.responses import ResponsesAgentResponse
from mlflow.types.schema import AnyType, Array, ColSpec, DataType, Map, Object, ParamSchema, ParamSpec, Property, Schema

from mlmodel_seed import SEED_CHAT, SEED_PROMPT

warnings.simplefilter("ignore")
logging.getLogger("mlflow").setLevel(logging.ERROR)

REQUIREMENTS = ["mlflow==3.17.2", "onnxruntime-genai==0.18.0"]


class Answer(mlflow.pyfunc.PythonModel):
    def predict(self, context, model_input, params=None):
        return ["Run"]


def save(path: Path, model: object = None, **options) -> Path:
    options.setdefault("pip_requirements", REQUIREMENTS)
    mlflow.pyfunc.save_model(str(path), python_model=Answer() if model is None else model, **options)
    return path


def source_model(path: Path, name: str = "cpu-int4-rtn-block-32-acc-level-4") -> str:
    folder = path.parent / "sources" / name
    folder.mkdir(parents=True, exist_ok=True)
    (folder / "genai_config.json").write_text("{}")
    return str(folder)


def seed_wrapper(path: Path) -> Path:
    return save(
        path,
        artifacts={"phi3-mini-onnx": source_model(path)},
        input_example=SEED_PROMPT,
        signature=infer_signature(SEED_PROMPT, ["Run"]),
        pip_requirements=None,
        extra_pip_requirements=["torch", "onnxruntime_genai", "numpy"],
    )


def code_paths(path: Path) -> Path:
    helper = path.parent / "helper_mod.py"
    helper.write_text("VALUE = 1\n")
    return save(path, code_paths=[str(helper)], signature=infer_signature(["hi"], ["Run"]))


def models_from_code(path: Path) -> Path:
    script = path.parent / "code_model.py"
    script.write_text(
        "import mlflow\n\n\nclass Answer(mlflow.pyfunc.PythonModel):\n"
        "    def predict(self, context, model_input, params=None):\n        return ['Run']\n\n\n"
        "mlflow.models.set_model(Answer())\n"
    )
    return save(path, str(script), artifacts={"phi3-mini-onnx": source_model(path)}, input_example=SEED_PROMPT)


def loader_module(path: Path) -> Path:
    loader = path.parent / "fixture_loader.py"
    loader.write_text(
        "class Answer:\n    def predict(self, data, params=None):\n        return ['Run']\n\n\n"
        "def _load_pyfunc(path, model_config=None):\n    return Answer()\n"
    )
    mlflow.pyfunc.save_model(
        str(path),
        loader_module="fixture_loader",
        data_path=source_model(path),
        code_paths=[str(loader)],
        pip_requirements=REQUIREMENTS,
        signature=infer_signature(SEED_PROMPT, ["Run"]),
    )
    return path


class Chat(mlflow.pyfunc.ChatModel):
    def predict(self, context, messages, params):
        return ChatCompletionResponse(
            choices=[ChatChoice(index=0, message=ChatMessage(role="assistant", content="Madrid"))], model="phi3"
        )


class Agent(mlflow.pyfunc.ChatAgent):
    def predict(self, messages, context=None, custom_inputs=None):
        return ChatAgentResponse(messages=[ChatAgentMessage(role="assistant", content="Madrid", id="1")])


class Responses(mlflow.pyfunc.ResponsesAgent):
    def predict(self, request):
        item = self.create_text_output_item(text="Madrid", id="msg_1")
        return ResponsesAgentResponse(output=[item])


class Hinted(mlflow.pyfunc.PythonModel):
    def predict(self, model_input: list[str], params=None) -> list[str]:
        return model_input


def params(path: Path) -> Path:
    values = {
        "temperature": 0.2,
        "max_tokens": 300,
        "do_sample": True,
        "prefix": "it's \"so\"",
        "stop": ["<|end|>", "\n"],
        "weights": [1.0, 0.5],
        "tiny": 1e-07,
        "whole": 1.0,
        "guidance": {"type": "json_schema", "strict": True, "depth": 2.0},
        "since": datetime.datetime(2026, 1, 31, 12, 30, 0, 250),
        "days": [datetime.date(2026, 1, 31)],
        "single": np.float32(0.1),
        "small": np.int32(5),
    }
    return save(path, signature=infer_signature(SEED_PROMPT, ["Run"], params=values))


def nested_types(path: Path) -> Path:
    inner = Object([Property("z", DataType.datetime), Property("a", Map(DataType.string), required=False)])
    inputs = Schema([
        ColSpec(Array(Array(DataType.float)), name="grid"),
        ColSpec(Map(Array(inner)), name="by name", required=False),
        ColSpec(AnyType(), name="it's any", required=False),
        ColSpec(Map(AnyType()), name="日本", required=False),
        ColSpec(inner, name='say "hi"'),
        ColSpec("binary", name="blob"),
        ColSpec("integer", name="line\nbreak"),
    ])
    return save(path, signature=ModelSignature(inputs, Schema([ColSpec(Array(DataType.boolean))])))


def awkward_texts(path: Path) -> Path:
    """Metadata and configuration with texts that YAML 1.1 takes for something else."""
    texts = ["yes", "on", "n", "~", "null", "", "=", "<<", "012", "0o17", "0x1F", "1_000", "12:30:45", "1e5", "1.5",
             ".5", "-.5", ".inf", "2026-01-31", "2026-01-31 10:00:00", " lead", "trail ", "a: b", "a #b", "- x", "#x",
             "two\nlines", "ends\n", "tab\t", "\u0007\u001b", "日本語", "😀", "\u2028", "'", '"', "\\", "x " * 60]
    metadata = {
        "texts": texts,
        "by_name": {text: index for index, text in enumerate(texts) if text},
        "day": datetime.date(2026, 1, 31),
        "time": datetime.datetime(2026, 1, 31, 10, 0, 0, 123456),
        "bytes": b"\x00\xffbytes",
        "numbers": [0, -1, 1.5, 1e-7, 1e16, 12345678901234567890, float("inf")],
        "empty": [{}, [], None],
    }
    save(path, model_config={"max_length": 300, "nested": {"temperature": 0.2, "on": "off"}})
    return with_metadata(path, metadata)


def with_metadata(path: Path, metadata: dict) -> Path:
    """Written into the file, since `save_model` wants what JSON can hold."""
    file = path / "MLmodel"
    data = yaml.safe_load(file.read_text())
    data["metadata"] = metadata
    file.write_text(yaml.safe_dump(data, default_flow_style=False))
    return path


def sklearn(path: Path) -> Path:
    from sklearn.linear_model import LinearRegression

    x = np.array([[1.0, 2.0], [3.0, 4.0]])
    model = LinearRegression().fit(x, [1.0, 2.0])
    mlflow.sklearn.save_model(
        model, str(path), signature=infer_signature(x, model.predict(x)), input_example=x, pip_requirements=REQUIREMENTS
    )
    return path


def logged(path: Path) -> Path:
    """A model of a run, registered, and downloaded by its version."""
    mlflow.set_experiment("fixtures")
    with mlflow.start_run():
        mlflow.pyfunc.log_model(
            name="phi3",
            python_model=Answer(),
            input_example=SEED_PROMPT,
            signature=infer_signature(SEED_PROMPT, ["Run"]),
            registered_model_name="phi3-registered",
            pip_requirements=REQUIREMENTS,
        )
    mlflow.artifacts.download_artifacts("models:/phi3-registered/1", dst_path=str(path))
    return path


def transformers(path: Path) -> Path:
    """By hand, since the flavor's packages are gigabytes: the keys that `mlflow.transformers` writes."""
    path.mkdir()
    flavor = {
        "transformers_version": "4.57.0",
        "code": None,
        "task": "text-generation",
        "instance_type": "TextGenerationPipeline",
        "framework": "pt",
        "torch_dtype": "torch.bfloat16",
        "pipeline_model_type": "Phi3ForCausalLM",
        "source_model_name": "microsoft/Phi-3-mini-4k-instruct",
        "model_binary": "model",
        "tokenizer_type": "LlamaTokenizerFast",
        "components": ["tokenizer"],
        "inference_task": "llm/v1/chat",
    }
    pyfunc = {
        "loader_module": "mlflow.transformers",
        "python_version": "3.11.7",
        "code": None,
        "env": {"conda": "conda.yaml", "virtualenv": "python_env.yaml"},
    }
    Model(
        flavors={"transformers": flavor, "python_function": pyfunc},
        signature=ModelSignature.from_dict(SEED_CHAT),
        metadata={"task": "llm/v1/chat"},
    ).save(str(path / "MLmodel"))
    return path


FRAME = pd.DataFrame({"prompt": ["hi", "yo"]})
TENSOR = np.array([[1.0, 2.0]])

KINDS: dict[str, Callable[[Path], Path]] = {
    "seed-wrapper": seed_wrapper,
    "code-paths": code_paths,
    "models-from-code": models_from_code,
    "loader-module": loader_module,
    "chat-model": lambda path: save(path, Chat()),
    "chat-agent": lambda path: save(path, Agent()),
    "responses-agent": lambda path: save(path, Responses()),
    "type-hint": lambda path: save(path, Hinted(), input_example=["hi"]),
    "tensor": lambda path: save(path, signature=infer_signature(TENSOR, {"logits": TENSOR, "ids": np.array([1])})),
    "params": params,
    "nested-types": nested_types,
    "awkward-texts": awkward_texts,
    "other-names": lambda path: with_metadata(save(path), {7: "a", 1.5: "b", True: "c"}),
    "metadata-config": lambda path: save(
        path, metadata={"task": "llm/v1/chat", "tags": ["a", "b"]}, model_config={"temperature": 0.2}
    ),
    "no-signature": lambda path: save(path),
    "no-example": lambda path: save(path, signature=infer_signature(SEED_PROMPT, ["Run"])),
    "dataframe-example": lambda path: save(path, input_example=FRAME),
    "counted-columns": lambda path: save(path, input_example=pd.DataFrame([[1, "a"], [2, "b"]])),
    "params-example": lambda path: save(path, input_example=(SEED_PROMPT, {"temperature": 0.1, "stop": ["a"]})),
    "list-example": lambda path: save(path, input_example=["hi", "yo"]),
    "seed-chat": lambda path: save(path, signature=ModelSignature.from_dict(SEED_CHAT)),
    "sklearn": sklearn,
    "logged": logged,
    "transformers": transformers,
}
