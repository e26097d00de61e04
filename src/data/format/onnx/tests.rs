//! The fraud models, and models built field by field.

use proptest::prelude::*;

use super::*;

const FRAUD: &[u8] = include_bytes!("../../../../testdata/fraud/model/fraud.onnx");
const FOREST: &[u8] = include_bytes!("../../../../testdata/fraud/model/forest.onnx");

fn ports(ports: &[Port]) -> Vec<String> {
    let shown = |port: &Port| {
        let shape = port.shape.as_ref().map_or_else(
            || "?".to_owned(),
            |shape| shape.iter().map(Dimension::to_string).collect::<Vec<_>>().join(","),
        );
        format!("{} {}[{shape}]", port.name, port.element_type)
    };
    ports.iter().map(shown).collect()
}

fn operators(details: &OnnxDetails) -> Vec<String> {
    let shown = |one: &Operator| format!("{}/{} {}", one.domain, one.op_type, one.count);
    details.operators.iter().map(shown).collect()
}

#[test]
fn the_fraud_model() {
    let details = read(FRAUD).expect("whole");
    assert_eq!(operators(&details), ["ai.onnx/Gemm 2", "ai.onnx/Relu 1", "ai.onnx/Sigmoid 1"]);
    assert_eq!(ports(&details.inputs), ["input float32[N,29]"]);
    assert_eq!(ports(&details.outputs), ["probabilities float32[N,1]"]);
    assert_eq!(details.ir_version, 8);
    assert!(details.external_files.is_empty());
    assert!(details.parameters > 29);
}

#[test]
fn the_forest() {
    let details = read(FOREST).expect("whole");
    assert!(operators(&details).contains(&"ai.onnx.ml/TreeEnsembleClassifier 1".to_owned()));
    assert_eq!(ports(&details.inputs), ["input float32[N,29]"]);
    assert_eq!(ports(&details.outputs), ["label int64[N]", "probabilities float32[N,2]"]);
    assert!(details.opsets.contains_key("ai.onnx.ml"));
}

#[test]
fn wherever_it_is_cut_off_is_found_out() {
    // Between its outermost fields, behind all that is needed, nothing tells that one is missing.
    let mut ends = std::collections::BTreeSet::new();
    let mut fields = Bytes::new(FRAUD);
    while protobuf::next(&mut fields).expect("whole").is_some() {
        ends.insert(fields.at());
    }
    let whole: Vec<usize> = (0..FRAUD.len()).filter(|end| read(&FRAUD[..*end]).is_ok()).collect();
    assert!(whole.iter().all(|end| ends.contains(end)), "{whole:?}");
    assert!(whole.len() < ends.len() / 2, "{whole:?} of {ends:?}");
}

fn varint(mut number: u64) -> Vec<u8> {
    let mut bytes = Vec::new();
    while number >= 0x80 {
        bytes.push((number & 0x7f) as u8 | 0x80);
        number >>= 7;
    }
    bytes.push(number as u8);
    bytes
}

fn number(field: u64, value: u64) -> Vec<u8> {
    [varint(field << 3), varint(value)].concat()
}

fn content(field: u64, content: impl AsRef<[u8]>) -> Vec<u8> {
    let content = content.as_ref();
    [varint(field << 3 | 2), varint(content.len() as u64), content.to_vec()].concat()
}

fn node(op_type: &str, domain: &str, attribute: &[u8]) -> Vec<u8> {
    let mut fields = [content(1, "x"), content(2, "y"), content(4, op_type)].concat();
    if !domain.is_empty() {
        fields.extend(content(7, domain));
    }
    if !attribute.is_empty() {
        fields.extend(content(5, attribute));
    }
    content(1, fields)
}

fn model(graph: &[Vec<u8>], more: &[Vec<u8>]) -> Vec<u8> {
    let output = content(12, content(1, "y"));
    let graph = content(7, [graph.concat(), output].concat());
    [number(1, 9), graph, content(8, number(2, 17)), more.concat()].concat()
}

fn check(model: &[u8], expected: Result<&[&str], &str>) {
    let found = read(model).map(|details| operators(&details)).map_err(|fault| fault.reason);
    let expected = expected.map_err(str::to_owned);
    let expected = expected.map(|list| list.iter().map(|one| (*one).to_owned()).collect());
    assert_eq!(found, expected);
}

#[test]
fn operators_in_nested_graphs_and_functions() {
    let inner = content(6, node("Add", "", b""));
    let branch = [content(1, "then_branch"), inner].concat();
    check(
        &model(&[node("If", "", &branch), node("Add", "ai.onnx", b"")], &[]),
        Ok(&["ai.onnx/Add 2", "ai.onnx/If 1"]),
    );
    let body = content(7, [content(4, "Mul")].concat());
    let function = content(25, [content(1, "Scale"), body, content(10, "mine")].concat());
    check(
        &model(&[node("Scale", "mine", b""), node("Scale", "other", b"")], &[function]),
        Ok(&["ai.onnx/Mul 1", "other/Scale 1"]),
    );
}

#[test]
fn graphs_that_nest_without_end() {
    let mut inner = node("Add", "", b"");
    for _ in 0..40 {
        inner = node("Loop", "", &content(6, inner));
    }
    check(&model(&[inner], &[]), Err("graphs nest deeper than 32"));
}

fn tensor(name: &str, dimensions: &[u64], data: &[u8]) -> Vec<u8> {
    let packed: Vec<u8> = dimensions.iter().flat_map(|size| varint(*size)).collect();
    content(5, [content(1, packed), number(2, 1), content(8, name), content(9, data)].concat())
}

#[test]
fn constants() {
    let input = |name: &str| content(11, content(1, name));
    let built = model(&[tensor("w", &[2, 3], &[0; 24]), input("x"), input("w")], &[]);
    let details = read(&built).expect("whole");
    assert_eq!(ports(&details.inputs), ["x unknown[?]"]);
    assert_eq!(details.parameters, 6);
    check(
        &model(&[tensor("w", &[2, 3], &[0; 20])], &[]),
        Err("the tensor \"w\" of 6 elements cannot have 20 bytes of data"),
    );
    check(&model(&[tensor("w", &[1 << 40, 1 << 40], &[])], &[]), Err("a tensor is too large"));
    let place = [content(1, "location"), content(2, "weights.bin")].concat();
    let external = content(5, [number(1, 1), number(2, 1), content(13, place)].concat());
    let details = read(&model(&[external], &[])).expect("whole");
    assert_eq!(details.external_files, ["weights.bin".to_owned()].into());
}

#[test]
fn shapes_and_types() {
    let dimensions = [content(1, content(2, "batch")), content(1, number(1, 4)), content(1, "")];
    let tensor = content(1, [number(1, 11), content(2, dimensions.concat())].concat());
    let typed = content(11, [content(1, "a"), content(2, tensor)].concat());
    let list = content(11, [content(1, "b"), content(2, content(4, ""))].concat());
    let details = read(&model(&[typed, list], &[])).expect("whole");
    assert_eq!(ports(&details.inputs), ["a float64[batch,4,?]", "b sequence[?]"]);
}

#[test]
fn metadata_and_versions() {
    let entry = |key: &str, value: &str| content(14, [content(1, key), content(2, value)].concat());
    let opset = content(8, [content(1, "ai.onnx.ml"), number(2, 3)].concat());
    let built = model(&[], &[entry("task", "fraud"), entry("author", ""), opset]);
    let details = read(&built).expect("whole");
    let metadata =
        [("author", ""), ("task", "fraud")].map(|(key, value)| (key.to_owned(), value.to_owned()));
    assert_eq!(details.metadata, metadata.into());
    let opsets = [("ai.onnx", 17), ("ai.onnx.ml", 3)];
    assert_eq!(details.opsets, opsets.map(|(name, version)| (name.to_owned(), version)).into());
}

#[test]
fn models_that_lack_something() {
    let graph = || content(7, content(12, content(1, "y")));
    let opset = || content(8, number(2, 17));
    let cases = [
        ([number(1, 9), opset()].concat(), "the graph is missing"),
        ([number(1, 9), graph()].concat(), "the versions of operator sets are missing"),
        ([graph(), opset()].concat(), "the version of the format is missing"),
        ([number(1, 9), graph(), graph(), opset()].concat(), "there are two graphs"),
        ([number(1, 9), content(7, ""), opset()].concat(), "the graph has no outputs"),
        (model(&[content(1, content(1, "x"))], &[]), "a node has no operator"),
        (model(&[], &[content(900, "")]), "a model has no field 900"),
        (model(&[], &[vec![0x00]]), "0 is no number of a field"),
        (model(&[], &[vec![0x0b]]), "3 is no kind of field"),
        (model(&[], &[content(2, b"\xff")]), "a text is no valid UTF-8"),
        (model(&[], &[number(7, 1)]), "there are two graphs"),
        (model(&[number(1, 1)], &[]), "field 1 should have content"),
        (model(&[], &[content(1, "")]), "field 1 should be a number"),
        (model(&[], &[vec![0x28], vec![0xff; 12]]), "a number is longer than 64 bits"),
    ];
    for (built, expected) in cases {
        check(&built, Err(expected));
    }
}

proptest! {
    #[test]
    fn damage_is_survived(at in 0..FRAUD.len(), byte: u8) {
        let mut damaged = FRAUD.to_vec();
        damaged[at] = byte;
        if let Err(fault) = read(&damaged) {
            prop_assert!(fault.at <= damaged.len());
        }
    }

    #[test]
    fn any_bytes_are_survived(bytes in prop::collection::vec(any::<u8>(), 0..200)) {
        prop_assert!(read(&bytes).is_err());
    }
}
