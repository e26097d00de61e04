# Planned values of all modules, as a flat list of addresses.
[.planned_values.root_module | recurse(.child_modules[]?) | .resources[]?.address] | sort
