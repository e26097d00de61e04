//! The tree. Cheap to clone; every node knows its place.

use std::sync::Arc;

use indexmap::IndexMap;
use skyform_diag::Span;
use skyform_value::{Str, Value};

/// The content of a file or block.
#[derive(Clone, Debug)]
pub struct Body {
    /// Arguments by name, in order.
    pub attributes: IndexMap<Str, Attribute>,
    /// Nested blocks, in order.
    pub blocks: Vec<Block>,
    /// The whole.
    pub span: Span,
}

/// An argument.
#[derive(Clone, Debug)]
pub struct Attribute {
    /// Its name.
    pub name: Str,
    /// Where the name stands.
    pub name_span: Span,
    /// Its value.
    pub expr: Expr,
    /// Name and value.
    pub span: Span,
}

/// A nested block.
#[derive(Clone, Debug)]
pub struct Block {
    /// Its type.
    pub kind: Str,
    /// Where the type stands.
    pub kind_span: Span,
    /// Its labels.
    pub labels: Vec<(Str, Span)>,
    /// Its content.
    pub body: Body,
    /// Type and labels.
    pub span: Span,
}

/// An expression.
#[derive(Clone, Debug)]
pub struct Expr {
    /// What it is.
    pub kind: Arc<ExprKind>,
    /// Where it stands.
    pub span: Span,
}

/// What an expression is.
#[derive(Clone, Debug)]
pub enum ExprKind {
    /// A constant.
    Literal(Value),
    /// Text with parts to be filled in.
    Template(Vec<Part>),
    /// A template that is just `${...}`: the value itself, not made text.
    Wrapped(Expr),
    /// `[...]`
    Tuple(Vec<Expr>),
    /// `{...}`
    Object(Vec<(Expr, Expr)>),
    /// A name: the first part of a reference, or a `for` variable.
    Name(Str),
    /// Attributes, indices and splats behind an expression.
    Traversal(Traversal),
    /// A function call.
    Call {
        /// The function's name, with `::` between its parts.
        name: Str,
        /// Where the name stands.
        name_span: Span,
        /// Its arguments.
        arguments: Vec<Expr>,
        /// Whether the last one is spread (`...`).
        spread: bool,
    },
    /// `-x`, `!x`
    Unary(UnaryOperator, Expr),
    /// `x + y`
    Binary(BinaryOperator, Expr, Expr),
    /// `c ? x : y`
    Conditional(Expr, Expr, Expr),
    /// `(x)`
    Parenthesis(Expr),
    /// `[for ...]`, `{for ...}`
    For {
        /// Name for keys.
        key: Option<Str>,
        /// Name for values.
        value: Str,
        /// What is gone through.
        collection: Expr,
        /// Key of the result's elements, for an object.
        result_key: Option<Expr>,
        /// Value of the result's elements.
        result: Expr,
        /// Whether values of the same key are gathered (`...`).
        grouping: bool,
        /// Which elements are taken.
        condition: Option<Expr>,
    },
}

/// Attributes, indices and splats behind an expression.
#[derive(Clone, Debug)]
pub struct Traversal {
    /// What it starts from.
    pub root: Expr,
    /// The steps with their places.
    pub steps: Vec<(TraversalStep, Span)>,
}

/// One step of a traversal.
#[derive(Clone, Debug)]
pub enum TraversalStep {
    /// `.name`
    Attribute(Str),
    /// `[key]`
    Index(Expr),
    /// `.0`
    LegacyIndex(u64),
    /// `.*`
    AttributeSplat,
    /// `[*]`
    FullSplat,
}

/// A part of a template.
#[derive(Clone, Debug)]
pub enum Part {
    /// Text as it is.
    Literal(Str),
    /// `${...}`
    Interpolation(Expr),
    /// `%{if ...}`
    If {
        /// The condition.
        condition: Expr,
        /// Where it is true.
        then: Vec<Part>,
        /// Where it is not.
        otherwise: Vec<Part>,
    },
    /// `%{for ...}`
    For {
        /// Name for keys.
        key: Option<Str>,
        /// Name for values.
        value: Str,
        /// What is gone through.
        collection: Expr,
        /// What is written for each.
        body: Vec<Part>,
    },
}

/// Operators with one operand.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum UnaryOperator {
    /// `-`
    Negate,
    /// `!`
    Not,
}

/// Operators with two operands.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum BinaryOperator {
    /// `==`
    Equal,
    /// `!=`
    NotEqual,
    /// `<`
    Less,
    /// `<=`
    LessOrEqual,
    /// `>`
    Greater,
    /// `>=`
    GreaterOrEqual,
    /// `+`
    Add,
    /// `-`
    Subtract,
    /// `*`
    Multiply,
    /// `/`
    Divide,
    /// `%`
    Modulo,
    /// `&&`
    And,
    /// `||`
    Or,
}

impl Expr {
    /// An expression at a place.
    pub fn new(kind: ExprKind, span: Span) -> Self {
        Self { kind: Arc::new(kind), span }
    }

    /// A constant at a place.
    pub fn literal(value: impl Into<Value>, span: Span) -> Self {
        Self::new(ExprKind::Literal(value.into()), span)
    }

    /// The constant, if it is one.
    pub fn as_literal(&self) -> Option<&Value> {
        match &*self.kind {
            ExprKind::Literal(value) => Some(value),
            _ => None,
        }
    }

    /// The name, if it is one without anything behind it.
    pub fn as_name(&self) -> Option<&Str> {
        match &*self.kind {
            ExprKind::Name(name) => Some(name),
            _ => None,
        }
    }
}

impl Body {
    /// A body with nothing in it.
    pub fn empty(span: Span) -> Self {
        Self { attributes: IndexMap::new(), blocks: Vec::new(), span }
    }

    /// Takes an argument out.
    pub fn take(&mut self, name: &str) -> Option<Attribute> {
        self.attributes.shift_remove(name)
    }

    /// Takes all nested blocks of a type out.
    pub fn take_blocks(&mut self, kind: &str) -> Vec<Block> {
        self.blocks.extract_if(.., |block| block.kind == kind).collect()
    }
}
