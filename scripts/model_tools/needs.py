"""Says which command installs the packages when one is missing, instead of a traceback."""

from __future__ import annotations

import importlib.util
import sys

NEEDED = (
    "numpy",
    "onnx",
    "onnx_ir",
    "onnxruntime",
    "onnxruntime_genai",
    "tokenizers",
    "torch",
    "transformers",
)
INSTALL = "pip install -r scripts/model_tools/requirements.txt"


def require_packages() -> None:
    """Ends the process with status 2 and one plain message when a package cannot be imported."""
    missing = [name for name in NEEDED if importlib.util.find_spec(name) is None]
    if missing:
        print(
            f"Missing Python packages: {', '.join(missing)}.\nInstall them with: {INSTALL}", file=sys.stderr
        )
        raise SystemExit(2)
