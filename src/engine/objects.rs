//! Stored objects to values and back.

use std::sync::Arc;

use skyform_diag::{Diagnostic, Diagnostics, Location};
use skyform_provider_sdk::UpgradeRequest;
use skyform_state::{BlockAddress, Object, ObjectStatus};
use skyform_value::schema::Block;
use skyform_value::{Marks, Path, Value, json};

use crate::providers::Resolved;

/// The value of a stored object, with its sensitive parts marked.
pub(crate) async fn decode(
    resolved: &Resolved,
    address: &str,
    type_name: &str,
    object: &Object,
) -> Result<Value, Diagnostics> {
    let wrong = |detail: String| {
        Diagnostics::from(Diagnostic::error(
            Location::address(address),
            "Stored object does not fit its schema",
            detail,
        ))
    };
    if object.schema_version > resolved.schema.version {
        return Err(wrong(format!(
            "It was stored with version {} of its schema, and this provider knows up to {}.",
            object.schema_version, resolved.schema.version
        )));
    }
    let ty = resolved.schema.block.implied_type();
    let upgraded = if object.schema_version < resolved.schema.version {
        let request =
            UpgradeRequest { type_name, version: object.schema_version, json: &object.attributes };
        resolved.provider.upgrade(request).await.map_err(|problems| {
            let location = Location::address(address);
            problems
                .into_iter()
                .map(|problem| problem.into_diagnostic(location.clone(), address))
                .collect::<Diagnostics>()
        })?
    } else {
        None
    };
    let value = match upgraded {
        Some(value) => value,
        None => {
            json::from_typed(&object.attributes, &ty).map_err(|error| wrong(format!("{error}.")))?
        }
    };
    let stored = object.sensitive.iter().map(|path| (path.clone(), Marks::SENSITIVE));
    let paths: Vec<_> = stored.chain(sensitive_paths(&resolved.schema.block)).collect();
    Ok(mark(&value, &paths))
}

/// Marks paths that lead somewhere; a null needs no mark.
pub(crate) fn mark(value: &Value, paths: &[(Path, Marks)]) -> Value {
    if value.is_null() { value.clone() } else { value.mark_paths(paths) }
}

/// Paths of attributes that the schema says are sensitive.
pub(crate) fn sensitive_paths(block: &Block) -> Vec<(Path, Marks)> {
    let attributes = block.attributes.iter().filter(|(_, attribute)| attribute.sensitive);
    attributes.map(|(name, _)| (Path::attribute(name.clone()), Marks::SENSITIVE)).collect()
}

/// An object to be stored.
pub(crate) fn encode(
    resolved: &Resolved,
    value: &Value,
    private: Vec<u8>,
    dependencies: Arc<[BlockAddress]>,
    create_before_destroy: bool,
) -> Object {
    let (bare, marks) = value.unmark();
    let schema = sensitive_paths(&resolved.schema.block);
    let sensitive = marks
        .into_iter()
        .filter(|(_, marks)| marks.contains(Marks::SENSITIVE))
        .map(|(path, _)| path)
        .filter(|path| !schema.iter().any(|(known, _)| known == path))
        .collect();
    Object {
        schema_version: resolved.schema.version,
        attributes: json::to_typed(&bare, &resolved.schema.block.implied_type()).into(),
        sensitive,
        private: private.into(),
        status: ObjectStatus::Ready,
        dependencies,
        create_before_destroy,
        identity: None,
    }
}

/// The object's `id`, if it has one that may be shown.
pub(crate) fn shown_id(value: &Value) -> Option<String> {
    let id = value.get("id").filter(|id| id.deep_marks().is_empty())?;
    id.as_str().map(str::to_owned)
}

/// What stands at a path, or null where it leads nowhere.
pub(crate) fn at_or_null(value: &Value, path: &Path) -> Value {
    value.at(path).cloned().unwrap_or_else(Value::null)
}
