# What an apply has done, from its stream.
select(.type == "apply_complete").hook | "\(.action) \(.resource.addr)"
