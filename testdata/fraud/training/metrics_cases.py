#!/usr/bin/env python3
"""Records what scikit-learn's metrics say about small label vectors, in metrics_cases.json.

Each case: `truth` and `predicted` (labels, all integers or all strings), `accuracy`, and for `macro`, `micro` and
`weighted` the `precision`, `recall` and `f1`. Where there are at most two labels, `positive` names one and `binary`
holds its metrics. Zero divided by zero counts as 0; `zero_division` tells whether scikit-learn warned of it, and
`undefined` of what: for each average, the metrics. `name` says what the case is about.
"""
import json, pathlib, random, warnings

from sklearn.exceptions import UndefinedMetricWarning
from sklearn.metrics import accuracy_score, f1_score, precision_score, recall_score

METRICS = {"precision": precision_score, "recall": recall_score, "f1": f1_score}
SEED = 7
NO_POSITIVE = object()


def metrics(truth, predicted, positive=NO_POSITIVE):
    """The metrics of one case by average, and which of them scikit-learn warned of."""
    found, undefined = {"accuracy": float(accuracy_score(truth, predicted))}, {}
    for average in ["binary", "macro", "micro", "weighted"]:
        if average == "binary" and positive is NO_POSITIVE:
            continue
        options = {"average": average}
        if average == "binary":
            options["pos_label"] = positive
        found[average] = {}
        for name, score in METRICS.items():
            with warnings.catch_warnings(record=True) as caught:
                warnings.simplefilter("always")
                value = float(score(truth, predicted, **options))
            assert value == float(score(truth, predicted, zero_division=0, **options))
            found[average][name] = value
            if any(issubclass(warning.category, UndefinedMetricWarning) for warning in caught):
                undefined.setdefault(average, []).append(name)
    return found, undefined


def case(name, truth, predicted, positive=NO_POSITIVE):
    labels = sorted(set(truth) | set(predicted))
    if positive is NO_POSITIVE and len(labels) <= 2:
        positive = labels[-1]
    found, undefined = metrics(truth, predicted, positive)
    shown = {"name": name, "truth": truth, "predicted": predicted}
    if positive is not NO_POSITIVE:
        shown["positive"] = positive
    shown.update(found, zero_division=bool(undefined))
    if undefined:
        shown["undefined"] = undefined
    return shown


def edges():
    yield case("one row, right", [1], [1])
    yield case("one row, wrong", [1], [0])
    yield case("one row, wrong, the other label is positive", [1], [0], 0)
    yield case("one row, multi-class label", [7], [7])
    yield case("all right", [0, 1, 0, 1, 1], [0, 1, 0, 1, 1])
    yield case("all wrong", [0, 1, 0, 1, 1], [1, 0, 1, 0, 0])
    yield case("nothing predicted positive", [0, 1, 0, 1], [0, 0, 0, 0])
    yield case("all predicted positive", [0, 1, 0, 1], [1, 1, 1, 1])
    yield case("nothing is positive", [0, 0, 0, 0], [0, 1, 0, 1])
    yield case("all is positive", [1, 1, 1, 1], [0, 1, 0, 1])
    yield case("only the negative label", [0, 0, 0], [0, 0, 0], 1)
    yield case("only the positive label", [1, 1, 1], [1, 1, 1], 1)
    yield case("only one label, a string, which is not the positive one", ["no", "no"], ["no", "no"], "yes")
    yield case("disjoint labels of two", [0, 0, 0], [1, 1, 1])
    yield case("disjoint labels of four", ["a", "b", "a"], ["c", "d", "d"])
    yield case("two labels each, three together", [0, 1, 1, 0], [1, 2, 2, 1])
    yield case("a label that is never predicted", ["a", "b", "c", "a"], ["a", "b", "a", "b"])
    yield case("a label that is only predicted", ["a", "b", "a", "b"], ["a", "b", "c", "c"])
    yield case("negative and large integers", [-1, 1, -1, 4294967296], [-1, -1, 1, 4294967296])
    yield case("labels -1 and 1", [-1, 1, -1, 1, 1], [-1, -1, -1, 1, 1])
    yield case("labels 1 and 2, 1 is positive", [1, 2, 2, 1, 1], [1, 1, 2, 2, 1], 1)
    yield case("integers sort as numbers", [2, 10, 9, 10], [10, 10, 9, 2])
    yield case("strings that look like integers", ["2", "10", "9", "10"], ["10", "10", "9", "2"])
    yield case("strings that differ by case and spaces", ["A", "a", "a ", "A"], ["a", "a", "a ", "A"])
    yield case("an empty string is a label", ["", "x", "", "x"], ["", "", "x", "x"])
    yield case("strings beyond ASCII", ["ja", "später", "ja", "später"], ["ja", "ja", "ja", "später"])
    yield case("very uneven classes", [0] * 60 + [1], [0] * 61)
    yield case("very uneven classes, found", [0] * 60 + [1], [0] * 59 + [1, 1])
    yield case("every row its own label", list(range(12)), list(range(11, -1, -1)))
    yield case("thirds", [0, 0, 0, 1, 1, 1, 2, 2, 2], [0, 1, 2, 0, 1, 2, 0, 1, 2])


def drawn():
    """Random vectors: a share of the predictions is right, the rest is drawn from labels that may be others."""
    source = random.Random(SEED)
    kinds = {
        "binary integers": [0, 1],
        "binary strings": ["fraud", "genuine"],
        "three integers": [0, 1, 2],
        "five integers": [1, 2, 3, 5, 8],
        "four strings": ["cat", "dog", "emu", "fox"],
    }
    for number in range(170):
        name = list(kinds)[number % len(kinds)]
        labels = kinds[name]
        rows, right = source.randint(2, 16), source.choice([0.2, 0.5, 0.8, 0.95])
        known = source.sample(labels, source.randint(1, len(labels))) if source.random() < 0.4 else labels
        guessed = source.sample(labels, source.randint(1, len(labels))) if source.random() < 0.4 else labels
        truth = [source.choice(known) for _ in range(rows)]
        predicted = [label if source.random() < right else source.choice(guessed) for label in truth]
        positive = source.choice(labels) if len(labels) == 2 else NO_POSITIVE
        yield case(f"{name} {number}", truth, predicted, positive)


def write(path):
    cases = [*edges(), *drawn()]
    lines = ",\n".join(json.dumps(one, ensure_ascii=False, separators=(",", ":")) for one in cases)
    path.write_text(f"[\n{lines}\n]\n", encoding="utf-8")


if __name__ == "__main__":
    write(pathlib.Path(__file__).resolve().parent / "metrics_cases.json")
