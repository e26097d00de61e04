//! From hcl-edit's tree to ours.

use hcl_edit::expr::{
    BinaryOperator as HclBinary, Expression, ForExpr, ObjectKey, Traversal as HclTraversal,
    TraversalOperator, UnaryOperator as HclUnary,
};
use hcl_edit::structure::{BlockLabel, Body as HclBody, Structure};
use indexmap::map::Entry;
use skyform_diag::{Diagnostic, Diagnostics, SourceId, Span, error_at};
use skyform_value::{Number, Str, Value};

use super::ast::{
    Attribute, BinaryOperator, Block, Body, Expr, ExprKind, Traversal, TraversalStep, UnaryOperator,
};
use super::template::{self, Lines};

pub(super) struct Lower<'a> {
    source: SourceId,
    /// Bytes before the parsed text.
    offset: usize,
    text: &'a str,
    /// Where everything is said to stand, for text that is not in the file as it is parsed.
    fixed: Option<Span>,
    pub(super) diagnostics: Diagnostics,
}

impl<'a> Lower<'a> {
    pub(super) fn new(source: SourceId, offset: usize, text: &'a str) -> Self {
        Self { source, offset, text, fixed: None, diagnostics: Diagnostics::new() }
    }

    /// For text that stands, escaped in some way, at `span`.
    pub(super) fn at(span: Span, text: &'a str) -> Self {
        Self { fixed: Some(span), ..Self::new(span.source, 0, text) }
    }

    pub(super) fn span(&self, node: &impl hcl_edit::Span) -> Span {
        if let Some(fixed) = self.fixed {
            return fixed;
        }
        let range = node.span().unwrap_or(0..0);
        Span::new(self.source, range.start + self.offset, range.end + self.offset)
    }

    pub(super) fn body(&mut self, body: &HclBody) -> Body {
        let mut lowered = Body::empty(self.span(body));
        for structure in body {
            match structure {
                Structure::Attribute(attribute) => {
                    let name_span = self.span(&attribute.key);
                    let name = Str::from(attribute.key.as_str());
                    let expr = self.expression(&attribute.value);
                    let span = name_span.to(expr.span);
                    let lowered_one = Attribute { name: name.clone(), name_span, expr, span };
                    match lowered.attributes.entry(name) {
                        Entry::Vacant(entry) => {
                            entry.insert(lowered_one);
                        }
                        Entry::Occupied(entry) => self.diagnostics.push(
                            error_at!(
                                name_span,
                                "Argument redefined",
                                "The argument \"{}\" is set twice.", entry.key();
                                hint: "Each argument may be set only once in its block."
                            )
                            .related(entry.get().name_span, "first set here"),
                        ),
                    }
                }
                Structure::Block(block) => {
                    let kind_span = self.span(&block.ident);
                    let labels: Vec<(Str, Span)> =
                        block.labels.iter().map(|label| self.label(label)).collect();
                    let span = labels.last().map_or(kind_span, |(_, last)| kind_span.to(*last));
                    lowered.blocks.push(Block {
                        kind: block.ident.as_str().into(),
                        kind_span,
                        labels,
                        body: self.body(&block.body),
                        span,
                    });
                }
            }
        }
        lowered
    }

    fn label(&self, label: &BlockLabel) -> (Str, Span) {
        match label {
            BlockLabel::Ident(ident) => (ident.as_str().into(), self.span(ident)),
            BlockLabel::String(string) => (string.as_str().into(), self.span(string)),
        }
    }

    pub(super) fn expression(&mut self, expression: &Expression) -> Expr {
        let span = self.span(expression);
        let kind = match expression {
            Expression::Null(_) => ExprKind::Literal(Value::null()),
            Expression::Bool(truth) => ExprKind::Literal(Value::from(*truth.value())),
            Expression::Number(number) => ExprKind::Literal(self.number(number, span)),
            Expression::String(string) => ExprKind::Literal(Value::string(string.as_str())),
            Expression::Array(array) => {
                ExprKind::Tuple(array.iter().map(|item| self.expression(item)).collect())
            }
            Expression::Object(object) => ExprKind::Object(
                object
                    .iter()
                    .map(|(key, value)| (self.key(key), self.expression(value.expr())))
                    .collect(),
            ),
            Expression::StringTemplate(parsed) => {
                return template::lower_elements(self, parsed.iter(), span, Lines::Whole);
            }
            Expression::HeredocTemplate(heredoc) => {
                return template::lower(self, &heredoc.template, span, Lines::Split);
            }
            Expression::Parenthesis(inner) => ExprKind::Parenthesis(self.expression(inner.inner())),
            Expression::Variable(name) => ExprKind::Name(name.as_str().into()),
            Expression::Conditional(conditional) => ExprKind::Conditional(
                self.expression(&conditional.cond_expr),
                self.expression(&conditional.true_expr),
                self.expression(&conditional.false_expr),
            ),
            Expression::FuncCall(call) => {
                let spaces = call.name.namespace.iter().map(|part| part.as_str());
                let parts: Vec<&str> = spaces.chain([call.name.name.as_str()]).collect();
                let end = self.span(&call.name.name);
                let start = call.name.namespace.first().map_or(end, |first| self.span(first));
                ExprKind::Call {
                    name: parts.join("::").into(),
                    name_span: start.to(end),
                    arguments: call.args.iter().map(|argument| self.expression(argument)).collect(),
                    spread: call.args.expand_final(),
                }
            }
            Expression::Traversal(traversal) => self.traversal(traversal),
            Expression::UnaryOp(operation) => {
                let operator = match operation.operator.value() {
                    HclUnary::Neg => UnaryOperator::Negate,
                    HclUnary::Not => UnaryOperator::Not,
                };
                ExprKind::Unary(operator, self.expression(&operation.expr))
            }
            Expression::BinaryOp(operation) => ExprKind::Binary(
                binary(*operation.operator.value()),
                self.expression(&operation.lhs_expr),
                self.expression(&operation.rhs_expr),
            ),
            Expression::ForExpr(parsed) => self.for_expression(parsed),
        };
        Expr::new(kind, span)
    }

    /// Numbers are read from the text: the parser's own are not exact.
    fn number(&mut self, node: &impl hcl_edit::Span, span: Span) -> Value {
        let range = node.span().unwrap_or(0..0);
        let range = range.start + self.offset..range.end + self.offset;
        let text = self.text.get(range).unwrap_or_default();
        match Number::parse(text.trim()) {
            Some(number) => Value::from(number),
            None => {
                self.diagnostics.push(Diagnostic::error(
                    span,
                    "Invalid number",
                    format!("\"{text}\" is not a number that can be represented."),
                ));
                Value::null()
            }
        }
    }

    fn key(&mut self, key: &ObjectKey) -> Expr {
        match key {
            ObjectKey::Ident(ident) => Expr::literal(Str::from(ident.as_str()), self.span(ident)),
            ObjectKey::Expression(expression) => {
                let key = self.expression(expression);
                // A bare name is a key of that name, as in native syntax everywhere.
                match key.as_name() {
                    Some(name) => Expr::literal(name.clone(), key.span),
                    None => key,
                }
            }
        }
    }

    fn traversal(&mut self, traversal: &HclTraversal) -> ExprKind {
        let root = self.expression(&traversal.expr);
        let steps = traversal.operators.iter().map(|operator| {
            let span = self.span(operator);
            let step = match operator.value() {
                TraversalOperator::AttrSplat(_) => TraversalStep::AttributeSplat,
                TraversalOperator::FullSplat(_) => TraversalStep::FullSplat,
                TraversalOperator::GetAttr(name) => TraversalStep::Attribute(name.as_str().into()),
                TraversalOperator::Index(index) => TraversalStep::Index(self.expression(index)),
                TraversalOperator::LegacyIndex(index) => TraversalStep::LegacyIndex(*index.value()),
            };
            (step, span)
        });
        let steps = steps.collect();
        ExprKind::Traversal(Traversal { root, steps })
    }

    fn for_expression(&mut self, parsed: &ForExpr) -> ExprKind {
        ExprKind::For {
            key: parsed.intro.key_var.as_ref().map(|name| name.as_str().into()),
            value: parsed.intro.value_var.as_str().into(),
            collection: self.expression(&parsed.intro.collection_expr),
            result_key: parsed.key_expr.as_ref().map(|key| self.expression(key)),
            result: self.expression(&parsed.value_expr),
            grouping: parsed.grouping,
            condition: parsed.cond.as_ref().map(|condition| self.expression(&condition.expr)),
        }
    }
}

fn binary(operator: HclBinary) -> BinaryOperator {
    match operator {
        HclBinary::Eq => BinaryOperator::Equal,
        HclBinary::NotEq => BinaryOperator::NotEqual,
        HclBinary::Less => BinaryOperator::Less,
        HclBinary::LessEq => BinaryOperator::LessOrEqual,
        HclBinary::Greater => BinaryOperator::Greater,
        HclBinary::GreaterEq => BinaryOperator::GreaterOrEqual,
        HclBinary::Plus => BinaryOperator::Add,
        HclBinary::Minus => BinaryOperator::Subtract,
        HclBinary::Mul => BinaryOperator::Multiply,
        HclBinary::Div => BinaryOperator::Divide,
        HclBinary::Mod => BinaryOperator::Modulo,
        HclBinary::And => BinaryOperator::And,
        HclBinary::Or => BinaryOperator::Or,
    }
}
