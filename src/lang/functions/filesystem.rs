//! Files and paths.

use std::path::{Path, PathBuf};

use base64::Engine as _;
use base64::engine::general_purpose::STANDARD;
use skyform_value::{Str, Type, Value, convert};

use super::FunctionError;
use super::signature::{
    Answer, Arguments, Function, any, bool, function, parameter, set_of_string, string,
};

pub(super) const FUNCTIONS: &[Function] = &[
    function("abspath", &[parameter("path", string)], string, |a| {
        let path = resolve(a, a.text(0));
        let whole =
            if path.is_absolute() { path } else { a.context.files.working_dir().join(path) };
        Ok(clean(&whole).into())
    }),
    function("basename", &[parameter("path", string)], string, |a| Ok(base(a.text(0)).into())),
    function("dirname", &[parameter("path", string)], string, |a| Ok(directory(a.text(0)).into())),
    function("pathexpand", &[parameter("path", string)], string, |a| {
        let path = a.text(0);
        match path.strip_prefix('~') {
            Some(rest) if rest.is_empty() || rest.starts_with('/') => {
                let home = a.context.files.home_dir().unwrap_or_default();
                Ok(format!("{}{rest}", home.display()).into())
            }
            _ => Ok(path.into()),
        }
    }),
    function("file", &[parameter("path", string)], string, |a| {
        let bytes = read(a, a.text(0))?;
        String::from_utf8(bytes).map(Value::from).map_err(|_| {
            a.wrong(
                0,
                format!(
                    "contents of {} are not valid UTF-8; use the filebase64 function",
                    a.text(0)
                ),
            )
        })
    }),
    function("fileexists", &[parameter("path", string)], bool, |a| {
        let path = resolve(a, a.text(0));
        if !a.context.files.is_file(&path) && a.context.files.list(&path).is_ok() {
            return Err(a.wrong(0, format!("\"{}\" is a directory, not a file", a.text(0))));
        }
        Ok(a.context.files.is_file(&path).into())
    }),
    function("filebase64", &[parameter("path", string)], string, |a| {
        Ok(STANDARD.encode(read(a, a.text(0))?).into())
    }),
    function(
        "fileset",
        &[parameter("path", string), parameter("pattern", string)],
        set_of_string,
        file_set,
    ),
    function("templatefile", &[parameter("path", string), parameter("vars", any)], any, |a| {
        let bytes = read(a, a.text(0))?;
        let text = String::from_utf8(bytes)
            .map_err(|_| a.wrong(0, format!("contents of {} are not valid UTF-8", a.text(0))))?;
        render(a, &text, a.text(0))
    }),
    function(
        "templatestring",
        &[parameter("template", string), parameter("vars", any)],
        string,
        |a| {
            let rendered = render(a, a.text(0), "<templatestring argument>")?;
            if rendered.is_null() {
                return Err("the result of the template is null".into());
            }
            convert(&rendered, &Type::String)
                .map_err(|error| format!("invalid template result: {error}").into())
        },
    ),
];

fn render(arguments: &Arguments<'_>, text: &str, shown: &str) -> Answer {
    let variables = &arguments.values[1];
    let Some(table) = variables.as_table() else {
        return Err(arguments.wrong(1, "invalid vars value: must be a map"));
    };
    if let Some(bad) = table.keys().find(|name| !is_name(name)) {
        return Err(arguments.wrong(1, format!("invalid template variable name \"{bad}\": must start with a letter, followed by zero or more letters, digits, and underscores")));
    }
    (arguments.context.template)(text, shown, variables).map_err(FunctionError::Failed)
}

fn is_name(name: &str) -> bool {
    let mut characters = name.chars();
    characters.next().is_some_and(char::is_alphabetic)
        && characters.all(|c| c.is_alphanumeric() || c == '_')
}

pub(super) fn read(arguments: &Arguments<'_>, path: &str) -> Result<Vec<u8>, FunctionError> {
    let resolved = resolve(arguments, path);
    arguments.context.files.read(&resolved).map_err(|error| {
        let reason = if error.kind() == std::io::ErrorKind::NotFound {
            format!("no file exists at \"{path}\"; this function works only with files that are there before anything is applied")
        } else {
            format!("failed to read {path}: {error}")
        };
        arguments.wrong(0, reason)
    })
}

fn resolve(arguments: &Arguments<'_>, path: &str) -> PathBuf {
    let expanded = match path.strip_prefix("~/") {
        Some(rest) => arguments.context.files.home_dir().unwrap_or_default().join(rest),
        None => PathBuf::from(path),
    };
    if expanded.is_absolute() { expanded } else { arguments.context.base_dir.join(expanded) }
}

/// Without `.` parts, doubled slashes and `x/..` pairs.
fn clean(path: &Path) -> String {
    use std::path::Component;
    let mut parts = PathBuf::new();
    for part in path.components() {
        match part {
            Component::CurDir => {}
            Component::ParentDir => {
                if matches!(parts.components().next_back(), Some(Component::Normal(_))) {
                    parts.pop();
                } else if !parts.has_root() {
                    parts.push("..");
                }
            }
            other => parts.push(other),
        }
    }
    if parts.as_os_str().is_empty() { ".".to_owned() } else { parts.display().to_string() }
}

fn base(path: &str) -> String {
    if path.is_empty() {
        return ".".to_owned();
    }
    let trimmed = path.trim_end_matches('/');
    if trimmed.is_empty() {
        return "/".to_owned();
    }
    trimmed.rsplit('/').next().unwrap_or(trimmed).to_owned()
}

fn directory(path: &str) -> String {
    match path.rfind('/') {
        Some(at) => clean(Path::new(&path[..=at])),
        None => ".".to_owned(),
    }
}

fn file_set(arguments: &Arguments<'_>) -> Answer {
    let (path, pattern) = (arguments.text(0), arguments.text(1));
    let glob = globset::GlobBuilder::new(pattern)
        .literal_separator(true)
        .build()
        .map_err(|error| arguments.wrong(1, format!("failed to glob pattern {pattern}: {error}")))?
        .compile_matcher();
    let root = resolve(arguments, path);
    let mut found = Vec::new();
    let mut folders = vec![(root, String::new())];
    while let Some((folder, prefix)) = folders.pop() {
        let Ok(entries) = arguments.context.files.list(&folder) else { continue };
        for (name, is_folder) in entries {
            let relative = format!("{prefix}{name}");
            if is_folder {
                if relative.matches('/').count() < 64 {
                    folders.push((folder.join(&name), format!("{relative}/")));
                }
            } else if glob.is_match(&relative) {
                found.push(Value::from(Str::from(relative)));
            }
        }
    }
    Ok(Value::set(Type::String, found))
}
