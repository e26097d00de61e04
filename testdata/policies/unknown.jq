# Attributes known only after apply, by object.
.resource_changes | map({ key: .address, value: [.change.after_unknown | paths(. == true) | join(".")] })
| map(select(.value != [])) | from_entries
