//! Graphs in the DOT language of Graphviz. The same graph is always the same text.

use std::collections::BTreeMap;
use std::fmt::Write as _;

use skyform_plan::{ActionKind, Plan};

/// A node of a graph.
#[derive(Clone, Debug, PartialEq, Eq, PartialOrd, Ord)]
pub struct GraphNode {
    /// The module that it is drawn in; empty for the root.
    pub module: String,
    /// Its name in the whole graph.
    pub name: String,
    /// What is written on it.
    pub label: String,
}

/// A graph of nodes and edges from a node to one that it waits for, drawn from right to left.
pub fn graph_dot(nodes: &[GraphNode], edges: &[(usize, usize)]) -> String {
    let mut order: Vec<usize> = (0..nodes.len()).collect();
    order.sort_by(|left, right| nodes[*left].cmp(&nodes[*right]));
    let mut place = vec![0; nodes.len()];
    order.iter().enumerate().for_each(|(at, node)| place[*node] = at);
    let mut text = String::from(
        "digraph G {\n  rankdir = \"RL\";\n  node [shape = rect, fontname = \"sans-serif\"];\n",
    );
    let mut modules: BTreeMap<&str, Vec<&GraphNode>> = BTreeMap::new();
    for node in &order {
        modules.entry(&nodes[*node].module).or_default().push(&nodes[*node]);
    }
    for (module, nodes) in modules {
        let inner = if module.is_empty() { "  " } else { "    " };
        if !module.is_empty() {
            let name = quoted(&format!("cluster_{module}"));
            // Writing to a string cannot fail.
            let _ = writeln!(text, "  subgraph {name} {{\n    label = {}", quoted(module));
            text.push_str("    fontname = \"sans-serif\"\n");
        }
        for node in nodes {
            let (name, label) = (quoted(&node.name), quoted(&node.label));
            let _ = writeln!(text, "{inner}{name} [label={label}];");
        }
        if !module.is_empty() {
            text.push_str("  }\n");
        }
    }
    let mut sorted: Vec<(usize, usize)> =
        edges.iter().map(|(from, to)| (place[*from], place[*to])).collect();
    sorted.sort_unstable();
    for (from, to) in sorted {
        let name = |at: usize| quoted(&nodes[order[at]].name);
        let _ = writeln!(text, "  {} -> {};", name(from), name(to));
    }
    text.push_str("}\n");
    text
}

/// The actions of a plan, each with those that it waits for.
pub fn actions_dot(plan: &Plan) -> String {
    let nodes: Vec<GraphNode> = plan
        .actions
        .iter()
        .enumerate()
        .map(|(number, action)| {
            let (verb, address) = match &action.kind {
                ActionKind::Join => ("join", String::new()),
                ActionKind::Output(name) => ("output", name.to_string()),
                ActionKind::Open(address) => ("open", address.to_string()),
                ActionKind::Close(address) => ("close", address.to_string()),
                kind => {
                    let change = kind.change().map(|id| plan.change(id));
                    let deposed = change.and_then(|change| change.deposed.as_ref());
                    let deposed = deposed.map(|key| format!(" (deposed {})", key.0));
                    let address = change.map(|change| change.address.to_string());
                    (verb(kind), address.unwrap_or_default() + &deposed.unwrap_or_default())
                }
            };
            let label = format!("{verb} {address}").trim_end().to_owned();
            let name = match &action.kind {
                ActionKind::Join => format!("join {number}"),
                _ => label.clone(),
            };
            GraphNode { module: String::new(), name, label }
        })
        .collect();
    let edges: Vec<(usize, usize)> = plan
        .actions
        .iter()
        .enumerate()
        .flat_map(|(from, action)| action.after.iter().map(move |to| (from, to.0 as usize)))
        .collect();
    graph_dot(&nodes, &edges)
}

fn verb(kind: &ActionKind) -> &'static str {
    match kind {
        ActionKind::Create(_) => "create",
        ActionKind::CreateBeforeDestroy(_) => "create before destroy",
        ActionKind::Update(_) => "update",
        ActionKind::Delete(_) => "delete",
        ActionKind::Read(_) => "read",
        ActionKind::Forget(_) => "forget",
        ActionKind::Output(_) => "output",
        ActionKind::Open(_) => "open",
        ActionKind::Close(_) => "close",
        ActionKind::Join => "join",
    }
}

fn quoted(text: &str) -> String {
    format!("\"{}\"", text.replace('\\', "\\\\").replace('"', "\\\""))
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn the_order_of_nodes_and_edges_does_not_matter() {
        let node = |module: &str, name: &str| GraphNode {
            module: module.to_owned(),
            name: name.to_owned(),
            label: name.trim_start_matches("module.m.").to_owned(),
        };
        let (a, b, c) = (node("", "t.a"), node("", "t.b[\"k\"]"), node("module.m", "module.m.t.c"));
        let one = graph_dot(&[a.clone(), b.clone(), c.clone()], &[(1, 0), (2, 0)]);
        let other = graph_dot(&[c, b, a], &[(0, 2), (1, 2)]);
        assert_eq!(one, other);
        let expected = "digraph G {
  rankdir = \"RL\";
  node [shape = rect, fontname = \"sans-serif\"];
  \"t.a\" [label=\"t.a\"];
  \"t.b[\\\"k\\\"]\" [label=\"t.b[\\\"k\\\"]\"];
  subgraph \"cluster_module.m\" {
    label = \"module.m\"
    fontname = \"sans-serif\"
    \"module.m.t.c\" [label=\"t.c\"];
  }
  \"t.b[\\\"k\\\"]\" -> \"t.a\";
  \"module.m.t.c\" -> \"t.a\";
}
";
        assert_eq!(one, expected);
    }
}
