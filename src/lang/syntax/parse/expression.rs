//! Operators, terms and what stands behind them.

use skyform_value::{Number, Str, Value};

use super::cursor::{Cursor, Parsed};
use crate::syntax::tokens::{Lexeme, Token};
use crate::syntax::{BinaryOperator, Expr, ExprKind, Traversal, TraversalStep, UnaryOperator};

/// Operators in one chain, `a + b + c`: each nests the tree one deeper.
const MAX_CHAIN: usize = 10_000;

impl Cursor<'_> {
    /// An expression: `c ? x : y`, or what binds tighter.
    pub(super) fn expression(&mut self) -> Parsed<Expr> {
        self.nested(|cursor| {
            let condition = cursor.binary(0)?;
            if cursor.take(Token::Question).is_none() {
                return Ok(condition);
            }
            let yes = cursor.expression()?;
            cursor.expect(
                Token::Colon,
                "Missing false expression in conditional",
                ": and the value for \"false\"",
            )?;
            let no = cursor.expression()?;
            let span = condition.span.to(no.span);
            Ok(Expr::new(ExprKind::Conditional(condition, yes, no), span))
        })
    }

    fn binary(&mut self, least: u8) -> Parsed<Expr> {
        let mut left = self.unary()?;
        let mut length = 0;
        while let Some((operator, level)) = self.operator().filter(|(_, level)| *level >= least) {
            length += 1;
            if length > MAX_CHAIN {
                let detail = format!("More than {MAX_CHAIN} operators in a row are not supported.");
                return Err(self.fail_here("Expression too long", detail));
            }
            self.next();
            let right = self.binary(level + 1)?;
            let span = left.span.to(right.span);
            left = Expr::new(ExprKind::Binary(operator, left, right), span);
        }
        Ok(left)
    }

    /// The operator that is next, and how tight it binds.
    fn operator(&mut self) -> Option<(BinaryOperator, u8)> {
        let next = self.peek()?;
        if !matches!(next.token, Token::Operator | Token::Minus) {
            return None;
        }
        Some(match self.text_of(next) {
            "||" => (BinaryOperator::Or, 0),
            "&&" => (BinaryOperator::And, 1),
            "==" => (BinaryOperator::Equal, 2),
            "!=" => (BinaryOperator::NotEqual, 2),
            "<" => (BinaryOperator::Less, 3),
            "<=" => (BinaryOperator::LessOrEqual, 3),
            ">" => (BinaryOperator::Greater, 3),
            ">=" => (BinaryOperator::GreaterOrEqual, 3),
            "+" => (BinaryOperator::Add, 4),
            "-" => (BinaryOperator::Subtract, 4),
            "*" => (BinaryOperator::Multiply, 5),
            "/" => (BinaryOperator::Divide, 5),
            "%" => (BinaryOperator::Modulo, 5),
            _ => return None,
        })
    }

    fn unary(&mut self) -> Parsed<Expr> {
        let operator = match self.peek_token() {
            Some(Token::Minus) => UnaryOperator::Negate,
            Some(Token::Bang) => UnaryOperator::Not,
            _ => return self.with_steps(),
        };
        let start = self.here();
        self.next();
        let operand = self.nested(Self::unary)?;
        let span = start.to(operand.span);
        // A number with a sign is a constant.
        if operator == UnaryOperator::Negate
            && let Some(number) = operand.as_literal().and_then(Value::as_number)
        {
            return Ok(Expr::literal(number.neg(), span));
        }
        Ok(Expr::new(ExprKind::Unary(operator, operand), span))
    }

    /// A term with attributes, indices and splats behind it.
    fn with_steps(&mut self) -> Parsed<Expr> {
        let root = self.term()?;
        let mut steps = Vec::new();
        loop {
            match self.peek() {
                Some(next) if next.token == Token::Dot => steps.push(self.attribute_step(next)?),
                Some(next) if next.token == Token::OpenBracket => {
                    steps.push(self.index_step(next)?)
                }
                _ => break,
            }
        }
        if steps.is_empty() {
            return Ok(root);
        }
        let span = steps.last().map_or(root.span, |(_, last)| root.span.to(*last));
        Ok(Expr::new(ExprKind::Traversal(Traversal { root, steps }), span))
    }

    fn attribute_step(&mut self, dot: Lexeme) -> Parsed<(TraversalStep, skyform_diag::Span)> {
        self.next();
        let Some(next) = self.peek() else {
            return Err(
                self.unexpected("Invalid attribute name", "an attribute's name behind the dot")
            );
        };
        let text = self.text_of(next);
        let step = match next.token {
            Token::Ident => TraversalStep::Attribute(text.into()),
            Token::Operator if text == "*" => TraversalStep::AttributeSplat,
            Token::Number => match text.parse() {
                Ok(index) => TraversalStep::LegacyIndex(index),
                Err(_) => {
                    let detail = "Indices behind dots cannot stand in a row. Write them in brackets, as in [0][1].";
                    return Err(self.fail_here("Invalid legacy index syntax", detail.to_owned()));
                }
            },
            _ => {
                return Err(
                    self.unexpected("Invalid attribute name", "an attribute's name behind the dot")
                );
            }
        };
        self.next();
        Ok((step, self.span(dot.start, next.end)))
    }

    fn index_step(&mut self, open: Lexeme) -> Parsed<(TraversalStep, skyform_diag::Span)> {
        self.with_newlines(false, |cursor| {
            cursor.next();
            let is_splat = cursor.peek().is_some_and(|next| cursor.text_of(next) == "*");
            let step = if is_splat {
                cursor.next();
                TraversalStep::FullSplat
            } else {
                TraversalStep::Index(cursor.expression()?)
            };
            let close =
                cursor.expect(Token::CloseBracket, "Missing close bracket on index", "]")?;
            Ok((step, cursor.span(open.start, close.end)))
        })
    }

    fn term(&mut self) -> Parsed<Expr> {
        let Some(next) = self.peek() else {
            return Err(self.unexpected("Missing expression", "an expression"));
        };
        let span = self.span_of(next);
        match next.token {
            Token::Number => {
                self.next();
                match Number::parse(self.text_of(next)) {
                    Some(number) => Ok(Expr::literal(number, span)),
                    None => {
                        let detail = format!(
                            "\"{:.40}\" is not a number that can be represented.",
                            self.text_of(next)
                        );
                        Err(self.fail(span, "Invalid number literal", detail))
                    }
                }
            }
            Token::Ident => self.name_or_call(next),
            Token::OpenQuote => self.quoted(),
            Token::OpenHeredoc => self.heredoc(),
            Token::OpenParen => self.parenthesis(next),
            Token::OpenBracket => self.tuple(),
            Token::OpenBrace => self.object(),
            Token::Newline => Err(self.unexpected("Missing expression", "an expression")),
            _ => Err(self.unexpected("Invalid expression", "an expression")),
        }
    }

    fn parenthesis(&mut self, open: Lexeme) -> Parsed<Expr> {
        self.with_newlines(false, |cursor| {
            cursor.next();
            let inner = cursor.expression()?;
            let close = cursor.expect(
                Token::CloseParen,
                "Unbalanced parentheses",
                "the ) that closes the expression",
            )?;
            Ok(Expr::new(ExprKind::Parenthesis(inner), cursor.span(open.start, close.end)))
        })
    }

    fn name_or_call(&mut self, first: Lexeme) -> Parsed<Expr> {
        self.next();
        let span = self.span_of(first);
        let text = self.text_of(first);
        if matches!(self.peek_token(), Some(Token::DoubleColon | Token::OpenParen)) {
            return self.call(first);
        }
        Ok(match text {
            "true" => Expr::literal(true, span),
            "false" => Expr::literal(false, span),
            "null" => Expr::literal(Value::null(), span),
            _ => Expr::new(ExprKind::Name(text.into()), span),
        })
    }

    fn call(&mut self, first: Lexeme) -> Parsed<Expr> {
        let mut name = self.text_of(first).to_owned();
        let mut name_end = first.end;
        while self.take(Token::DoubleColon).is_some() {
            let part = self.expect(
                Token::Ident,
                "Missing function name",
                "the rest of the function's name",
            )?;
            name.push_str("::");
            name.push_str(self.text_of(part));
            name_end = part.end;
        }
        let name_span = self.span(first.start, name_end);
        self.with_newlines(false, |cursor| {
            cursor.expect(
                Token::OpenParen,
                "Missing open parenthesis",
                "( and the function's arguments",
            )?;
            let mut arguments = Vec::new();
            let mut spread = false;
            while cursor.peek_token() != Some(Token::CloseParen) {
                arguments.push(cursor.expression()?);
                if cursor.take(Token::Ellipsis).is_some() {
                    spread = true;
                    break;
                }
                if cursor.take(Token::Comma).is_none() {
                    break;
                }
            }
            if spread && cursor.peek_token() == Some(Token::Comma) {
                let what = "nothing but ) behind ...";
                return Err(cursor.unexpected("Missing closing parenthesis", what));
            }
            let close = cursor.expect(
                Token::CloseParen,
                "Missing argument separator",
                "a comma or ) behind an argument",
            )?;
            let span = cursor.span(first.start, close.end);
            let kind =
                ExprKind::Call { name: Str::from(name.as_str()), name_span, arguments, spread };
            Ok(Expr::new(kind, span))
        })
    }
}
