"""A small writer of ONNX graphs: constants and operators in, names out."""

from __future__ import annotations

from typing import Any

import numpy as np
import onnx
from onnx import TensorProto, helper, numpy_helper

OPSET = 20
IR_VERSION = 10  # the first that opset 20's runtimes all read; a newer one would shut old runtimes out
INPUT = "input_ids"
SIDES = "token_type_ids"
OUTPUT = "embedding"
RELEVANCE = "relevance"


class GraphWriter:
    """Collects nodes and constants in the order of the calls, so the same calls give the same bytes."""

    def __init__(self) -> None:
        self._nodes: list[Any] = []
        self._constants: list[Any] = []

    def constant(self, value: Any) -> str:
        """Add a constant and return its name.

        Args:
            value: An array, kept in its own type; whole numbers and lists of them become int64.
        """
        name = f"c{len(self._constants)}"
        self._constants.append(numpy_helper.from_array(np.asarray(value, order="C"), name))
        return name

    def op(self, kind: str, *inputs: str, **attributes: Any) -> str:
        """Add an operator of one output and return the output's name."""
        name = f"{kind}_{len(self._nodes)}"
        self._nodes.append(helper.make_node(kind, list(inputs), [name], name=name, **attributes))
        return name

    def finish(
        self,
        name: str,
        output: str,
        dimension: int,
        *,
        called: str = OUTPUT,
        inputs: tuple[str, ...] = (INPUT,),
    ) -> Any:
        """Close the graph and check it.

        Args:
            name: The graph's name.
            output: Name of the ``(batch, dimension)`` float32 value that is the answer.
            dimension: Its second axis.
            called: What the graph calls the answer.
            inputs: What it reads, each ``(batch, tokens)`` int64.

        Returns:
            The ``onnx.ModelProto``.
        """
        self._nodes.append(helper.make_node("Identity", [output], [called], name=called))
        graph = helper.make_graph(
            self._nodes,
            name,
            [helper.make_tensor_value_info(own, TensorProto.INT64, ["batch", "tokens"]) for own in inputs],
            [helper.make_tensor_value_info(called, TensorProto.FLOAT, ["batch", dimension])],
            self._constants,
        )
        opsets = [helper.make_opsetid("", OPSET)]
        model = helper.make_model(graph, opset_imports=opsets, ir_version=IR_VERSION, producer_name="timbral")
        onnx.checker.check_model(model)
        return model
