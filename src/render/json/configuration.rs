//! The configuration as the plan's document shows it: blocks with their expressions, not evaluated.

use std::collections::BTreeMap;
use std::sync::Arc;

use serde_json::{Map, Value as Json, json};
use skyform_lang::config::{
    Config, Module, ModuleCall, ModuleId, Output, ProviderConfig, ProviderRef, Provisioner,
    Reference, Resource, Variable,
};
use skyform_value::schema::{Block, Schema};
use skyform_value::{Mode, Str, Value};

use super::expression::{Texts, body_json, expression_json};
use super::value::plain;

/// What is known of a resource block: its provider's source address, and its schema.
pub struct BlockSchema {
    /// Source address, such as `terraform.io/builtin/terraform`.
    pub provider: Str,
    /// What the block may contain.
    pub schema: Arc<Schema>,
}

/// Gives the schema of a resource block.
pub type SchemaOf<'a> = dyn Fn(&Module, &Resource) -> Option<BlockSchema> + 'a;

/// A configuration as `configuration` of the plan's document.
pub fn configuration_json(config: &Config, schema_of: &SchemaOf<'_>) -> Json {
    let mut writer = Writer { config, schema_of, providers: BTreeMap::new() };
    let root = writer.module(ModuleId(0));
    let mut json = Map::new();
    let providers = writer.provider_configs();
    if !providers.is_empty() {
        json.insert("provider_config".to_owned(), Json::Object(providers));
    }
    json.insert("root_module".to_owned(), root);
    Json::Object(json)
}

struct Writer<'a> {
    config: &'a Config,
    schema_of: &'a SchemaOf<'a>,
    /// Entries of `provider_config` by key.
    providers: BTreeMap<String, Json>,
}

impl Writer<'_> {
    fn texts(&self) -> Texts<'_> {
        Texts(&self.config.sources)
    }

    fn module(&mut self, id: ModuleId) -> Json {
        let module = &self.config.modules[id.0];
        let source = Arc::clone(&module.source);
        let mut json = Map::new();
        let outputs = source.outputs.values().map(|o| (o.name.to_string(), self.output(o)));
        let outputs = sorted(outputs);
        let mut blocks: Vec<&Resource> = source.resources.values().collect();
        blocks.sort_by_key(|block| {
            let key = &block.key;
            (key.mode != Mode::Managed, key.mode, key.type_name.clone(), key.name.clone())
        });
        let resources: Vec<Json> =
            blocks.into_iter().filter_map(|block| self.resource(id, block)).collect();
        let calls = source.calls.values().map(|call| (call.name.to_string(), self.call(id, call)));
        let calls = sorted(calls.collect::<Vec<_>>());
        let variables = source.variables.values().map(|v| (v.name.to_string(), variable(v)));
        for (name, part) in [
            ("outputs", outputs),
            ("resources", Json::from(resources)),
            ("module_calls", calls),
            ("variables", sorted(variables)),
        ] {
            let is_empty = part.as_object().is_some_and(Map::is_empty)
                || part.as_array().is_some_and(Vec::is_empty);
            if !is_empty {
                json.insert(name.to_owned(), part);
            }
        }
        Json::Object(json)
    }

    fn output(&self, output: &Output) -> Json {
        let mut json = Map::new();
        if output.sensitive {
            json.insert("sensitive".to_owned(), Json::from(true));
        }
        json.insert("expression".to_owned(), expression_json(&output.value, self.texts()));
        insert_depends_on(&mut json, &output.depends_on, self.texts());
        if let Some(description) = &output.description {
            json.insert("description".to_owned(), Json::from(description.as_str()));
        }
        Json::Object(json)
    }

    fn resource(&mut self, id: ModuleId, block: &Resource) -> Option<Json> {
        let module = &self.config.modules[id.0];
        let known = (self.schema_of)(module, block)?;
        let local = match &block.provider {
            Some(provider) => provider.name.clone(),
            None => block.key.type_name.split('_').next().unwrap_or_default().into(),
        };
        let alias = block.provider.as_ref().and_then(|provider| provider.alias.clone());
        let prefix = match block.key.mode {
            Mode::Managed => "",
            Mode::Data => "data.",
            Mode::Ephemeral => "ephemeral.",
        };
        let mut json = json!({
            "address": format!("{prefix}{}.{}", block.key.type_name, block.key.name),
            "mode": match block.key.mode {
                Mode::Managed => "managed",
                Mode::Data => "data",
                Mode::Ephemeral => "ephemeral",
            },
            "type": block.key.type_name.as_str(),
            "name": block.key.name.as_str(),
            "provider_config_key": self.provider_key(id, &local, alias.as_deref(), &known.provider),
        });
        let texts = self.texts();
        if !block.provisioners.is_empty() {
            json["provisioners"] =
                block.provisioners.iter().map(|p| provisioner(p, texts)).collect();
        }
        let expressions = body_json(&block.body, &known.schema.block, texts);
        if !expressions.is_empty() {
            json["expressions"] = Json::Object(expressions);
        }
        json["schema_version"] = Json::from(known.schema.version);
        for (name, expression) in
            [("count_expression", &block.count), ("for_each_expression", &block.for_each)]
        {
            let written = expression.as_ref().map(|expression| expression_json(expression, texts));
            if let Some(written) = written.filter(|written| *written != json!({})) {
                json[name] = written;
            }
        }
        if let Some(json) = json.as_object_mut() {
            insert_depends_on(json, &block.depends_on, texts);
        }
        Some(json)
    }

    fn call(&mut self, id: ModuleId, call: &ModuleCall) -> Json {
        let texts = self.texts();
        let mut json = json!({"source": call.source.as_str()});
        let arguments = call.arguments.attributes.values();
        let arguments = arguments.map(|a| (a.name.to_string(), expression_json(&a.expr, texts)));
        let arguments = sorted(arguments);
        if arguments.as_object().is_some_and(|arguments| !arguments.is_empty()) {
            json["expressions"] = arguments;
        }
        for (name, expression) in
            [("count_expression", &call.count), ("for_each_expression", &call.for_each)]
        {
            let written = expression.as_ref().map(|expression| expression_json(expression, texts));
            if let Some(written) = written.filter(|written| *written != json!({})) {
                json[name] = written;
            }
        }
        let child = self.config.modules[id.0].children.get(&call.name).copied();
        json["module"] = child.map_or_else(|| json!({}), |child| self.module(child));
        if let Some(version) = &call.version {
            json["version_constraint"] = Json::from(version.as_str());
        }
        if let Some(json) = json.as_object_mut() {
            insert_depends_on(json, &call.depends_on, self.texts());
        }
        json
    }

    /// The key of the provider configuration that a block uses, which is noted.
    fn provider_key(
        &mut self,
        id: ModuleId,
        local: &str,
        alias: Option<&str>,
        source: &Str,
    ) -> String {
        let (mut at, mut local, mut alias) = (id, local, alias);
        let config = self.config;
        // A module without a configuration of its own uses one of the module that calls it.
        while let Some(parent) = config.modules[at.0].parent
            && config_of(&config.modules[at.0], local, alias).is_none()
        {
            match passed(config, parent, at, local, alias) {
                Some(outside) => (local, alias) = (&outside.name, outside.alias.as_deref()),
                None if alias.is_some() || self.uses(parent, local) => {}
                None => break,
            }
            at = parent;
        }
        let module = &config.modules[at.0];
        if alias.is_some() && module.path.is_root() {
            // There is one without an alias, even if nothing uses it.
            self.note_provider(module, local, None, source);
        }
        self.note_provider(module, local, alias, source)
    }

    fn note_provider(
        &mut self,
        module: &Module,
        local: &str,
        alias: Option<&str>,
        source: &Str,
    ) -> String {
        let name = match alias {
            Some(alias) => format!("{local}.{alias}"),
            None => local.to_owned(),
        };
        let key = match module.path.is_root() {
            true => name,
            false => format!("{}:{name}", module.path),
        };
        if !self.providers.contains_key(&key) {
            let entry = self.provider_config(module, local, alias, source);
            self.providers.insert(key.clone(), entry);
        }
        key
    }

    fn uses(&self, id: ModuleId, local: &str) -> bool {
        let source = &self.config.modules[id.0].source;
        source.settings.required_providers.contains_key(local)
            || source.providers.iter().any(|config| config.name == local)
            || source.resources.values().any(|block| match &block.provider {
                Some(provider) => provider.name == local,
                None => block.key.type_name.split('_').next() == Some(local),
            })
    }

    fn provider_config(
        &self,
        module: &Module,
        local: &str,
        alias: Option<&str>,
        source: &Str,
    ) -> Json {
        let mut json = json!({"name": local, "full_name": source.as_str()});
        if let Some(alias) = alias {
            json["alias"] = Json::from(alias);
        }
        let required = module.source.settings.required_providers.get(local);
        if let Some(version) = required.and_then(|required| required.version.as_ref()) {
            json["version_constraint"] = Json::from(version.as_str());
        }
        if !module.path.is_root() {
            json["module_address"] = Json::from(module.path.to_string());
        }
        if let Some(config) = config_of(module, local, alias) {
            let arguments = config.body.attributes.values();
            let texts = self.texts();
            let arguments =
                arguments.map(|a| (a.name.to_string(), expression_json(&a.expr, texts)));
            let arguments = sorted(arguments);
            if arguments.as_object().is_some_and(|arguments| !arguments.is_empty()) {
                json["expressions"] = arguments;
            }
        }
        json
    }

    fn provider_configs(self) -> Map<String, Json> {
        self.providers.into_iter().collect()
    }
}

fn config_of<'a>(
    module: &'a Module,
    local: &str,
    alias: Option<&str>,
) -> Option<&'a ProviderConfig> {
    let mut configs = module.source.providers.iter();
    configs.find(|config| config.name == local && config.alias.as_deref() == alias)
}

/// What the calling module passes as a provider configuration of a module.
fn passed<'a>(
    config: &'a Config,
    parent: ModuleId,
    id: ModuleId,
    local: &str,
    alias: Option<&str>,
) -> Option<&'a ProviderRef> {
    let parent = &config.modules[parent.0];
    let (name, _) = parent.children.iter().find(|(_, child)| **child == id)?;
    let mut given = parent.source.calls.get(name)?.providers.iter();
    let is_it = |inside: &ProviderRef| inside.name == local && inside.alias.as_deref() == alias;
    given.find(|(inside, _)| is_it(inside)).map(|(_, outside)| outside)
}

fn provisioner(provisioner: &Provisioner, texts: Texts<'_>) -> Json {
    let mut json = json!({"type": provisioner.kind.as_str()});
    // Provisioners are not described by a provider: all that is written are arguments.
    let expressions = body_json(&provisioner.body, &Block::default(), texts);
    let arguments = provisioner.body.attributes.values();
    let arguments = arguments.map(|a| (a.name.to_string(), expression_json(&a.expr, texts)));
    let all = sorted(arguments.chain(expressions));
    if all.as_object().is_some_and(|all| !all.is_empty()) {
        json["expressions"] = all;
    }
    json
}

fn variable(variable: &Variable) -> Json {
    let mut json = Map::new();
    if let Some(default) = variable.default.as_ref().filter(|default: &&Value| !default.is_null()) {
        json.insert("default".to_owned(), plain(default));
    }
    if let Some(description) = &variable.description {
        json.insert("description".to_owned(), Json::from(description.as_str()));
    }
    if variable.sensitive {
        json.insert("sensitive".to_owned(), Json::from(true));
    }
    Json::Object(json)
}

fn insert_depends_on(json: &mut Map<String, Json>, references: &[Reference], texts: Texts<'_>) {
    if !references.is_empty() {
        let written = references.iter().map(|reference| texts.of(reference.span));
        json.insert("depends_on".to_owned(), written.collect());
    }
}

fn sorted(entries: impl IntoIterator<Item = (String, Json)>) -> Json {
    let entries: BTreeMap<String, Json> = entries.into_iter().collect();
    Json::Object(entries.into_iter().collect())
}
