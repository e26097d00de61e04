# What happens to which object, one line each.
.resource_changes[]
| select(.change.actions != ["no-op"])
| "\(.change.actions | join("/")) \(.address)\(if .action_reason then " (" + .action_reason + ")" else "" end)"
