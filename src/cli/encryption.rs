//! The `encryption` block: what states, journals and plans are sealed with.
//!
//! It stands in the `terraform` block, or as text in `SKYFORM_ENCRYPTION` or `TF_ENCRYPTION`, which
//! then takes the place of the block.

use std::collections::BTreeMap;
use std::path::Path;
use std::sync::Arc;

use skyform_backends::KmsKeys;
use skyform_diag::{Diagnostic, Diagnostics, Span, error_at};
use skyform_encryption::{
    Argon2Keys, CommandKeys, Encryption, Hash, Keys, Method, Pbkdf2Keys, Random,
};
use skyform_lang::config::{Config, LoadOptions, ModuleId, VariableValue, load};
use skyform_lang::eval::{Environment, Nothing};
use skyform_lang::syntax::{Block, Body, Expr, ExprKind, TraversalStep, parse_body};
use skyform_lang::{Evaluator, Scope};
use skyform_state::Seal;
use skyform_value::{ModuleInstance, Str, Value};

use super::arguments::VariableArgs;
use super::backend::{mentions, without_spans};
use super::context::{Context, random_bytes};
use super::{inputs, modules};

/// What is sealed with, each if it is.
#[derive(Clone, Debug, Default)]
pub(crate) struct Seals {
    /// States and journals.
    pub state: Option<Arc<dyn Seal>>,
    /// Saved plans.
    pub plan: Option<Arc<dyn Seal>>,
}

/// The shortest passphrase that is taken.
const SHORTEST_PASSPHRASE: usize = 16;

/// What the configuration of this folder, or the environment, says of encryption.
pub(crate) fn seals(context: &Context) -> Result<Seals, Diagnostics> {
    let given = ["SKYFORM_ENCRYPTION", "TF_ENCRYPTION"].map(|name| (name, context.variable(name)));
    let given =
        given.into_iter().find(|(_, text)| text.is_some_and(|text| !text.trim().is_empty()));
    if given.is_none() && !mentions(Path::new("."), "encryption") {
        return Ok(Seals::default());
    }
    let options = LoadOptions { installed: modules::installed(context), ..LoadOptions::default() };
    let (mut config, _) = load(&context.disk, Path::new("."), &options);
    let body = match given {
        Some((name, Some(text))) => {
            let id = config.sources.add(name, text);
            let parsed = parse_body(id, text);
            parsed.map_err(|problems| without_spans(&problems, &config.sources))?
        }
        _ => match config.modules[0].source.settings.encryption.clone() {
            Some((body, _)) => body,
            None => return Ok(Seals::default()),
        },
    };
    let args = VariableArgs { var: context.given_variables.clone(), ..VariableArgs::default() };
    let (inputs, problems) = inputs::collect(context, &args, &mut config);
    if problems.has_errors() {
        return Err(without_spans(&problems, &config.sources));
    }
    let mut reader = Reader::new(context, &config, &inputs);
    let seals = reader.read(body);
    let Reader { problems, .. } = reader;
    match problems.has_errors() {
        true => Err(without_spans(&problems, &config.sources)),
        false => Ok(seals),
    }
}

struct Reader<'a> {
    evaluator: Evaluator<'a>,
    region: Option<String>,
    keys: BTreeMap<String, Arc<dyn Keys>>,
    methods: BTreeMap<String, Method>,
    problems: Diagnostics,
}

fn random() -> Random {
    Arc::new(random_bytes)
}

impl<'a> Reader<'a> {
    fn new(
        context: &'a Context,
        config: &'a Config,
        inputs: &'a BTreeMap<Str, VariableValue>,
    ) -> Self {
        let environment = Environment {
            files: &context.disk,
            working_dir: &context.disk.working_dir,
            root_dir: Path::new("."),
            workspace: &context.workspace.name,
            plan_timestamp: None,
            now: None,
            random: &random_bytes,
        };
        Self {
            evaluator: Evaluator::new(config, &Nothing, inputs, environment),
            region: context.variable("AWS_REGION").map(str::to_owned),
            keys: BTreeMap::new(),
            methods: BTreeMap::new(),
            problems: Diagnostics::new(),
        }
    }

    fn read(&mut self, mut body: Body) -> Seals {
        for block in body.take_blocks("key_provider") {
            self.key_provider(block);
        }
        for block in body.take_blocks("method") {
            self.method(block);
        }
        let state = body.take_blocks("state").into_iter().next();
        let plan = body.take_blocks("plan").into_iter().next();
        let seals = Seals {
            state: state.and_then(|block| self.target(block)),
            plan: plan.and_then(|block| self.target(block)),
        };
        self.nothing_else(&body, "encryption");
        seals
    }

    fn key_provider(&mut self, mut block: Block) {
        let Some((kind, name)) = self.labels(&block) else { return };
        let span = block.span;
        let body = &mut block.body;
        let keys: Option<Arc<dyn Keys>> = match kind.as_str() {
            "pbkdf2" => self.pbkdf2(body, span),
            "argon2" => self.argon2(body, span),
            "aws_kms" => self.aws_kms(body, span),
            "command" => self.texts(body, "command", span).map(|command| {
                let keys: Arc<dyn Keys> = Arc::new(CommandKeys { command });
                keys
            }),
            _ => {
                let known = ["pbkdf2", "argon2", "aws_kms", "command"];
                self.problems.push(
                    error_at!(
                        span,
                        "Unsupported key provider",
                        "There is no key provider of the type \"{kind}\". There are: {}.",
                        known.join(", ")
                    )
                    .did_you_mean(&kind, known),
                );
                return;
            }
        };
        self.nothing_else(&block.body, &kind);
        if let Some(keys) = keys {
            self.keys.insert(format!("key_provider.{kind}.{name}"), keys);
        }
    }

    fn pbkdf2(&mut self, body: &mut Body, span: Span) -> Option<Arc<dyn Keys>> {
        let passphrase = self.passphrase(body, span);
        let hash_span = body.attributes.get("hash_function").map(|attribute| attribute.expr.span);
        let hash = self.text(body, "hash_function").unwrap_or_else(|| "sha512".to_owned());
        let Some(hash) = Hash::by_name(&hash) else {
            self.problems.push(error_at!(
                hash_span.unwrap_or(span),
                "Unsuitable encryption argument",
                "\"hash_function\" is sha256 or sha512, not \"{hash}\"."
            ));
            return None;
        };
        let keys = Pbkdf2Keys {
            key_length: self.number(body, "key_length", 32, [16, 32]),
            iterations: self.number(body, "iterations", 600_000, [200_000, 100_000_000]),
            salt_length: self.number(body, "salt_length", 32, [16, 1024]),
            passphrase: passphrase?,
            hash,
            random: random(),
        };
        Some(Arc::new(keys))
    }

    fn argon2(&mut self, body: &mut Body, span: Span) -> Option<Arc<dyn Keys>> {
        let passphrase = self.passphrase(body, span);
        let keys = Argon2Keys {
            key_length: self.number(body, "key_length", 32, [16, 32]),
            memory_kib: self.number(body, "memory_kib", 65_536, [19_456, 4 << 20]),
            iterations: self.number(body, "iterations", 3, [1, 1024]),
            parallelism: self.number(body, "parallelism", 4, [1, 64]),
            salt_length: self.number(body, "salt_length", 32, [16, 1024]),
            passphrase: passphrase?,
            random: random(),
        };
        Some(Arc::new(keys))
    }

    fn aws_kms(&mut self, body: &mut Body, span: Span) -> Option<Arc<dyn Keys>> {
        let id = self.required(body, "kms_key_id", span);
        let spec = self.text(body, "key_spec").unwrap_or_else(|| "AES_256".to_owned());
        let region = self.text(body, "region").or_else(|| self.region.clone());
        let endpoint = self.text(body, "endpoint");
        let profile = self.text(body, "profile");
        if !["AES_128", "AES_256"].contains(&spec.as_str()) {
            self.problems.push(error_at!(
                span,
                "Unsuitable encryption argument",
                "\"key_spec\" is AES_128 or AES_256, not \"{spec}\"."
            ));
            return None;
        }
        Some(Arc::new(KmsKeys { id: id?, spec, region, endpoint, profile }))
    }

    fn passphrase(&mut self, body: &mut Body, span: Span) -> Option<String> {
        let passphrase = self.required(body, "passphrase", span)?;
        if passphrase.chars().count() < SHORTEST_PASSPHRASE {
            self.problems.push(error_at!(
                span,
                "Passphrase too short",
                "A passphrase has at least {SHORTEST_PASSPHRASE} characters."
            ));
            return None;
        }
        Some(passphrase)
    }

    fn method(&mut self, mut block: Block) {
        let Some((kind, name)) = self.labels(&block) else { return };
        let span = block.span;
        let method = match kind.as_str() {
            "unencrypted" => Some(Method::Unencrypted),
            "aes_gcm" => self.named(&mut block.body, "keys", span).and_then(|(path, span)| {
                match self.keys.get(&path) {
                    Some(keys) => Some(Method::aes_gcm(&path, Arc::clone(keys), random())),
                    // What is wrong with a provider that is there has been said.
                    None => {
                        self.unknown(&path, "key_provider", span);
                        None
                    }
                }
            }),
            _ => {
                self.problems.push(
                    error_at!(
                        span,
                        "Unsupported encryption method",
                        "There is no method of the type \"{kind}\". There are: aes_gcm, unencrypted."
                    )
                    .did_you_mean(&kind, ["aes_gcm", "unencrypted"]),
                );
                return;
            }
        };
        self.nothing_else(&block.body, &kind);
        if let Some(method) = method {
            self.methods.insert(format!("method.{kind}.{name}"), method);
        }
    }

    /// `state` or `plan`.
    fn target(&mut self, mut block: Block) -> Option<Arc<dyn Seal>> {
        let span = block.span;
        let method = self.method_of(&mut block.body, span);
        let enforced = block.body.take("enforced").is_some_and(|attribute| {
            self.value(&attribute.expr).and_then(|value| value.as_bool()).unwrap_or(false)
        });
        let mut fallbacks = Vec::new();
        let mut next = block.body.take_blocks("fallback").into_iter().next();
        while let Some(mut fallback) = next {
            fallbacks.extend(self.method_of(&mut fallback.body, fallback.span));
            next = fallback.body.take_blocks("fallback").into_iter().next();
            self.nothing_else(&fallback.body, "fallback");
        }
        self.nothing_else(&block.body, &block.kind.clone());
        let method = method?;
        if enforced && method.is_plain() {
            self.problems.push(error_at!(
                span,
                "Encryption is enforced",
                "The method \"unencrypted\" writes plain text, and \"enforced\" forbids that.";
                hint: "Choose another method; \"unencrypted\" may be a fallback, to read what is there."
            ));
            return None;
        }
        Some(Arc::new(Encryption { method, fallbacks }))
    }

    fn method_of(&mut self, body: &mut Body, span: Span) -> Option<Method> {
        let (path, span) = self.named(body, "method", span)?;
        let found = self.methods.get(&path).cloned();
        if found.is_none() {
            self.unknown(&path, "method", span);
        }
        found
    }

    fn unknown(&mut self, path: &str, what: &str, span: Span) {
        // After other mistakes it may only be missing for those.
        if !self.problems.has_errors() {
            self.problems.push(error_at!(
                span,
                "Reference to undeclared encryption block",
                "There is no \"{what}\" block that {path} could stand for."
            ));
        }
    }

    /// An argument that names another block, such as `method.aes_gcm.mine`.
    fn named(&mut self, body: &mut Body, name: &str, span: Span) -> Option<(String, Span)> {
        let Some(attribute) = body.take(name) else {
            self.missing(name, span);
            return None;
        };
        let path = path_of(&attribute.expr);
        if path.is_none() {
            self.problems.push(error_at!(
                attribute.expr.span,
                "Unsuitable encryption argument",
                "\"{name}\" names a block, such as method.aes_gcm.mine."
            ));
        }
        path.map(|path| (path, attribute.expr.span))
    }

    fn value(&mut self, expression: &Expr) -> Option<Value> {
        let scope = Scope::new(ModuleId(0), ModuleInstance::root());
        let value = self.problems.take(self.evaluator.evaluate(expression, &scope))?;
        if !value.is_wholly_known() {
            self.problems.push(error_at!(
                expression.span,
                "Unsuitable encryption argument",
                "Encryption is needed before any resource is known, so only variables and local values may be used."
            ));
            return None;
        }
        Some(value.unmark().0)
    }

    fn text(&mut self, body: &mut Body, name: &str) -> Option<String> {
        let attribute = body.take(name)?;
        let value = self.value(&attribute.expr)?;
        let text = value.as_str().map(str::to_owned);
        if text.is_none() && !value.is_null() {
            self.unsuitable(name, "a string", attribute.expr.span);
        }
        text
    }

    fn required(&mut self, body: &mut Body, name: &str, span: Span) -> Option<String> {
        if !body.attributes.contains_key(name) {
            self.missing(name, span);
        }
        self.text(body, name)
    }

    fn texts(&mut self, body: &mut Body, name: &str, span: Span) -> Option<Vec<String>> {
        let Some(attribute) = body.take(name) else {
            self.missing(name, span);
            return None;
        };
        let value = self.value(&attribute.expr)?;
        let items: Option<Vec<String>> =
            value.children().map(|item| item.as_str().map(str::to_owned)).collect();
        if items.is_none() {
            self.unsuitable(name, "a list of strings", attribute.expr.span);
        }
        items
    }

    fn number(&mut self, body: &mut Body, name: &str, plain: u32, bounds: [u32; 2]) -> u32 {
        let Some(attribute) = body.take(name) else { return plain };
        let Some(value) = self.value(&attribute.expr) else { return plain };
        let number = value.as_number().and_then(|number| number.to_u64());
        match number.and_then(|number| u32::try_from(number).ok()) {
            Some(number) if (bounds[0]..=bounds[1]).contains(&number) => number,
            _ => {
                let [least, most] = bounds;
                let what = format!("a whole number from {least} to {most}");
                self.unsuitable(name, &what, attribute.expr.span);
                plain
            }
        }
    }

    fn unsuitable(&mut self, name: &str, what: &str, span: Span) {
        let detail = format!("\"{name}\" must be {what}.");
        self.problems.push(Diagnostic::error(span, "Unsuitable encryption argument", detail));
    }

    fn missing(&mut self, name: &str, span: Span) {
        self.problems.push(error_at!(
            span,
            "Missing required argument",
            "The argument \"{name}\" is required, but no definition was found."
        ));
    }

    fn labels(&mut self, block: &Block) -> Option<(String, String)> {
        match block.labels.as_slice() {
            [(kind, _), (name, _)] => Some((kind.to_string(), name.to_string())),
            _ => {
                self.problems.push(error_at!(
                    block.span,
                    "Wrong number of labels",
                    "A \"{}\" block has two labels: its type and its name.",
                    block.kind
                ));
                None
            }
        }
    }

    fn nothing_else(&mut self, body: &Body, what: &str) {
        for attribute in body.attributes.values() {
            self.problems.push(error_at!(
                attribute.name_span,
                "Unsupported argument",
                "An argument named \"{}\" is not expected in \"{what}\".",
                attribute.name
            ));
        }
        for block in &body.blocks {
            self.problems.push(error_at!(
                block.kind_span,
                "Unsupported block type",
                "Blocks of the type \"{}\" are not expected in \"{what}\".",
                block.kind
            ));
        }
    }
}

/// The names of a plain traversal with dots between.
fn path_of(expression: &Expr) -> Option<String> {
    let traversal = match &*expression.kind {
        ExprKind::Traversal(traversal) => traversal,
        ExprKind::Wrapped(inner) => return path_of(inner),
        _ => return None,
    };
    let mut path = traversal.root.as_name()?.to_string();
    for (step, _) in &traversal.steps {
        let TraversalStep::Attribute(name) = step else { return None };
        path.push('.');
        path.push_str(name);
    }
    Some(path)
}
