//! Topological order, or the cycles that prevent one.

use petgraph::algo::tarjan_scc;
use petgraph::graph::{DiGraph, NodeIndex};
use skyform_diag::{Diagnostic, Diagnostics, Location, Span};
use skyform_lang::config::Config;

use super::node::{Node, NodeId};

type Edges = [Vec<(NodeId, Option<Span>)>];

/// All nodes, each behind its dependencies; of several ready ones the first in the configuration.
///
/// # Errors
/// One diagnostic a cycle, with the way round spelt out.
pub(super) fn order(
    nodes: &[Node],
    edges: &Edges,
    config: &Config,
) -> Result<Vec<NodeId>, Diagnostics> {
    let mut waiting: Vec<usize> = edges.iter().map(Vec::len).collect();
    let mut dependents: Vec<Vec<u32>> = vec![Vec::new(); nodes.len()];
    for (node, dependencies) in (0..).zip(edges) {
        for (dependency, _) in dependencies {
            dependents[dependency.0 as usize].push(node);
        }
    }
    let mut order = Vec::with_capacity(nodes.len());
    order.extend((0..).zip(&waiting).filter(|(_, count)| **count == 0).map(|(n, _)| NodeId(n)));
    let mut next = 0;
    while let Some(node) = order.get(next).copied() {
        next += 1;
        for dependent in &dependents[node.0 as usize] {
            waiting[*dependent as usize] -= 1;
            if waiting[*dependent as usize] == 0 {
                order.push(NodeId(*dependent));
            }
        }
    }
    if order.len() == nodes.len() { Ok(order) } else { Err(find_cycles(nodes, edges, config)) }
}

fn find_cycles(nodes: &[Node], edges: &Edges, config: &Config) -> Diagnostics {
    let mut graph = DiGraph::<(), ()>::new();
    for _ in nodes {
        graph.add_node(());
    }
    for (node, dependencies) in edges.iter().enumerate() {
        for (dependency, _) in dependencies {
            graph.add_edge(NodeIndex::new(node), NodeIndex::new(dependency.0 as usize), ());
        }
    }
    let mut diagnostics = Diagnostics::new();
    for component in tarjan_scc(&graph) {
        let mut members: Vec<usize> = component.into_iter().map(NodeIndex::index).collect();
        members.sort_unstable();
        let itself = edges[members[0]].iter().any(|(node, _)| node.0 as usize == members[0]);
        if members.len() > 1 || itself {
            diagnostics.push(describe(&walk_round(&members, edges), nodes, edges, config));
        }
    }
    diagnostics.sort();
    diagnostics
}

/// A shortest way from the first member back to itself, by breadth-first search.
fn walk_round(members: &[usize], edges: &Edges) -> Vec<usize> {
    let start = members[0];
    let mut came_from = std::collections::BTreeMap::new();
    let mut queue = std::collections::VecDeque::from([start]);
    while let Some(node) = queue.pop_front() {
        for (dependency, _) in &edges[node] {
            let dependency = dependency.0 as usize;
            if dependency == start {
                let mut way = vec![node];
                while let Some(previous) = came_from.get(way.last().unwrap_or(&start)) {
                    way.push(*previous);
                }
                way.reverse();
                return way;
            }
            if members.binary_search(&dependency).is_ok() && !came_from.contains_key(&dependency) {
                came_from.insert(dependency, node);
                queue.push_back(dependency);
            }
        }
    }
    vec![start]
}

fn describe(way: &[usize], nodes: &[Node], edges: &Edges, config: &Config) -> Diagnostic {
    let name = |node: usize| nodes[node].display(config);
    let names: Vec<_> = way.iter().chain(way.first()).map(|node| name(*node)).collect();
    let place = |from: usize, to: usize| {
        let found = edges[from].iter().find(|(node, _)| node.0 as usize == to);
        found.and_then(|(_, span)| *span).or_else(|| nodes[from].span(config))
    };
    let steps: Vec<(usize, usize)> =
        way.iter().copied().zip(way.iter().copied().cycle().skip(1)).collect();
    let (first, rest) = steps.split_first().map_or((None, &[][..]), |(f, r)| (Some(*f), r));
    let location = first
        .and_then(|(from, to)| place(from, to))
        .map_or_else(|| Location::address(&names[0]), Location::Span);
    let detail = if way.len() == 1 {
        format!("{} refers to itself.", names[0])
    } else {
        format!("These need each other's values, so none can come first: {}.", names.join(" -> "))
    };
    let mut diagnostic = Diagnostic::error(location, "Dependency cycle", detail)
        .hint("Take one of these references out, or split the block that makes it.");
    if let Some((from, to)) = first {
        diagnostic = diagnostic.label(format!("{} needs {}", name(from), name(to)));
    }
    for (from, to) in rest {
        if let Some(span) = place(*from, *to) {
            diagnostic = diagnostic.related(span, format!("{} needs {}", name(*from), name(*to)));
        }
    }
    diagnostic
}
