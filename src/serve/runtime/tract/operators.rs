//! Which of a model's operators tract lacks.

use std::collections::BTreeSet;

use tract_onnx::pb::GraphProto;
use tract_onnx::prelude::onnx;

/// The operators that tract lacks, as `domain.Op`, sorted.
pub(super) fn lacking(graph: &GraphProto) -> Vec<String> {
    let known = onnx().op_register.0;
    let mut found = BTreeSet::new();
    walk(graph, &|operator| known.contains_key(operator), &mut found);
    found.into_iter().collect()
}

/// Looks at a graph, and at the graphs within its nodes (branches and loop bodies).
fn walk(graph: &GraphProto, is_known: &dyn Fn(&str) -> bool, found: &mut BTreeSet<String>) {
    for node in &graph.node {
        if !is_known(&node.op_type) {
            let domain = if node.domain.is_empty() { "ai.onnx" } else { &node.domain };
            found.insert(format!("{domain}.{}", node.op_type));
        }
        for attribute in &node.attribute {
            for inner in attribute.g.iter().chain(&attribute.graphs) {
                walk(inner, is_known, found);
            }
        }
    }
}

#[cfg(test)]
mod tests {
    use tract_onnx::pb::{AttributeProto, NodeProto};

    use super::*;

    #[test]
    fn lacking_operators_are_named_once_sorted_and_found_in_branches() {
        let node = |domain: &str, operator: &str| NodeProto {
            domain: domain.to_owned(),
            op_type: operator.to_owned(),
            ..NodeProto::default()
        };
        let branch = GraphProto { node: vec![node("", "Nonesuch")], ..GraphProto::default() };
        let mut condition = node("", "If");
        condition.attribute = vec![AttributeProto { g: Some(branch), ..AttributeProto::default() }];
        let scaler = node("ai.onnx.ml", "Scaler");
        let nodes = vec![scaler.clone(), node("", "Relu"), condition, scaler];
        let graph = GraphProto { node: nodes, ..GraphProto::default() };
        assert_eq!(lacking(&graph), ["ai.onnx.Nonesuch", "ai.onnx.ml.Scaler"]);
    }
}
