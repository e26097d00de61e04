# Errors of a stream of messages (plan -json, apply -json), where they stand.
select(.type == "diagnostic" and .diagnostic.severity == "error").diagnostic
| "\(.range.filename):\(.range.start.line): \(.summary)"
