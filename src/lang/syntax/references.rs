//! What an expression refers to, without evaluating it.

use skyform_diag::Span;
use skyform_value::{InstanceKey, Mode, Step, Str};

use super::ast::{Block, Body, Expr, ExprKind, Part, Traversal, TraversalStep};
use crate::config::{Reference, ResourceKey, Subject};

impl Expr {
    /// Everything that it refers to, in order of appearance.
    pub fn references(&self) -> Vec<Reference> {
        let mut collect = Collect::default();
        collect.expression(self);
        collect.found
    }

    /// Whether a function is called anywhere in it.
    pub fn has_calls(&self) -> bool {
        let mut collect = Collect::default();
        collect.expression(self);
        collect.calls
    }

    /// The reference that the expression is, if it is one and nothing else.
    pub fn as_reference(&self) -> Option<Reference> {
        match &*self.kind {
            ExprKind::Traversal(traversal) => reference(traversal, self.span),
            ExprKind::Name(name) => bare(name, self.span),
            _ => None,
        }
    }
}

impl Body {
    /// Everything that its arguments and nested blocks refer to.
    pub fn references(&self) -> Vec<Reference> {
        let mut collect = Collect::default();
        collect.body(self);
        collect.found
    }
}

#[derive(Default)]
struct Collect {
    /// Names of `for` variables and `dynamic` iterators in reach.
    bound: Vec<Str>,
    found: Vec<Reference>,
    /// Whether a function is called.
    calls: bool,
}

impl Collect {
    fn body(&mut self, body: &Body) {
        for attribute in body.attributes.values() {
            self.expression(&attribute.expr);
        }
        for block in &body.blocks {
            if block.kind == "dynamic" {
                self.dynamic(block);
            } else {
                self.body(&block.body);
            }
        }
    }

    fn dynamic(&mut self, block: &Block) {
        let iterator = block.body.attributes.get("iterator").and_then(|a| a.expr.as_name());
        let name = iterator.cloned().or_else(|| block.labels.first().map(|(name, _)| name.clone()));
        for attribute in block.body.attributes.values().filter(|a| a.name == "for_each") {
            self.expression(&attribute.expr);
        }
        let depth = self.bound.len();
        self.bound.extend(name);
        for attribute in block.body.attributes.values().filter(|a| a.name == "labels") {
            self.expression(&attribute.expr);
        }
        for content in &block.body.blocks {
            self.body(&content.body);
        }
        self.bound.truncate(depth);
    }

    fn expression(&mut self, expression: &Expr) {
        match &*expression.kind {
            ExprKind::Literal(_) => {}
            ExprKind::Template(parts) => self.parts(parts),
            ExprKind::Wrapped(inner) | ExprKind::Parenthesis(inner) => self.expression(inner),
            ExprKind::Unary(_, inner) => self.expression(inner),
            ExprKind::Tuple(items) => items.iter().for_each(|item| self.expression(item)),
            ExprKind::Object(items) => {
                for (key, value) in items {
                    self.expression(key);
                    self.expression(value);
                }
            }
            ExprKind::Name(name) => {
                if !self.bound.contains(name) {
                    self.found.extend(bare(name, expression.span));
                }
            }
            ExprKind::Traversal(traversal) => self.traversal(traversal, expression.span),
            ExprKind::Call { arguments, .. } => {
                self.calls = true;
                arguments.iter().for_each(|argument| self.expression(argument));
            }
            ExprKind::Binary(_, left, right) => {
                self.expression(left);
                self.expression(right);
            }
            ExprKind::Conditional(condition, yes, no) => {
                self.expression(condition);
                self.expression(yes);
                self.expression(no);
            }
            ExprKind::For { key, value, collection, result_key, result, condition, .. } => {
                self.expression(collection);
                let depth = self.bound.len();
                self.bound.extend(key.clone());
                self.bound.push(value.clone());
                for inner in result_key.iter().chain([result]).chain(condition) {
                    self.expression(inner);
                }
                self.bound.truncate(depth);
            }
        }
    }

    fn parts(&mut self, parts: &[Part]) {
        for part in parts {
            match part {
                Part::Literal(_) => {}
                Part::Interpolation(inner) => self.expression(inner),
                Part::If { condition, then, otherwise } => {
                    self.expression(condition);
                    self.parts(then);
                    self.parts(otherwise);
                }
                Part::For { key, value, collection, body } => {
                    self.expression(collection);
                    let depth = self.bound.len();
                    self.bound.extend(key.clone());
                    self.bound.push(value.clone());
                    self.parts(body);
                    self.bound.truncate(depth);
                }
            }
        }
    }

    fn traversal(&mut self, traversal: &Traversal, span: Span) {
        match traversal.root.as_name() {
            Some(name) if self.bound.contains(name) => {}
            Some(_) => self.found.extend(reference(traversal, span)),
            None => self.expression(&traversal.root),
        }
        for (step, _) in &traversal.steps {
            if let TraversalStep::Index(index) = step {
                self.expression(index);
            }
        }
    }
}

/// A name alone: only `self` means something.
fn bare(name: &str, span: Span) -> Option<Reference> {
    let subject = match name {
        "self" => Subject::SelfObject,
        _ => return None,
    };
    Some(Reference { subject, span, rest: Vec::new(), places: Vec::new() })
}

/// What a traversal from a name refers to.
pub(crate) fn reference(traversal: &Traversal, span: Span) -> Option<Reference> {
    let root = traversal.root.as_name()?;
    let steps: Vec<Option<Step>> =
        traversal.steps.iter().map(|(step, _)| constant_step(step)).collect();
    let name = |at: usize| match steps.get(at) {
        Some(Some(Step::Attribute(name))) => Some(name.clone()),
        _ => None,
    };
    let key = |at: usize| match steps.get(at) {
        Some(Some(Step::Index(index))) => Some(InstanceKey::Index(*index)),
        Some(Some(Step::Key(key))) => Some(InstanceKey::Name(key.clone())),
        _ => None,
    };
    let (subject, used) = match root.as_str() {
        "var" => (Subject::Variable(name(0)?), 1),
        "local" => (Subject::Local(name(0)?), 1),
        "path" => (Subject::Path(name(0)?), 1),
        "terraform" => (Subject::Terraform(name(0)?), 1),
        "each" => (Subject::Each(name(0)?), 1),
        "count" => (Subject::CountIndex, 1),
        "self" => (Subject::SelfObject, 0),
        "module" => {
            let call = name(0)?;
            match key(1) {
                Some(instance) => {
                    let output = name(2);
                    let used = 2 + usize::from(output.is_some());
                    (Subject::Module(call, Some(instance), output), used)
                }
                None => {
                    let output = name(1);
                    let used = 1 + usize::from(output.is_some());
                    (Subject::Module(call, None, output), used)
                }
            }
        }
        "data" => resource(Mode::Data, name(0)?, name(1)?, key(2), 2),
        "ephemeral" => resource(Mode::Ephemeral, name(0)?, name(1)?, key(2), 2),
        "resource" => resource(Mode::Managed, name(0)?, name(1)?, key(2), 2),
        _ => resource(Mode::Managed, root.clone(), name(0)?, key(1), 1),
    };
    let rest: Vec<Step> = steps.into_iter().skip(used).map_while(|step| step).collect();
    let places = traversal.steps.iter().skip(used).take(rest.len()).map(|(_, at)| *at).collect();
    Some(Reference { subject, span, rest, places })
}

fn resource(
    mode: Mode,
    type_name: Str,
    name: Str,
    key: Option<InstanceKey>,
    used: usize,
) -> (Subject, usize) {
    let used = used + usize::from(key.is_some());
    (Subject::Resource(ResourceKey { mode, type_name, name }, key), used)
}

/// The step, if it does not have to be evaluated.
fn constant_step(step: &TraversalStep) -> Option<Step> {
    match step {
        TraversalStep::Attribute(name) => Some(Step::Attribute(name.clone())),
        TraversalStep::LegacyIndex(index) => Some(Step::Index(*index)),
        TraversalStep::Index(index) => {
            let key = InstanceKey::from_value(index.as_literal()?)?;
            Some(match key {
                InstanceKey::Index(index) => Step::Index(index),
                InstanceKey::Name(name) => Step::Key(name),
            })
        }
        TraversalStep::AttributeSplat | TraversalStep::FullSplat => None,
    }
}
