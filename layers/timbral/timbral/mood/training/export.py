"""Native models to ONNX, and the folder that a predictor serves from."""

from __future__ import annotations

from importlib.metadata import PackageNotFoundError, version
from typing import TYPE_CHECKING, Any, Final

import numpy as np

from timbral.mood.artifact import (
    BLEND_FILE,
    KERNEL_FILE,
    MANIFEST_FILE,
    METRICS_FILE,
    OPINIONS_FILE,
    PRIORS_FILE,
    THRESHOLDS_FILE,
    TOPICS_FILE,
    VECTORISER_FILE,
    write_json,
)
from timbral.mood.targets import REGRESSIONS, TARGETS

if TYPE_CHECKING:
    from pathlib import Path

    from timbral.mood.artifact import MoodManifest
    from timbral.mood.blend import Blend
    from timbral.mood.priors import Priors
    from timbral.mood.training.stacked import StackedModel

_OPSET: Final = 15
_INPUT: Final = "inputs"
_LIBRARIES: Final = (
    "lightgbm",
    "numpy",
    "onnx",
    "onnxmltools",
    "scikit-learn",
    "scipy",
    "skl2onnx",
    "xgboost-cpu",
    "xgboost",
)


def write_model(
    folder: Path,
    model: StackedModel,
    priors: Priors,
    *,
    blend: Blend,
    thresholds: dict[str, float],
    metrics: dict[str, Any],
) -> None:
    """Write all files of a model but its manifest; the same model gives the same bytes."""
    facts_count = model.vectoriser.facts([]).shape[1]
    columns_count = len(TARGETS) + model.topics.weights.shape[1] + facts_count
    (folder / "native").mkdir(parents=True, exist_ok=True)
    for target, tree in zip(TARGETS, model.trees, strict=True):
        (folder / f"{target}.onnx").write_bytes(to_onnx(target, tree, columns_count))
        _write_native(folder / "native", target, tree)
    write_json(folder / VECTORISER_FILE, model.vectoriser.to_json())
    np.save(folder / OPINIONS_FILE, model.opinions.to_array(), allow_pickle=False)
    np.save(folder / KERNEL_FILE, model.kernel.to_array(), allow_pickle=False)
    write_json(folder / BLEND_FILE, blend.to_json())
    np.save(folder / TOPICS_FILE, model.topics.weights, allow_pickle=False)
    write_json(folder / PRIORS_FILE, priors.to_json())
    write_json(folder / THRESHOLDS_FILE, thresholds)
    write_json(folder / METRICS_FILE, metrics)
    (folder / "requirements.txt").write_text("".join(_pinned()), encoding="utf-8")


def write_manifest(folder: Path, manifest: MoodManifest) -> None:
    """Finish a model's folder."""
    write_json(folder / MANIFEST_FILE, manifest.model_dump())


def to_onnx(target: str, tree: Any, columns_count: int) -> bytes:
    """Convert one model.

    Args:
        target: What it predicts.
        tree: An XGBoost regressor or a LightGBM classifier.
        columns_count: Number of its input columns.

    Returns:
        A graph from ``(n, columns_count)`` dense inputs, zero where unknown, to ``(n, 1)`` values or
        ``(n, 2)`` probabilities; always the same bytes for the same model.
    """
    from onnxmltools.convert import convert_lightgbm, convert_xgboost  # noqa: PLC0415  only training loads it
    from onnxmltools.convert.common.data_types import FloatTensorType  # noqa: PLC0415  as above

    inputs = [(_INPUT, FloatTensorType([None, columns_count]))]
    if target in REGRESSIONS:
        graph = convert_xgboost(tree, name=target, initial_types=inputs, target_opset=_OPSET)
    else:
        graph = convert_lightgbm(tree, name=target, initial_types=inputs, target_opset=_OPSET, zipmap=False)
    # The converters gather operator sets in a set of strings, whose order differs from process to process.
    operator_sets = sorted(graph.opset_import, key=lambda opset: opset.domain)
    del graph.opset_import[:]
    graph.opset_import.extend(operator_sets)
    data: bytes = graph.SerializeToString(deterministic=True)
    return data


def _write_native(folder: Path, target: str, tree: Any) -> None:
    if target in REGRESSIONS:
        tree.save_model(folder / f"{target}.xgboost.json")
    else:
        tree.booster_.save_model(folder / f"{target}.lightgbm.txt")


def _pinned() -> list[str]:
    lines = []
    for name in _LIBRARIES:
        try:
            lines.append(f"{name}=={version(name)}\n")
        except PackageNotFoundError:
            continue
    return lines
