"""The examples in `openapi.json`: what a node of a small ledger was asked, and what it answered.

They are no inventions: `python -m tests.pages.examples` asks a real node and writes `examples.json`.
"""

import json
from importlib.resources import files
from typing import Any


def add_examples(paths: dict[str, Any]) -> None:
    """Put the examples where they belong.

    Args:
        paths: the operations by path and method; each that has examples gets them.

    Raises:
        KeyError: an example is of something that the operation does not have.
    """
    kept = json.loads((files(__package__) / "examples.json").read_text("utf-8"))
    operations = {each["operationId"]: each for methods in paths.values() for each in methods.values()}
    for name, examples in kept.items():
        operation = operations[name]
        for parameter in operation.get("parameters", ()):
            if parameter["name"] in examples["parameters"]:
                parameter["example"] = examples["parameters"][parameter["name"]]
        for media_type, value in examples["body"].items():
            operation["requestBody"]["content"][media_type]["example"] = value
        for status, answer in examples["answers"].items():
            for media_type, value in answer.items():
                operation["responses"][status]["content"][media_type]["example"] = value
