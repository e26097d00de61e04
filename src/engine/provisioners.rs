//! What provisioners may say, checked before anything is done.

use skyform_diag::{Diagnostics, error_at};
use skyform_lang::config::{Provisioner, Resource, Subject};
use skyform_value::schema::{Attribute, Block};
use skyform_value::{Str, Type};

/// Arguments of `local-exec`.
pub(crate) fn local_exec() -> Block {
    Block::with([
        ("command", Attribute::required(Type::String)),
        ("working_dir", Attribute::optional(Type::String)),
        ("interpreter", Attribute::optional(Type::list(Type::String))),
        ("environment", Attribute::optional(Type::map(Type::String))),
        ("quiet", Attribute::optional(Type::Bool)),
    ])
}

/// What is wrong with a block's provisioners.
pub(crate) fn check_provisioners(block: &Resource) -> Diagnostics {
    block.provisioners.iter().flat_map(check).collect()
}

fn check(provisioner: &Provisioner) -> Diagnostics {
    let mut problems = Diagnostics::new();
    match provisioner.kind.as_str() {
        "local-exec" => check_arguments(provisioner, &mut problems),
        "file" | "remote-exec" => problems.push(error_at!(
            provisioner.span,
            "Provisioner not supported",
            "The provisioner \"{}\" works over a connection to a machine, and there are none here.",
            provisioner.kind;
            hint: "Prepare machines by their image or user data, or call a tool with local-exec."
        )),
        _ => problems.push(
            error_at!(
                provisioner.span,
                "Missing required provisioner plugin",
                "There is no provisioner \"{}\".",
                provisioner.kind
            )
            .did_you_mean(&provisioner.kind, ["local-exec"]),
        ),
    }
    if provisioner.on_destroy {
        check_references(provisioner, &mut problems);
    }
    problems
}

fn check_arguments(provisioner: &Provisioner, problems: &mut Diagnostics) {
    let schema = local_exec();
    for attribute in provisioner.body.attributes.values() {
        if !schema.attributes.contains_key(&attribute.name) {
            problems.push(
                error_at!(
                    attribute.name_span,
                    "Unsupported argument",
                    "An argument named \"{}\" is not expected here.",
                    attribute.name
                )
                .did_you_mean(&attribute.name, schema.attributes.keys().map(Str::as_str)),
            );
        }
    }
    for block in &provisioner.body.blocks {
        problems.push(error_at!(
            block.span,
            "Unsupported block type",
            "Blocks of this type are not expected here."
        ));
    }
    if !provisioner.body.attributes.contains_key("command") {
        problems.push(error_at!(
            provisioner.span,
            "Missing required argument",
            "The argument \"command\" is required, but no definition was found."
        ));
    }
}

/// When an object is destroyed, only itself is sure to be there still.
fn check_references(provisioner: &Provisioner, problems: &mut Diagnostics) {
    for reference in provisioner.body.references() {
        let allowed = matches!(
            reference.subject,
            Subject::SelfObject
                | Subject::CountIndex
                | Subject::Each(_)
                | Subject::Path(_)
                | Subject::Terraform(_)
        );
        if !allowed {
            problems.push(error_at!(
                reference.span,
                "Invalid reference from destroy provisioner",
                "Provisioners at destroy time may only refer to the object itself, by self, count.index or each.key: what else they name may be gone by then.";
                hint: "Keep the value in the object, such as in triggers_replace, and read it from self."
            ));
        }
    }
}
