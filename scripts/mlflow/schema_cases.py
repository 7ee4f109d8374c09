"""The values whose signature MLflow infers, and the inputs that it enforces, for make-schema-fixtures.py."""

from __future__ import annotations

from datetime import datetime
from typing import Any

import numpy as np

NAN = float("nan")


def column(
    kind: str | dict[str, Any], name: str | int | None = None, required: bool = True
) -> dict[str, Any]:
    spec = {"type": kind} if isinstance(kind, str) else dict(kind)
    return {**spec, **({} if name is None else {"name": name}), "required": required}


def array(items: str | dict[str, Any]) -> dict[str, Any]:
    return {"type": "array", "items": {"type": items} if isinstance(items, str) else items}


def mapping(values: str | dict[str, Any]) -> dict[str, Any]:
    return {"type": "map", "values": {"type": values} if isinstance(values, str) else values}


def record(**properties: str | dict[str, Any]) -> dict[str, Any]:
    """A name that ends with `_` is optional."""
    return {
        "type": "object",
        "properties": {
            name.rstrip("_"): {
                **({"type": kind} if isinstance(kind, str) else kind),
                "required": not name.endswith("_"),
            }
            for name, kind in properties.items()
        },
    }


def tensor(dtype: str, shape: list[int], name: str | None = None) -> dict[str, Any]:
    spec = {"type": "tensor", "tensor-spec": {"dtype": dtype, "shape": shape}}
    return spec if name is None else {**spec, "name": name}


def nested(levels: int) -> Any:
    return {"a": nested(levels - 1)} if levels > 0 else "x"


MESSAGE = record(content="string", name_="string", role="string")
CHAT = [
    column(array(MESSAGE), "messages"),
    column("double", "temperature", False),
    column("long", "max_tokens", False),
    column(array("string"), "stop", False),
    column("long", "n", False),
    column("boolean", "stream", False),
]
HI = {"role": "user", "content": "hi"}
PROMPT = [column("string", "prompt")]

# name: what goes to infer_signature, as (input, output, params).
INFER: dict[str, tuple[Any, Any, Any]] = {
    "seed prompt": ({"prompt": "What is the capital of Spain?"}, ["Run"], None),
    "seed chat": (
        {
            "messages": [
                {"role": "system", "content": "You are a stand-up comedian."},
                {"role": "user", "content": "Tell me a joke about atom"},
            ]
        },
        [
            {
                "id": "x",
                "object": "chat.completion",
                "created": 1,
                "model": "phi3",
                "choices": [
                    {
                        "index": 0,
                        "finish_reason": "stop",
                        "message": {"role": "assistant", "content": "ok"},
                    }
                ],
                "usage": {"prompt_tokens": 11, "completion_tokens": 73, "total_tokens": 84},
            }
        ],
        None,
    ),
    "string": ("hi", None, None),
    "empty string": ("", None, None),
    "integer": (5, None, None),
    "negative integer": (-3, None, None),
    "zero": (0, None, None),
    "float": (0.5, None, None),
    "float with an integral value": (2.0, None, None),
    "infinity": (float("inf"), None, None),
    "nan": (NAN, None, None),
    "true": (True, None, None),
    "bytes": (b"\x00\xff", None, None),
    "datetime": (datetime(2024, 5, 17, 12, 30, 15), None, None),
    "large integer": (2**53 + 1, None, None),
    "largest int64": (2**63 - 1, None, None),
    "beyond int64": (2**63, None, None),
    "nothing": (None, None, None),
    "only output": (None, ["Run"], None),
    "only params": (None, None, {"temperature": 0.2}),
    "list of strings": (["a", "b"], None, None),
    "list of integers": ([1, 2], None, None),
    "list of floats": ([0.5, 1.5], None, None),
    "list of integers and floats": ([1, 2.5], None, None),
    "list of floats, one integral": ([0.5, 2.0], None, None),
    "list of booleans": ([True, False], None, None),
    "list of bytes": ([b"a", b"bc"], None, None),
    "list of datetimes": ([datetime(2024, 5, 17), datetime(2025, 1, 1)], None, None),
    "list with null": (["a", None], None, None),
    "list with null first": ([None, "a"], None, None),
    "list of floats with nan": ([0.5, NAN], None, None),
    "list of nulls": ([None, None], None, None),
    "empty list": ([], None, None),
    "list of mixed scalars": ([1, "a"], None, None),
    "list of bool and integer": ([True, 1], None, None),
    "list of lists": ([["a", "b"], ["c"]], None, None),
    "list of lists with an empty one": ([["a"], []], None, None),
    "list of lists, empty first": ([[], ["a"]], None, None),
    "list of empty lists": ([[], []], None, None),
    "list of lists and null": ([["a"], None], None, None),
    "list of mixed lists": ([["a"], [1]], None, None),
    "list of list and scalar": ([["a"], "b"], None, None),
    "list of deep lists": ([[[1, 2], [3]], [[4]]], None, None),
    "empty record": ({}, None, None),
    "list of empty records": ([{}, {}], None, None),
    "record of scalars": ({"b": True, "a": 1, "c": 0.5, "d": "x"}, None, None),
    "record with bytes and datetime": ({"raw": b"x", "when": datetime(2024, 5, 17)}, None, None),
    "record with null": ({"a": "x", "b": None}, None, None),
    "record with nan": ({"a": "x", "b": NAN}, None, None),
    "record with a list of strings": ({"prompt": ["a", "b"]}, None, None),
    "record with a list and null": ({"prompt": ["a", None]}, None, None),
    "record with an empty list": ({"a": [], "b": 1}, None, None),
    "record with an empty record": ({"a": {}, "b": 1}, None, None),
    "record with a mixed list": ({"a": [1, "x"]}, None, None),
    "record with a record": ({"a": {"z": 1, "b": "x"}}, None, None),
    "property names are sorted": (
        {"a": {"b": 1, "B": 1, "_": 1, "10": 1, "2": 1, "é": 1, "\U0001f600": 1, "\uff5e": 1}},
        None,
        None,
    ),
    "record with null in a record": ({"a": {"x": None, "y": 1}}, None, None),
    "record with deep records": ({"a": {"b": {"c": {"d": [{"e": 1}]}}}}, None, None),
    "record of 70 levels": (nested(70), None, None),
    "records": ([{"a": 1, "b": "x"}, {"a": 2, "b": "y"}], None, None),
    "records, one key missing": ([{"a": 1, "b": "x"}, {"a": 2}], None, None),
    "records, null in one": ([{"a": 1, "b": "x"}, {"a": None, "b": "y"}], None, None),
    "records, null everywhere": ([{"a": None, "b": 1}, {"a": None, "b": 2}], None, None),
    "records, nan in one": ([{"a": 0.5}, {"a": NAN}], None, None),
    "records, integer and float": ([{"a": 1}, {"a": 1.5}], None, None),
    "records, mixed types": ([{"a": 1}, {"a": "x"}], None, None),
    "records with lists": ([{"a": ["x"]}, {"a": []}], None, None),
    "records with lists and null": ([{"a": ["x"]}, {"a": None}], None, None),
    "records with records": ([{"a": {"x": 1}}, {"a": {"x": 2, "y": "z"}}], None, None),
    "records with records and null": ([{"a": {"x": 1}}, {"a": None}], None, None),
    "records with incompatible records": ([{"a": {"x": 1}}, {"a": {"x": "1"}}], None, None),
    "records with a null property": ([{"a": {"x": None}}, {"a": {"x": 1}}], None, None),
    "records with a null property last": ([{"a": {"x": 1}}, {"a": {"x": None}}], None, None),
    "records with a property of null and list": ([{"a": {"x": None}}, {"a": {"x": ["s"]}}], None, None),
    "records and a scalar": ([{"a": 1}, "x"], None, None),
    "record with a list of records": (
        {"messages": [{"role": "user", "content": "x"}, {"role": "user", "content": "y", "name": "z"}]},
        None,
        None,
    ),
    "record with a list of records and null": ({"a": [{"x": 1, "y": 2}, None]}, None, None),
    "record with a list of null and record": ({"a": [None, {"x": 1}]}, None, None),
    "record with a list of incompatible records": ({"a": [{"x": 1}, {"x": "s"}]}, None, None),
    "record with nested floats and integers": ({"a": [[1], [1.5]], "b": [0.5, 1]}, None, None),
    "float64 tensor": (np.array([0.5, 1.0]), None, None),
    "float32 tensor": (np.array([0.5, 1.0], dtype=np.float32), None, None),
    "int32 tensor": (np.array([1, 2], dtype=np.int32), None, None),
    "int64 tensor": (np.array([1, 2], dtype=np.int64), None, None),
    "uint16 tensor": (np.array([1, 2], dtype=np.uint16), None, None),
    "int8 tensor": (np.array([1, 2], dtype=np.int8), None, None),
    "empty tensor": (np.array([], dtype=np.float64), None, None),
    "record of tensors": ({"x": np.array([0.5]), "y": np.array([1, 2], dtype=np.int64)}, None, None),
    "record of a tensor and a scalar": ({"x": np.array([0.5, 1.0]), "y": "s"}, None, None),
    "record of a float32 tensor and a scalar": (
        {"x": np.array([0.5], dtype=np.float32), "y": "s"},
        None,
        None,
    ),
    "record of a uint16 tensor and a scalar": (
        {"x": np.array([1], dtype=np.uint16), "y": "s"},
        None,
        None,
    ),
    "record of an empty tensor and a scalar": ({"x": np.array([]), "y": "s"}, None, None),
    "records with tensors": ([{"x": np.array([0.5])}, {"x": np.array([1.5, 2.0])}], None, None),
    "list of an empty tensor and another": ([np.array([]), np.array([1.5])], None, None),
    "list of empty tensors": ([np.array([]), np.array([])], None, None),
    "record of a list of empty tensors": ({"x": [np.array([])], "y": "s"}, None, None),
    "record of a tensor of nan and a scalar": ({"x": np.array([NAN, NAN]), "y": "s"}, None, None),
    "record of a tensor with nan and a scalar": ({"x": np.array([NAN, 0.5]), "y": "s"}, None, None),
    "list of tensors": ([np.array([0.5]), np.array([1.5])], None, None),
    "output record": ({"a": "x"}, {"id": "1", "n": 2}, None),
    "output records": ({"a": "x"}, [{"id": "1"}, {"id": "2", "n": 2}], None),
    "output string": ({"a": "x"}, "Run", None),
    "output mixed": ({"a": "x"}, [1, "a"], None),
    "params": (
        {"a": "x"},
        None,
        {"temperature": 0.2, "max_tokens": 10, "stop": ["a"], "stream": False, "name": "x"},
    ),
    "params, none": ({"a": "x"}, None, {}),
    "params with a list of numbers": ({"a": "x"}, None, {"ids": [1, 2], "p": [0.5, 1.5]}),
    "params with integers and floats": ({"a": "x"}, None, {"p": [1, 2.5]}),
    "params with bool and integer": ({"a": "x"}, None, {"p": [True, 1]}),
    "params with mixed list": ({"a": "x"}, None, {"p": ["a", 1]}),
    "params with null": ({"a": "x"}, None, {"p": None}),
    "params with null in a list": ({"a": "x"}, None, {"p": ["a", None]}),
    "params with an empty list": ({"a": "x"}, None, {"stop": []}),
    "params with a nested list": ({"a": "x"}, None, {"p": [[1]]}),
    "params with a record": ({"a": "x"}, None, {"p": {"b": 1, "a": "x"}}),
    "params with an empty record": ({"a": "x"}, None, {"p": {}}),
    "params with a record with null": ({"a": "x"}, None, {"p": {"a": None, "b": 1}}),
    "params with a list of records": ({"a": "x"}, None, {"p": [{"a": 1}]}),
    "params with bytes": ({"a": "x"}, None, {"p": b"x"}),
    "params with a datetime": ({"a": "x"}, None, {"p": datetime(2024, 5, 17, 12, 30, 15, 250000)}),
    "params with datetimes": ({"a": "x"}, None, {"p": [datetime(2024, 5, 17), datetime(2025, 1, 1)]}),
    "params with nan": ({"a": "x"}, None, {"p": NAN}),
    "params beyond int64": ({"a": "x"}, None, {"p": 2**63}),
    "params with the largest int64": ({"a": "x"}, None, {"p": 2**63 - 1}),
    "params that are a list": ({"a": "x"}, None, [1]),
}


def chat(**more: Any) -> dict[str, Any]:
    return {"messages": [dict(HI)], **more}


def scalar_cases() -> dict[str, tuple[list[dict[str, Any]], str, Any]]:
    """Every scalar type against every kind of value, in one record."""
    values = {
        "true": True,
        "0": 0,
        "1": 1,
        "2": 2,
        "-7": -7,
        "0.5": 0.5,
        "10.0": 10.0,
        "nan": NAN,
        "3000000000": 3_000_000_000,
        "2**63": 2**63,
        "text": "x",
        "digits": "12",
        "ISO date": "2024-05-17",
        "base64": "aGk=",
        "bytes": b"hi",
        "datetime": datetime(2024, 5, 17, 12, 30),
        "null": None,
        "a list": [1],
        "a record": {"a": 1},
    }
    types = ("boolean", "integer", "long", "float", "double", "string", "binary", "datetime")
    return {
        f"{kind} column, {name}": ([column(kind, "x")], "value", {"x": value})
        for kind in types
        for name, value in values.items()
    }


# name: (schema, way, input). The ways: `value` goes to the model as it is, `frame` as a DataFrame of these
# records, `inputs` and `records` as the scoring server reads it from a request with `inputs` or
# `dataframe_records`.
ENFORCE: dict[str, tuple[list[dict[str, Any]], str, Any]] = {
    **scalar_cases(),
    "prompt": (PROMPT, "value", {"prompt": "hi"}),
    "prompt missing": (PROMPT, "value", {}),
    "prompt missing, another given": (PROMPT, "value", {"text": "hi"}),
    "prompt and an extra column": (PROMPT, "value", {"prompt": "hi", "extra": "x"}),
    "prompt and an extra column of another shape": (PROMPT, "value", {"prompt": "hi", "extra": [1, 2]}),
    "prompt and an extra column by the server": (PROMPT, "inputs", {"prompt": "hi", "extra": 1}),
    "prompt as a string": (PROMPT, "value", "hi"),
    "prompt as a number": (PROMPT, "value", 5),
    "prompt as null": (PROMPT, "value", None),
    "prompts as a list of strings": (PROMPT, "value", ["hi", "yo"]),
    "prompts as a list of strings by the server": (PROMPT, "inputs", ["hi", "yo"]),
    "prompts as records": (PROMPT, "value", [{"prompt": "hi"}, {"prompt": "yo"}]),
    "prompts as a frame": (PROMPT, "frame", [{"prompt": "hi"}, {"prompt": "yo"}]),
    "prompts as columns": (PROMPT, "value", {"prompt": ["hi", "yo"]}),
    "prompts as columns by the server": (PROMPT, "inputs", {"prompt": ["hi", "yo"]}),
    "prompts as lists": (PROMPT, "value", [["hi"], ["yo"]]),
    "prompts, one missing": (PROMPT, "value", [{"prompt": "hi"}, {"text": "yo"}]),
    "prompts, one null": (PROMPT, "value", [{"prompt": "hi"}, {"prompt": None}]),
    "prompts, one a number": (PROMPT, "value", [{"prompt": "hi"}, {"prompt": 5}]),
    "prompts, all numbers, as records of the server": (PROMPT, "records", [{"prompt": 5}]),
    "prompts, a number by the server": (PROMPT, "inputs", {"prompt": 5}),
    "prompts, null by the server": (PROMPT, "inputs", {"prompt": None}),
    "prompts, a record and a string": (PROMPT, "value", [{"prompt": "hi"}, "yo"]),
    "prompts, empty list": (PROMPT, "value", []),
    "long by the server, a fraction": ([column("long", "l")], "inputs", {"l": [1.5]}),
    "long by the server, digits": ([column("long", "l")], "inputs", {"l": ["1"]}),
    "integer by the server, too large": ([column("integer", "i")], "inputs", {"i": [3_000_000_000]}),
    "integer by the server's records, too large": (
        [column("integer", "i")],
        "records",
        [{"i": 3_000_000_000}],
    ),
    "long by the server's records, a fraction": ([column("long", "l")], "records", [{"l": 1.5}]),
    "prompts, null by the server's records": (PROMPT, "records", [{"prompt": None}]),
    "integer by the server": ([column("integer", "i")], "records", [{"i": 7}]),
    "float by the server": ([column("float", "f")], "records", [{"f": 0.5}]),
    "double by the server": ([column("double", "d")], "records", [{"d": 2}]),
    "binary by the server": ([column("binary", "b")], "records", [{"b": "aGk="}]),
    "binary by the server, not base64": ([column("binary", "b")], "records", [{"b": "*!"}]),
    "datetime by the server": ([column("datetime", "t")], "records", [{"t": "2024-05-17T12:30:15"}]),
    "datetime by the server, not a date": ([column("datetime", "t")], "records", [{"t": "soon"}]),
    "chat": (CHAT, "value", chat()),
    "chat, all fields": (
        CHAT,
        "value",
        chat(temperature=0.7, max_tokens=10, stop=["\n"], n=1, stream=False),
    ),
    "chat, messages missing": (CHAT, "value", {"temperature": 0.5}),
    "chat, messages null": (CHAT, "value", {"messages": None}),
    "chat, messages empty": (CHAT, "value", {"messages": []}),
    "chat, messages a string": (CHAT, "value", {"messages": "hi"}),
    "chat, messages a record": (CHAT, "value", {"messages": dict(HI)}),
    "chat, messages of strings": (CHAT, "value", {"messages": ["x"]}),
    "chat, messages of null": (CHAT, "value", {"messages": [None]}),
    "chat, message without role": (CHAT, "value", {"messages": [{"content": "x"}]}),
    "chat, role a number": (CHAT, "value", {"messages": [{"role": 5, "content": "x"}]}),
    "chat, role null": (CHAT, "value", {"messages": [{"role": None, "content": "x"}]}),
    "chat, content parts": (
        CHAT,
        "value",
        {"messages": [{"role": "user", "content": [{"type": "text", "text": "x"}]}]},
    ),
    "chat, name null": (CHAT, "value", {"messages": [{**HI, "name": None}]}),
    "chat, name given": (CHAT, "value", {"messages": [{**HI, "name": "Ann"}]}),
    "chat, unknown key in a message": (CHAT, "value", {"messages": [{**HI, "zz": 1}]}),
    "chat, temperature 0": (CHAT, "value", chat(temperature=0)),
    "chat, temperature 1": (CHAT, "value", chat(temperature=1)),
    "chat, temperature 2": (CHAT, "value", chat(temperature=2)),
    "chat, temperature 0.7": (CHAT, "value", chat(temperature=0.7)),
    "chat, temperature null": (CHAT, "value", chat(temperature=None)),
    "chat, temperature a string": (CHAT, "value", chat(temperature="0.7")),
    "chat, temperature true": (CHAT, "value", chat(temperature=True)),
    "chat, max_tokens 10.0": (CHAT, "value", chat(max_tokens=10.0)),
    "chat, max_tokens 10.5": (CHAT, "value", chat(max_tokens=10.5)),
    "chat, max_tokens true": (CHAT, "value", chat(max_tokens=True)),
    "chat, max_tokens null": (CHAT, "value", chat(max_tokens=None)),
    "chat, stop a string": (CHAT, "value", chat(stop="x")),
    "chat, stop null": (CHAT, "value", chat(stop=None)),
    "chat, stop empty": (CHAT, "value", chat(stop=[])),
    "chat, stop of numbers": (CHAT, "value", chat(stop=[1])),
    "chat, stop of a string and a number": (CHAT, "value", chat(stop=["a", 1])),
    "chat, stop of a string and null": (CHAT, "value", chat(stop=["a", None])),
    "chat, stream a string": (CHAT, "value", chat(stream="true")),
    "chat, stream 1": (CHAT, "value", chat(stream=1)),
    "chat, stream null": (CHAT, "value", chat(stream=None)),
    "chat, n a string": (CHAT, "value", chat(n="1")),
    "chat, extra scalar": (CHAT, "value", chat(inputs=1)),
    "chat, extra record": (CHAT, "value", chat(params={"temperature": 0.1})),
    "chat, records": (CHAT, "value", [chat(), chat(temperature=0.5)]),
    "chat, a frame": (CHAT, "frame", [chat(), chat(temperature=0.5)]),
    "chat, by the server": (CHAT, "inputs", chat(temperature=2)),
    "chat, records by the server": (CHAT, "records", [chat(temperature=2)]),
    "array of strings": ([column(array("string"), "a")], "value", {"a": ["x", "y"]}),
    "array of strings, empty": ([column(array("string"), "a")], "value", {"a": []}),
    "array of strings, null in it": ([column(array("string"), "a")], "value", {"a": ["x", None]}),
    "array of strings, only null": ([column(array("string"), "a")], "value", {"a": [None]}),
    "array of strings, a list in it": ([column(array("string"), "a")], "value", {"a": [["x"]]}),
    "array of long": ([column(array("long"), "a")], "value", {"a": [1, 2]}),
    "array of long, a fraction": ([column(array("long"), "a")], "value", {"a": [1, 2.5]}),
    "array of long, null in it": ([column(array("long"), "a")], "value", {"a": [1, None]}),
    "array of long, booleans": ([column(array("long"), "a")], "value", {"a": [True, False]}),
    "array of long, an int64 array": (
        [column(array("long"), "a")],
        "value",
        {"a": np.array([1, 2], dtype=np.int64)},
    ),
    "array of long, an int32 array": (
        [column(array("long"), "a")],
        "value",
        {"a": np.array([1, 2], dtype=np.int32)},
    ),
    "array of double, a float32 array": (
        [column(array("double"), "a")],
        "value",
        {"a": np.array([0.5, 2.0], dtype=np.float32)},
    ),
    "array of integer": ([column(array("integer"), "a")], "value", {"a": [1, 2]}),
    "array of float": ([column(array("float"), "a")], "value", {"a": [0.5, 2.0]}),
    "array of double": ([column(array("double"), "a")], "value", {"a": [0.5, 2.0]}),
    "array of double, integers": ([column(array("double"), "a")], "value", {"a": [1, 2]}),
    "array of double, null in it": ([column(array("double"), "a")], "value", {"a": [0.5, None]}),
    "array of double, nan in it": ([column(array("double"), "a")], "value", {"a": [0.5, NAN]}),
    "array of boolean": ([column(array("boolean"), "a")], "value", {"a": [True, False]}),
    "array of boolean, null in it": ([column(array("boolean"), "a")], "value", {"a": [True, None]}),
    "array of boolean, integers": ([column(array("boolean"), "a")], "value", {"a": [0, 1]}),
    "array of binary": ([column(array("binary"), "a")], "value", {"a": [b"x", b"yz"]}),
    "array of datetime": ([column(array("datetime"), "a")], "value", {"a": [datetime(2024, 5, 17)]}),
    "array of arrays": ([column(array(array("long")), "a")], "value", {"a": [[1], [2, 3], []]}),
    "array of arrays, a scalar in it": ([column(array(array("long")), "a")], "value", {"a": [[1], 2]}),
    "array of arrays, null in it": ([column(array(array("long")), "a")], "value", {"a": [[1], None]}),
    "optional array of arrays, null in it": (
        [column(array(array("long")), "a", False), column(array("long"), "b")],
        "value",
        {"a": [[1], None], "b": [1]},
    ),
    "array of any": ([column(array("any"), "a")], "value", {"a": [1, "x", None, {"b": [True]}]}),
    "array of any, null": ([column(array("any"), "a")], "value", {"a": None}),
    "array of any, a string": ([column(array("any"), "a")], "value", {"a": "x"}),
    "object": ([column(record(a="long", b_="string"), "o")], "value", {"o": {"a": 1, "b": "x"}}),
    "object, optional missing": ([column(record(a="long", b_="string"), "o")], "value", {"o": {"a": 1}}),
    "object, optional null": (
        [column(record(a="long", b_="string"), "o")],
        "value",
        {"o": {"a": 1, "b": None}},
    ),
    "object, optional double null": (
        [column(record(a="long", b_="double"), "o")],
        "value",
        {"o": {"a": 1, "b": None}},
    ),
    "object, optional double nan": (
        [column(record(a="long", b_="double"), "o")],
        "value",
        {"o": {"a": 1, "b": NAN}},
    ),
    "object, required null": ([column(record(a="long"), "o")], "value", {"o": {"a": None}}),
    "object, required missing": ([column(record(a="long"), "o")], "value", {"o": {}}),
    "object, unknown property": ([column(record(a="long"), "o")], "value", {"o": {"a": 1, "c": 1}}),
    "object, unknown property null": ([column(record(a="long"), "o")], "value", {"o": {"a": 1, "c": None}}),
    "object, a string": ([column(record(a="long"), "o")], "value", {"o": "x"}),
    "object, a list": ([column(record(a="long"), "o")], "value", {"o": [{"a": 1}]}),
    "object, null": ([column(record(a="long"), "o")], "value", {"o": None}),
    "object, 2 for a double": ([column(record(a="double"), "o")], "value", {"o": {"a": 2}}),
    "object, 3 for an integer": ([column(record(a="integer"), "o")], "value", {"o": {"a": 3}}),
    "object, 0.1 for a float": ([column(record(a="float"), "o")], "value", {"o": {"a": 0.1}}),
    "object, bytes": ([column(record(a="binary"), "o")], "value", {"o": {"a": b"hi"}}),
    "object, datetime": ([column(record(a="datetime"), "o")], "value", {"o": {"a": datetime(2024, 5, 17)}}),
    "object, any null": ([column(record(a="any"), "o")], "value", {"o": {"a": None}}),
    "optional object null": (
        [column(record(a="long"), "o", False), column(array("long"), "b")],
        "value",
        {"o": None, "b": [1]},
    ),
    "optional object empty": (
        [column(record(a="long"), "o", False), column(array("long"), "b")],
        "value",
        {"o": {}, "b": [1]},
    ),
    "object in an object, path": (
        [column(record(a=record(b=array(record(c="long")))), "o")],
        "value",
        {"o": {"a": {"b": [{"c": 1}, {"c": "x"}]}}},
    ),
    "object, properties without required": (
        [
            {
                "type": "object",
                "properties": {"a": array("long"), "b": {"type": "long"}},
                "name": "o",
                "required": True,
            }
        ],
        "value",
        {"o": {"b": 1}},
    ),
    "object column without required": (
        [
            {"type": "object", "properties": {"a": {"type": "long", "required": True}}, "name": "o"},
            column("string", "s"),
        ],
        "value",
        {"s": "x"},
    ),
    "string column without required": (
        [{"type": "string", "name": "s"}, column("string", "t")],
        "value",
        {"t": "x"},
    ),
    "map": (
        [column(mapping("long"), "m"), column(array("long"), "b")],
        "value",
        {"m": {"x": 1, "y": 2}, "b": [1]},
    ),
    "map alone": ([column(mapping("long"), "m")], "value", {"m": {"x": 1, "y": 2}}),
    "map alone as records": ([column(mapping("long"), "m")], "value", [{"m": {"x": 1, "y": 2}}]),
    "map, empty": ([column(mapping("long"), "m")], "value", [{"m": {}}]),
    "map, null": ([column(mapping("long"), "m")], "value", [{"m": None}]),
    "map, a list": ([column(mapping("long"), "m")], "value", [{"m": [1]}]),
    "map, wrong value": ([column(mapping("long"), "m")], "value", [{"m": {"x": "1"}}]),
    "map, null value": ([column(mapping("long"), "m")], "value", [{"m": {"x": None}}]),
    "optional map, null value": (
        [column(mapping("long"), "m", False), column("string", "s")],
        "value",
        [{"m": {"x": None}, "s": "x"}],
    ),
    "map of any": ([column(mapping("any"), "m")], "value", [{"m": {"x": None, "y": [1, "a"]}}]),
    "map of any, null": ([column(mapping("any"), "m")], "value", [{"m": None}]),
    "map of arrays": ([column(mapping(array("string")), "m")], "value", [{"m": {"x": ["a"], "y": []}}]),
    "any, a string": ([column("any", "x")], "value", {"x": "s"}),
    "any, a list of strings": ([column("any", "x")], "value", {"x": ["a", "b"]}),
    "any, a list of numbers": ([column("any", "x")], "value", {"x": [1, 2]}),
    "any, a record": ([column("any", "x")], "value", {"x": {"a": 1}}),
    "any, records": ([column("any", "x")], "value", [{"x": {"a": 1}}, {"x": [1, "b"]}]),
    "any, null": ([column("any", "x")], "value", {"x": None}),
    "any, missing": ([column("any", "x")], "value", {"y": 1}),
    "optional any, null": (
        [column("any", "x", False), column("string", "s")],
        "value",
        {"x": None, "s": "a"},
    ),
    "two columns": ([column("long", "a"), column("string", "b")], "value", {"a": 1, "b": "x"}),
    "two columns, other order": ([column("long", "a"), column("string", "b")], "value", {"b": "x", "a": 1}),
    "two columns, both missing": ([column("long", "a"), column("string", "b")], "value", {"c": 1}),
    "two columns as columns": (
        [column("double", "a"), column("string", "b")],
        "value",
        {"a": [0.5, 1.5], "b": ["x", "y"]},
    ),
    "two columns as columns of different lengths": (
        [column("double", "a"), column("string", "b")],
        "value",
        {"a": [0.5, 1.5], "b": ["x"]},
    ),
    "two columns, a list and a scalar": (
        [column("double", "a"), column("string", "b")],
        "value",
        {"a": [0.5, 1.5], "b": "x"},
    ),
    "two columns as tensors": (
        [column("double", "a"), column("long", "b")],
        "value",
        {"a": np.array([0.5, 1.5]), "b": np.array([1, 2], dtype=np.int64)},
    ),
    "two columns as lists": ([column("long", "a"), column("string", "b")], "value", [[1, "x"], [2, "y"]]),
    "two columns, records": (
        [column("long", "a"), column("string", "b")],
        "value",
        [{"a": 1, "b": "x"}, {"a": 2, "b": "y"}],
    ),
    "two columns, long null in one record": (
        [column("long", "a"), column("string", "b")],
        "value",
        [{"a": 1, "b": "x"}, {"a": None, "b": "y"}],
    ),
    "double column, null in one record": (
        [column("double", "a")],
        "value",
        [{"a": 0.5}, {"a": None}],
    ),
    "double column, integers": ([column("double", "a")], "value", [{"a": 3}, {"a": 4}]),
    "double column, integers and fractions": ([column("double", "a")], "value", [{"a": 3}, {"a": 4.5}]),
    "boolean column, null in one record": ([column("boolean", "a")], "value", [{"a": True}, {"a": None}]),
    "optional columns missing": (
        [column("string", "s"), column("double", "d", False), column("long", "l", False)],
        "value",
        {"s": "x"},
    ),
    "optional column missing in one record": (
        [column("string", "s"), column("double", "d", False)],
        "value",
        [{"s": "x", "d": 0.5}, {"s": "y"}],
    ),
    "optional long missing in one record": (
        [column("string", "s"), column("long", "l", False)],
        "value",
        [{"s": "x", "l": 5}, {"s": "y"}],
    ),
    "optional string null": (
        [column("string", "s"), column("string", "t", False)],
        "value",
        {"s": "x", "t": None},
    ),
    "numbered, a list": ([column("long", 0)], "value", [1, 2]),
    "numbered, lists": ([column("long", 0), column("string", 1)], "value", [[1, "x"], [2, "y"]]),
    "numbered, lists, too short": ([column("long", 0), column("string", 1)], "value", [[1], [2]]),
    "all optional, none given": ([column("string", "s", False)], "value", {"t": "x"}),
    "all optional, empty record": ([column("string", "s", False)], "value", {}),
    "all optional, empty list": ([column("string", "s", False)], "value", []),
    "unnamed, a string": ([column("string")], "value", "hi"),
    "unnamed, a list of strings": ([column("string")], "value", ["hi", "yo"]),
    "unnamed, lists": ([column("string")], "value", [["hi"], ["yo"]]),
    "unnamed, lists with an extra column": ([column("string")], "value", [["hi", "x"], ["yo", "y"]]),
    "unnamed, a record": ([column("string")], "value", {"prompt": "hi"}),
    "unnamed, records": ([column("string")], "value", [{"prompt": "hi"}]),
    "unnamed, a number": ([column("string")], "value", 5),
    "unnamed, a list with null": ([column("string")], "value", ["hi", None]),
    "unnamed long, a list": ([column("long")], "value", [1, 2]),
    "unnamed double, a list": ([column("double")], "value", [0.5, 2]),
    "unnamed double, integers": ([column("double")], "value", [2, 3]),
    "unnamed, empty list": ([column("string")], "value", []),
    "unnamed, two columns, lists": ([column("long"), column("string")], "value", [[1, "x"], [2, "y"]]),
    "unnamed, two columns, a list": ([column("long"), column("string")], "value", [1, 2]),
    "unnamed, two columns, too short": ([column("long"), column("string")], "value", [[1]]),
    "unnamed, two columns, a record": ([column("long"), column("string")], "value", {"p": 1, "q": "x"}),
    "unnamed array, its own example": ([column(array("string"))], "value", [["a", "b"], ["c"]]),
    "unnamed array, wrapped": ([column(array("string"))], "value", [[["a", "b"]], [["c"]]]),
    "unnamed object, records": ([column(record(a="long"))], "value", [{"a": 1}]),
    "unnamed any, a list": ([column("any")], "value", [1, "a"]),
    "unnamed any, a record": ([column("any")], "value", {"a": 1, "b": 2}),
    "tensor": ([tensor("float64", [-1])], "value", np.array([0.5, 1.5])),
    "tensor of another type": ([tensor("float64", [-1])], "value", np.array([1, 2], dtype=np.int64)),
    "tensor float32 for float64": ([tensor("float64", [-1])], "value", np.array([0.5], dtype=np.float32)),
    "tensor of a fixed length": ([tensor("int64", [2])], "value", np.array([1, 2], dtype=np.int64)),
    "tensor of a wrong length": ([tensor("int64", [3])], "value", np.array([1, 2], dtype=np.int64)),
    "tensor of 2 dimensions": ([tensor("float64", [-1, 2])], "value", np.array([[0.5, 1.5], [2.5, 3.5]])),
    "tensor of a wrong rank": ([tensor("float64", [-1, 2])], "value", np.array([0.5, 1.5])),
    "tensor of a wrong inner length": ([tensor("float64", [-1, 3])], "value", np.array([[0.5, 1.5]])),
    "tensor from a list": ([tensor("float64", [-1])], "value", [0.5, 1.5]),
    "tensor from a list by the server": ([tensor("float64", [-1])], "inputs", [0.5, 1.5]),
    "tensor of bool": ([tensor("bool", [-1])], "inputs", [True, False]),
    "tensor of strings": ([tensor("str", [-1])], "inputs", ["a", "bc"]),
    "tensor of int8 by the server, too large": ([tensor("int8", [-1])], "inputs", [1, 200]),
    "tensor of int64 by the server, a fraction": ([tensor("int64", [-1])], "inputs", [1, 2.5]),
    "tensor of float64 by the server, null": ([tensor("float64", [-1])], "inputs", [0.5, None]),
    "tensor, ragged": ([tensor("float64", [-1, -1])], "inputs", [[0.5], [1.5, 2.5]]),
    "tensor, empty": ([tensor("float64", [-1])], "value", np.array([], dtype=np.float64)),
    "tensor, a string": ([tensor("float64", [-1])], "value", "x"),
    "tensor, a record": ([tensor("float64", [-1])], "value", {"x": np.array([0.5])}),
    "tensors by name": (
        [tensor("float64", [-1], "x"), tensor("int64", [-1], "y")],
        "value",
        {"x": np.array([0.5]), "y": np.array([1], dtype=np.int64)},
    ),
    "tensors by name, one missing": (
        [tensor("float64", [-1], "x"), tensor("int64", [-1], "y")],
        "value",
        {"x": np.array([0.5])},
    ),
    "tensors by name, one more": (
        [tensor("float64", [-1], "x")],
        "value",
        {"x": np.array([0.5]), "z": np.array([0.5])},
    ),
    "tensors by name, a list": ([tensor("float64", [-1], "x")], "value", {"x": [0.5]}),
    "tensors by name as a frame": ([tensor("float64", [-1], "x")], "frame", [{"x": 0.5}, {"x": 1.5}]),
    "tensors by name as a frame of lists": (
        [tensor("float64", [-1, 2], "x")],
        "frame",
        [{"x": [0.5, 1.5]}, {"x": [2.5, 3.5]}],
    ),
    "tensors by name, an array": ([tensor("float64", [-1], "x")], "value", np.array([0.5])),
}


def param(name: str, kind: str, default: Any, shape: list[int] | None = None) -> dict[str, Any]:
    return {"name": name, "type": kind, "default": default, "shape": shape}


GENERATION = [
    param("temperature", "double", 0.2),
    param("max_tokens", "long", 10),
    param("stop", "string", ["a"], [-1]),
    param("stream", "boolean", False),
]
OPTIONS = {
    "name": "options",
    "type": "object",
    "properties": {
        "a": {"type": "long", "required": True},
        "b": {"type": "double", "required": False},
    },
    "default": {"a": 1},
    "shape": None,
}

# name: (schema, params)
PARAMS: dict[str, tuple[list[dict[str, Any]] | None, Any]] = {
    "none given": (GENERATION, None),
    "an empty record": (GENERATION, {}),
    "all given": (GENERATION, {"temperature": 0.9, "max_tokens": 5, "stop": ["x", "y"], "stream": True}),
    "unknown name": (GENERATION, {"top_q": 1}),
    "no schema": (None, {"temperature": 0.9}),
    "no schema, none given": (None, None),
    "a list": (GENERATION, [1]),
    **{f"double {value}": (GENERATION, {"temperature": value}) for value in (0, 1, 2, 5, -3, 0.5, 2.0)},
    "double true": (GENERATION, {"temperature": True}),
    "double string": (GENERATION, {"temperature": "0.5"}),
    "double null": (GENERATION, {"temperature": None}),
    "double nan": (GENERATION, {"temperature": NAN}),
    "double list": (GENERATION, {"temperature": [0.5]}),
    "double record": (GENERATION, {"temperature": {}}),
    "long 10.0": (GENERATION, {"max_tokens": 10.0}),
    "long 10.5": (GENERATION, {"max_tokens": 10.5}),
    "long true": (GENERATION, {"max_tokens": True}),
    "long string": (GENERATION, {"max_tokens": "10"}),
    "long null": (GENERATION, {"max_tokens": None}),
    "long beyond int64": (GENERATION, {"max_tokens": 2**63}),
    "long largest": (GENERATION, {"max_tokens": 2**63 - 1}),
    "list scalar": (GENERATION, {"stop": "x"}),
    "list null": (GENERATION, {"stop": None}),
    "list empty": (GENERATION, {"stop": []}),
    "list with null": (GENERATION, {"stop": ["x", None]}),
    "list of numbers": (GENERATION, {"stop": [1]}),
    "list of lists": (GENERATION, {"stop": [["x"]]}),
    "boolean 1": (GENERATION, {"stream": 1}),
    "boolean string": (GENERATION, {"stream": "true"}),
    "boolean null": (GENERATION, {"stream": None}),
    "integer": ([param("i", "integer", 1)], {"i": 7}),
    "integer too large": ([param("i", "integer", 1)], {"i": 3_000_000_000}),
    "integer fraction": ([param("i", "integer", 1)], {"i": 1.5}),
    "float": ([param("f", "float", 0.5)], {"f": 0.1}),
    "float integer": ([param("f", "float", 0.5)], {"f": 3}),
    "string": ([param("s", "string", "a")], {"s": "b"}),
    "string number": ([param("s", "string", "a")], {"s": 5}),
    "string default null": ([param("s", "string", None)], {}),
    "datetime string": ([param("t", "datetime", "2024-05-17")], {"t": "2025-01-02T03:04:05"}),
    "datetime value": ([param("t", "datetime", "2024-05-17")], {"t": datetime(2025, 1, 2)}),
    "datetime default": ([param("t", "datetime", "2024-05-17T12:30:00")], {}),
    "datetime number": ([param("t", "datetime", "2024-05-17")], {"t": 5}),
    "datetime not a date": ([param("t", "datetime", "2024-05-17")], {"t": "soon"}),
    "datetime microseconds": ([param("t", "datetime", "2024-05-17")], {"t": "2025-01-02T03:04:05.000006"}),
    "list of doubles, integers": ([param("p", "double", [0.5], [-1])], {"p": [1, 2.5]}),
    "list of doubles, a tensor": ([param("p", "double", [0.5], [-1])], {"p": np.array([1.5, 2.5])}),
    "list of longs, a fraction": ([param("p", "long", [1], [-1])], {"p": [1, 2.5]}),
    "list of datetimes": ([param("t", "datetime", ["2024-05-17"], [-1])], {"t": ["2025-01-02"]}),
    "object": ([OPTIONS], {"options": {"a": 2, "b": 0.5}}),
    "object default": ([OPTIONS], {}),
    "object, missing property": ([OPTIONS], {"options": {"b": 0.5}}),
    "object, unknown property": ([OPTIONS], {"options": {"a": 1, "c": 0.5}}),
    "object, 2 for a double": ([OPTIONS], {"options": {"a": 1, "b": 2}}),
    "object, wrong type": ([OPTIONS], {"options": {"a": "x"}}),
    "object, null": ([OPTIONS], {"options": None}),
    "object, a string": ([OPTIONS], {"options": "x"}),
}
