# Sensitive attributes, by object.
.resource_changes | map({ key: .address, value: [.change.after_sensitive | paths(. == true) | map(tostring) | join(".")] })
| map(select(.value != [])) | from_entries
