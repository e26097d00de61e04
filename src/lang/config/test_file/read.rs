//! Reads test files.

use std::path::Path;

use indexmap::IndexMap;
use indexmap::map::Entry;
use skyform_diag::{Diagnostic, Diagnostics, Location, SourceMap, Span, error_at};
use skyform_value::Str;

use super::mock::{duplicates, mock_provider, override_block};
use super::run::run;
use super::{OverrideKind, TestFile};
use crate::Files;
use crate::config::ProviderConfig;
use crate::config::arguments::{Arguments, labels, unexpected_block};
use crate::syntax::{self, Attribute, Block, Body, Expr, blocks_of};

/// Block types of a test file, with their number of labels.
const TOP: [(&str, usize); 8] = [
    ("run", 1),
    ("variables", 0),
    ("provider", 1),
    ("mock_provider", 1),
    ("override_resource", 0),
    ("override_data", 0),
    ("override_module", 0),
    ("test", 0),
];

/// Reads a test file, and the files of made-up values that it names.
pub fn load_test_file(
    files: &dyn Files,
    path: &Path,
    sources: &mut SourceMap,
) -> (TestFile, Diagnostics) {
    let name = path.strip_prefix("./").unwrap_or(path).display().to_string();
    let mut reader = Reader { files, sources, is_json: false, diagnostics: Diagnostics::new() };
    let mut file = TestFile { name, ..TestFile::default() };
    if let Some(body) = reader.body(path) {
        reader.top(body, &mut file);
    }
    let mut diagnostics = reader.diagnostics;
    diagnostics.sort();
    (file, diagnostics)
}

/// Reads the blocks of one file.
pub(super) struct Reader<'a> {
    pub files: &'a dyn Files,
    pub sources: &'a mut SourceMap,
    /// Whether the text is JSON, where blocks are arguments and strings may be references.
    pub is_json: bool,
    pub diagnostics: Diagnostics,
}

impl Reader<'_> {
    /// The content of a file; none if it cannot be had, which is reported.
    pub(super) fn body(&mut self, path: &Path) -> Option<Body> {
        let shown = path.strip_prefix("./").unwrap_or(path).display().to_string();
        let problem =
            |detail: String| Diagnostic::error(Location::input(&shown), "Unreadable file", detail);
        let text = match self.files.read(path).map(String::from_utf8) {
            Ok(Ok(text)) => text,
            Ok(Err(_)) => {
                self.diagnostics.push(problem("The file is not valid UTF-8.".to_owned()));
                return None;
            }
            Err(error) => {
                self.diagnostics.push(problem(format!("The file could not be read: {error}.")));
                return None;
            }
        };
        let id = self.sources.add(&shown, &text);
        self.is_json = shown.ends_with(".json");
        let parsed = if self.is_json {
            syntax::parse_json_arguments(id, &text)
        } else {
            syntax::parse_body(id, &text)
        };
        self.diagnostics.take(parsed)
    }

    fn top(&mut self, body: Body, file: &mut TestFile) {
        let mut body = self.with_blocks(body, &TOP);
        let blocks = std::mem::take(&mut body.blocks);
        Arguments::new(body, Span::new(skyform_diag::SourceId(0), 0, 0), &mut self.diagnostics)
            .finish();
        let mut variables: Option<Span> = None;
        for block in blocks {
            match block.kind.as_str() {
                "run" => {
                    if let Some(found) = run(self, block) {
                        let first = file.runs.iter().find(|known| known.name == found.name);
                        match first {
                            Some(first) => self.diagnostics.push(
                                error_at!(
                                    found.span,
                                    "Duplicate \"run\" block names",
                                    "This test file has a run block named \"{}\" already.",
                                    found.name
                                )
                                .related(first.span, "the first one"),
                            ),
                            None => file.runs.push(found),
                        }
                    }
                }
                "variables" => match variables.replace(block.span) {
                    Some(first) => self.diagnostics.push(
                        error_at!(
                            block.span,
                            "Multiple \"variables\" blocks",
                            "A test file has one \"variables\" block at most."
                        )
                        .related(first, "the first one"),
                    ),
                    None => file.variables = self.values(block),
                },
                "provider" => file.providers.extend(self.provider(block)),
                "mock_provider" => file.mocks.extend(mock_provider(self, block)),
                "override_resource" => {
                    file.overrides.extend(override_block(self, block, OverrideKind::Resource));
                }
                "override_data" => {
                    file.overrides.extend(override_block(self, block, OverrideKind::Data));
                }
                "override_module" => {
                    file.overrides.extend(override_block(self, block, OverrideKind::Module));
                }
                _ => {
                    let known = TOP.map(|(kind, _)| kind);
                    self.diagnostics.push(unexpected_block(&block, &known));
                }
            }
        }
        duplicates(&file.overrides, &mut self.diagnostics);
        self.duplicate_providers(file);
    }

    fn provider(&mut self, block: Block) -> Option<ProviderConfig> {
        let [name] = labels(&block, ["name"], &mut self.diagnostics)?;
        let span = block.span;
        let mut arguments = Arguments::new(block.body, span, &mut self.diagnostics);
        let alias = arguments.string("alias").map(|(text, _)| text);
        Some(ProviderConfig { name, alias, span, body: arguments.body })
    }

    fn duplicate_providers(&mut self, file: &TestFile) {
        let mut seen: IndexMap<(&Str, Option<&Str>), Span> = IndexMap::new();
        let real = file.providers.iter().map(|p| (&p.name, p.alias.as_ref(), p.span));
        let mocked = file.mocks.iter().map(|p| (&p.name, p.alias.as_ref(), p.span));
        for (name, alias, span) in real.chain(mocked) {
            match seen.entry((name, alias)) {
                Entry::Vacant(entry) => {
                    entry.insert(span);
                }
                Entry::Occupied(entry) => self.diagnostics.push(
                    error_at!(
                        span,
                        "Duplicate provider block",
                        "The provider \"{name}\" is configured already in this test file.";
                        hint: "Give a second configuration of a provider an \"alias\" of its own."
                    )
                    .related(*entry.get(), "configured first here"),
                ),
            }
        }
    }

    /// The arguments of a block that has nothing else.
    pub(super) fn values(&mut self, block: Block) -> IndexMap<Str, Expr> {
        labels(&block, [], &mut self.diagnostics);
        for inner in &block.body.blocks {
            self.diagnostics.push(unexpected_block(inner, &[]));
        }
        block.body.attributes.into_iter().map(|(name, a)| (name, a.expr)).collect()
    }

    /// In JSON, blocks are arguments: these are made blocks.
    pub(super) fn with_blocks(&self, mut body: Body, kinds: &[(&str, usize)]) -> Body {
        if !self.is_json {
            return body;
        }
        for (kind, labels) in kinds {
            let blocks = body.attributes.get(*kind).and_then(|found| blocks_of(found, *labels));
            if let Some(blocks) = blocks {
                body.attributes.shift_remove(*kind);
                body.blocks.extend(blocks);
            }
        }
        body.attributes.shift_remove("//");
        body
    }

    /// In JSON, a string stands for the reference or keyword that is in it.
    pub(super) fn reference(&self, expr: &Expr) -> Expr {
        let text = expr.as_literal().and_then(|value| value.as_str()).filter(|_| self.is_json);
        let unquoted = text.and_then(|text| syntax::embedded_expression(expr.span, text).ok());
        unquoted.unwrap_or_else(|| expr.clone())
    }

    /// One of some keywords.
    pub(super) fn keyword(
        &mut self,
        attribute: Option<&Attribute>,
        summary: &'static str,
        known: [&str; 2],
    ) -> Option<Str> {
        let attribute = attribute?;
        let expr = self.reference(&attribute.expr);
        let found = expr.as_name().filter(|word| known.contains(&word.as_str())).cloned();
        if found.is_none() {
            self.diagnostics.push(error_at!(
                expr.span,
                summary,
                "\"{}\" is one of the keywords {} and {}, without quotes.",
                attribute.name,
                known[0],
                known[1]
            ));
        }
        found
    }
}
