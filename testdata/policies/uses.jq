# What each resource block refers to.
[.configuration.root_module.resources[] | { key: .address, value: [.expressions // {} | .. | .references? // empty | .[]] | unique }]
| from_entries
