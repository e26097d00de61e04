"""Writes the small models that the server's tests use, beside this file.

    python3 -m venv /tmp/models && /tmp/models/bin/pip install onnx==1.23.2
    /tmp/models/bin/python testdata/models/make.py

kinds.onnx    one input and output of each datatype that the embedded runtime has, each given back as it came
texts.onnx    texts, given back: ONNX Runtime only
scaled.onnx   (x - offset) * scale by ai.onnx.ml's Scaler, an operator that the embedded runtime lacks
two.onnx      sums of two matrices that must have equally many rows, and the matrices' row sums
mapped.onnx   a classifier's map from label to probability: no tensor, so it cannot be served
"""

import pathlib

import onnx
from onnx import TensorProto, helper

FOLDER = pathlib.Path(__file__).parent
PLAIN = [helper.make_opsetid("", 17)]
CLASSIC = [*PLAIN, helper.make_opsetid("ai.onnx.ml", 3)]


def save(name, nodes, inputs, outputs, opsets=PLAIN, notes=None, constants=()):
    graph = helper.make_graph(nodes, name, inputs, outputs, list(constants))
    model = helper.make_model(graph, opset_imports=opsets, ir_version=8, producer_name="skyform-testdata")
    helper.set_model_props(model, notes or {})
    onnx.checker.check_model(model, full_check=name != "mapped")
    (FOLDER / f"{name}.onnx").write_bytes(model.SerializeToString(deterministic=True))


def tensor(name, kind, *shape):
    return helper.make_tensor_value_info(name, kind, list(shape))


def kinds():
    names = {
        "bool": TensorProto.BOOL,
        "int32": TensorProto.INT32,
        "int64": TensorProto.INT64,
        "fp32": TensorProto.FLOAT,
        "fp64": TensorProto.DOUBLE,
    }
    save(
        "kinds",
        [helper.make_node("Identity", [name], [f"{name}_out"]) for name in names],
        [tensor(name, kind, "N", 2) for name, kind in names.items()],
        [tensor(f"{name}_out", kind, "N", 2) for name, kind in names.items()],
    )


def texts():
    node = helper.make_node("Identity", ["text"], ["text_out"])
    save("texts", [node], [tensor("text", TensorProto.STRING, "N")], [tensor("text_out", TensorProto.STRING, "N")])


def scaled():
    node = helper.make_node("Scaler", ["x"], ["y"], domain="ai.onnx.ml", offset=[1.0, 2.0], scale=[0.5, 4.0])
    notes = {"features": "left,right"}
    save("scaled", [node], [tensor("x", TensorProto.FLOAT, "N", 2)], [tensor("y", TensorProto.FLOAT, "N", 2)], CLASSIC, notes)


def two():
    axes = helper.make_tensor("axes", TensorProto.INT64, [1], [1])
    nodes = [
        helper.make_node("Add", ["a", "b"], ["sum"]),
        helper.make_node("ReduceSum", ["sum", "axes"], ["rows"], keepdims=0),
    ]
    inputs = [tensor("a", TensorProto.FLOAT, "N", 3), tensor("b", TensorProto.FLOAT, "N", 3)]
    outputs = [tensor("sum", TensorProto.FLOAT, "N", 3), tensor("rows", TensorProto.FLOAT, "N")]
    save("two", nodes, inputs, outputs, constants=[axes])


def mapped():
    node = helper.make_node("ZipMap", ["x"], ["scores"], domain="ai.onnx.ml", classlabels_int64s=[0, 1])
    kind = helper.make_sequence_type_proto(
        helper.make_map_type_proto(TensorProto.INT64, helper.make_tensor_type_proto(TensorProto.FLOAT, []))
    )
    output = helper.make_value_info("scores", kind)
    save("mapped", [node], [tensor("x", TensorProto.FLOAT, "N", 2)], [output], CLASSIC)


for make in (kinds, texts, scaled, two, mapped):
    make()
