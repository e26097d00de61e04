# How many objects come, change and go.
[.resource_changes[].change.actions]
| { create: map(select(index("create"))) | length,
    update: map(select(index("update"))) | length,
    delete: map(select(index("delete"))) | length }
