//! The graph as data for others: blocks by name, and what each waits for.

use std::collections::HashSet;

use skyform_diag::Diagnostics;
use skyform_lang::config::Config;
use skyform_value::Mode;

use super::node::{NodeId, NodeKind};
use super::{BlockRole, Graph};

/// A block in an outline.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct OutlineNode {
    /// Its name, with its module in front.
    pub name: String,
    /// Its name within its module.
    pub label: String,
    /// The module that it is in; empty for the root.
    pub module: String,
    /// Whether it is a resource or data source.
    pub is_resource: bool,
}

/// Blocks of a configuration and what each waits for.
#[derive(Clone, Debug, Default, PartialEq, Eq)]
pub struct Outline {
    /// The blocks.
    pub nodes: Vec<OutlineNode>,
    /// From a block to one that it waits for, by number, sorted.
    pub edges: Vec<(usize, usize)>,
}

/// All blocks of a configuration that have a value or an effect.
///
/// # Errors
/// Dependency cycles.
pub fn outline(config: &Config) -> Result<Outline, Diagnostics> {
    let graph = Graph::build(config, |_, _| BlockRole::default())?;
    let nodes = graph.nodes.iter().map(|node| {
        let module = &config.modules[node.module.0];
        let (label, is_resource) = match node.kind {
            NodeKind::Resource(index) => {
                let key = &module.source.resources[index].key;
                let mode = match key.mode {
                    Mode::Managed => "",
                    Mode::Data => "data.",
                    Mode::Ephemeral => "ephemeral.",
                };
                (format!("{mode}{}.{}", key.type_name, key.name), true)
            }
            NodeKind::ModuleDone => ("(all of it)".to_owned(), false),
            _ => {
                let name = node.display(config);
                let prefix = format!("{}.", module.path);
                (name.strip_prefix(&prefix).unwrap_or(&name).to_owned(), false)
            }
        };
        let path = module.path.to_string();
        let name = if path.is_empty() { label.clone() } else { format!("{path}.{label}") };
        OutlineNode { name, label, module: path, is_resource }
    });
    let nodes = nodes.collect();
    let mut edges: Vec<(usize, usize)> = graph
        .dependencies
        .iter()
        .enumerate()
        .flat_map(|(from, needs)| needs.iter().map(move |(need, _)| (from, need.0 as usize)))
        .collect();
    edges.sort_unstable();
    // What nothing says anything about is only there for the engine's own sake.
    let clouds = graph.clouds().0 as usize;
    Ok(without(Outline { nodes, edges }, &HashSet::from([clouds])))
}

/// Resources alone: each with the nearest ones that it waits for, through whatever else.
pub fn resource_outline(config: &Config) -> Result<Outline, Diagnostics> {
    let all = outline(config)?;
    let mut needs: Vec<Vec<usize>> = vec![Vec::new(); all.nodes.len()];
    for (from, to) in &all.edges {
        needs[*from].push(*to);
    }
    let graph = Graph::build(config, |_, _| BlockRole::default())?;
    let mut nearest: Vec<Vec<usize>> = vec![Vec::new(); all.nodes.len()];
    for NodeId(node) in &graph.order {
        let node = *node as usize;
        if node >= all.nodes.len() {
            continue;
        }
        let mut found = Vec::new();
        for need in &needs[node] {
            if all.nodes[*need].is_resource {
                found.push(*need);
            } else {
                found.extend(&nearest[*need]);
            }
        }
        found.sort_unstable();
        found.dedup();
        nearest[node] = found;
    }
    let edges = nearest
        .iter()
        .enumerate()
        .flat_map(|(from, needs)| needs.iter().map(move |need| (from, *need)).collect::<Vec<_>>());
    let edges = edges.collect();
    let others: HashSet<usize> =
        (0..all.nodes.len()).filter(|node| !all.nodes[*node].is_resource).collect();
    Ok(without(Outline { nodes: all.nodes, edges }, &others))
}

/// Without some nodes and their edges.
fn without(outline: Outline, gone: &HashSet<usize>) -> Outline {
    let mut numbers = Vec::with_capacity(outline.nodes.len());
    let mut nodes = Vec::new();
    for (number, node) in outline.nodes.into_iter().enumerate() {
        numbers.push(nodes.len());
        if !gone.contains(&number) {
            nodes.push(node);
        }
    }
    let kept = outline.edges.into_iter().filter(|(a, b)| !gone.contains(a) && !gone.contains(b));
    Outline { nodes, edges: kept.map(|(a, b)| (numbers[a], numbers[b])).collect() }
}
