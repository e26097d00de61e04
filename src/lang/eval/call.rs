//! Function calls; and those functions that are more than a function of their arguments' values.

use std::cell::RefCell;

use skyform_diag::{Diagnostic, Diagnostics, SourceId, Span, error_at};
use skyform_value::{Kind, Marks, Step, Str, Type, Value};

use super::evaluator::brief;
use super::{Evaluator, Scope, names};
use crate::functions::{self, FunctionContext, FunctionError};
use crate::syntax::{self, Expr, ExprKind};

impl Evaluator<'_> {
    pub(super) fn call(
        &self,
        name: &str,
        name_span: Span,
        arguments: &[Expr],
        spread: bool,
        span: Span,
        scope: &Scope,
    ) -> Result<Value, Diagnostics> {
        let name = name.strip_prefix("core::").unwrap_or(name);
        match name {
            "try" if !arguments.is_empty() => {
                self.check_names(arguments, scope)?;
                return self.try_each(arguments, span, scope);
            }
            "can" if arguments.len() == 1 => {
                self.check_names(arguments, scope)?;
                return Ok(self.can(&arguments[0], scope));
            }
            _ => {}
        }
        if name.starts_with("provider::terraform::")
            && functions::exists(name)
            && !self.asks_for_terraform(scope)
        {
            return Err(error_at!(
                name_span,
                "Unknown provider function",
                "The module does not ask for the provider whose function {name} is.";
                hint: "Add terraform = {{ source = \"terraform.io/builtin/terraform\" }} to the module's required_providers."
            )
            .into());
        }
        if !functions::exists(name) {
            return Err(unknown_function(name, name_span).into());
        }
        if name == "templatestring"
            && let Some(first) = arguments.first()
            && !matches!(&*first.kind, ExprKind::Traversal(_) | ExprKind::Name(_))
        {
            return Err(error_at!(
                first.span,
                "Invalid function argument",
                "The template of \"templatestring\" must be a reference to a value made elsewhere.";
                hint: "A template that is written here can simply be a quoted string."
            )
            .into());
        }
        let Some(values) = self.arguments(arguments, spread, scope)? else {
            return Ok(Value::unknown(Type::Any));
        };
        let template = |text: &str, shown: &str, variables: &Value| {
            self.render_template(text, shown, variables, span)
        };
        let context = FunctionContext {
            files: self.environment.files,
            base_dir: self.environment.root_dir,
            plan_timestamp: self.environment.plan_timestamp,
            now: self.environment.now,
            random: self.environment.random,
            template: &template,
        };
        functions::call(name, &values, &context)
            .map_err(|error| failed(name, name_span, arguments, &values, error, span).into())
    }

    fn asks_for_terraform(&self, scope: &Scope) -> bool {
        let required = &self.module(scope.module).source.settings.required_providers;
        required.get("terraform").and_then(|provider| provider.source.as_deref())
            == Some("terraform.io/builtin/terraform")
    }

    /// The values of arguments; none where it is not known yet how many there will be.
    fn arguments(
        &self,
        arguments: &[Expr],
        spread: bool,
        scope: &Scope,
    ) -> Result<Option<Vec<Value>>, Diagnostics> {
        let mut values = Vec::with_capacity(arguments.len());
        let mut diagnostics = Diagnostics::new();
        let mut failed = false;
        for argument in arguments {
            match self.evaluate(argument, scope) {
                Ok(value) => values.push(value),
                Err(errors) => {
                    failed = true;
                    diagnostics.extend(errors);
                }
            }
        }
        if failed {
            return Err(diagnostics);
        }
        if spread && let (Some(last), Some(expr)) = (values.pop(), arguments.last()) {
            let marks = last.marks();
            match last.kind() {
                Kind::List(_) | Kind::Set(_) | Kind::Tuple(_) => {
                    let items = last.as_slice().unwrap_or_default().iter().cloned();
                    values.extend(items.map(|item| item.with_marks(marks)));
                }
                Kind::Unknown(unknown)
                    if matches!(
                        unknown.ty,
                        Type::Any | Type::List(_) | Type::Set(_) | Type::Tuple(_)
                    ) =>
                {
                    return Ok(None);
                }
                _ => {
                    return Err(error_at!(
                        expr.span,
                        "Invalid expanding argument value",
                        "What stands before ... must be a list, set or tuple; this is a {}.",
                        last.ty().friendly()
                    )
                    .into());
                }
            }
        }
        Ok(Some(values))
    }

    /// Names that are declared nowhere are mistakes, which `try` and `can` are not meant to hide.
    fn check_names(&self, arguments: &[Expr], scope: &Scope) -> Result<(), Diagnostics> {
        use crate::config::Subject;
        let module = self.module(scope.module);
        let source = &module.source;
        let mut diagnostics = Diagnostics::new();
        for reference in arguments.iter().flat_map(Expr::references) {
            let span = reference.span;
            match &reference.subject {
                Subject::Variable(name) if !source.variables.contains_key(name) => {
                    diagnostics.push(names::undeclared_variable(name, span, source));
                }
                Subject::Local(name) if !source.locals.contains_key(name) => {
                    diagnostics.push(names::undeclared_local(name, span, source));
                }
                Subject::Module(name, ..) if !source.calls.contains_key(name) => {
                    diagnostics.push(names::undeclared_module(name, span, module));
                }
                Subject::Resource(key, _)
                    if !source.resources.contains_key(key)
                        && scope.bound(&key.type_name).is_none() =>
                {
                    diagnostics.push(names::undeclared_resource(key, span, module));
                }
                Subject::Resource(key, None)
                    if matches!(reference.rest.first(), Some(Step::Attribute(_)))
                        && source.resources.get(key).is_some_and(|block| {
                            block.count.is_some() || block.for_each.is_some()
                        }) =>
                {
                    diagnostics.push(names::missing_instance_key(key, span));
                }
                _ => {}
            }
        }
        diagnostics.into_result(())
    }

    /// The first argument that can be evaluated.
    fn try_each(
        &self,
        arguments: &[Expr],
        span: Span,
        scope: &Scope,
    ) -> Result<Value, Diagnostics> {
        let mut messages = Vec::new();
        for argument in arguments {
            match self.evaluate(argument, scope) {
                Ok(value) if !value.is_wholly_known() => {
                    // What it will be may turn out to be an error, and then another one counts.
                    return Ok(Value::unknown(Type::Any));
                }
                Ok(value) => return Ok(value),
                Err(errors) => {
                    messages
                        .extend(errors.iter().map(|e| format!("- {}: {}", e.summary, e.detail)));
                }
            }
        }
        Err(error_at!(
            span,
            "Error in function call",
            "None of the expressions given to \"try\" could be evaluated:\n{}",
            messages.join("\n")
        )
        .into())
    }

    fn can(&self, argument: &Expr, scope: &Scope) -> Value {
        match self.evaluate(argument, scope) {
            Ok(value) if !value.is_wholly_known() => Value::unknown(Type::Bool),
            Ok(_) => Value::from(true),
            Err(_) => Value::from(false),
        }
    }

    /// A template's text with the names in `variables` bound, and nothing else in reach.
    fn render_template(
        &self,
        text: &str,
        shown: &str,
        variables: &Value,
        span: Span,
    ) -> Result<Value, String> {
        let said = |errors: &Diagnostics| {
            let first = errors.iter().next();
            first.map_or_else(String::new, |e| format!("{shown}: {}: {}", e.summary, e.detail))
        };
        let parsed = syntax::parse_template(SourceId(u32::MAX), text).map_err(|e| said(&e))?;
        let names = variables.as_table().into_iter().flatten();
        let marks = variables.marks();
        let names: Vec<(Str, Value)> =
            names.map(|(name, value)| (name.clone(), value.clone().with_marks(marks))).collect();
        for reference in parsed.references() {
            let bound = |root: &str| names.iter().any(|(name, _)| name == root);
            let root = root_of(&reference.subject);
            if !bound(&root) {
                return Err(format!(
                    "{shown}: the template refers to \"{root}\", which is not among the given variables"
                ));
            }
        }
        if calls_templates(&parsed) {
            return Err(format!(
                "{shown}: a template cannot call templatefile or templatestring itself"
            ));
        }
        let scope = Scope::new(crate::config::ModuleId(0), skyform_value::ModuleInstance::root());
        let result = RefCell::new(None);
        scope.binding(names, || *result.borrow_mut() = Some(self.evaluate(&parsed, &scope)));
        let _ = span;
        match result.into_inner() {
            Some(Ok(value)) => Ok(value),
            Some(Err(errors)) => Err(said(&errors)),
            None => Ok(Value::unknown(Type::String)),
        }
    }
}

fn root_of(subject: &crate::config::Subject) -> Str {
    use crate::config::Subject;
    match subject {
        Subject::Variable(_) => "var".into(),
        Subject::Local(_) => "local".into(),
        Subject::Module(..) => "module".into(),
        Subject::Path(_) => "path".into(),
        Subject::Terraform(_) => "terraform".into(),
        Subject::Each(_) => "each".into(),
        Subject::CountIndex => "count".into(),
        Subject::SelfObject => "self".into(),
        Subject::Resource(key, _) => match key.mode {
            skyform_value::Mode::Data => "data".into(),
            skyform_value::Mode::Ephemeral => "ephemeral".into(),
            skyform_value::Mode::Managed => key.type_name.clone(),
        },
    }
}

/// Whether a template calls a function that renders templates, which could go on without end.
fn calls_templates(expr: &Expr) -> bool {
    match &*expr.kind {
        ExprKind::Call { name, .. } => name == "templatefile" || name == "templatestring",
        ExprKind::Wrapped(inner) | ExprKind::Parenthesis(inner) => calls_templates(inner),
        ExprKind::Template(parts) => parts.iter().any(|part| match part {
            crate::syntax::Part::Interpolation(inner) => calls_templates(inner),
            _ => false,
        }),
        _ => false,
    }
}

fn unknown_function(name: &str, span: Span) -> Diagnostic {
    error_at!(span, "Call to unknown function", "There is no function named \"{name}\".")
        .did_you_mean(name, functions::names())
}

fn failed(
    name: &str,
    name_span: Span,
    arguments: &[Expr],
    values: &[Value],
    error: FunctionError,
    span: Span,
) -> Diagnostic {
    match error {
        FunctionError::TooFew { missing } => error_at!(
            span,
            "Not enough function arguments",
            "The function \"{name}\" needs a value for \"{missing}\" as well."
        ),
        FunctionError::TooMany { most } => {
            let place = arguments.get(most).map_or(name_span, |extra| extra.span);
            error_at!(
                place,
                "Too many function arguments",
                "The function \"{name}\" takes at most {most} argument{}.",
                if most == 1 { "" } else { "s" }
            )
        }
        FunctionError::Argument { index, parameter, message } => {
            let place = arguments.get(index).or(arguments.last()).map_or(span, |a| a.span);
            let mut diagnostic = error_at!(
                place,
                "Invalid function argument",
                "The value for \"{parameter}\" of {name} is not suitable: {message}."
            );
            if let Some(value) = values.get(index)
                && !value.has_mark(Marks::SENSITIVE)
                && arguments.get(index).is_some_and(|argument| argument.as_literal().is_none())
            {
                diagnostic = diagnostic.value(parameter, brief(value));
            }
            diagnostic
        }
        FunctionError::Failed(message) => {
            error_at!(span, "Error in function call", "The call of \"{name}\" failed: {message}.")
        }
    }
}
