# Judges a plan: `data.review.deny` lists why it must not be applied as it is.
package review

import rego.v1

# Types of objects that hold data: deleting them is never a side effect.
keeps_data := {"bucket", "terraform_data"}

deny contains message if {
	some change in input.resource_changes
	"delete" in change.change.actions
	not "create" in change.change.actions
	change.type in keeps_data
	message := concat(" ", [change.address, "would be deleted"])
}

deny contains message if {
	some change in input.resource_changes
	change.change.actions in [["delete", "create"], ["create", "delete"]]
	some path in object.get(change.change, "replace_paths", [])
	message := concat(" ", [change.address, "would be replaced because of", concat(".", path)])
}

# Every object must say whose it is.
deny contains message if {
	some change in input.resource_changes
	change.change.after.input
	not change.change.after.input.owner
	message := concat(" ", [change.address, "has no owner"])
}

deny contains message if {
	count(creations) > 20
	message := concat(" ", [sprintf("%d", [count(creations)]), "objects at once are too many to review"])
}

creations contains change.address if {
	some change in input.resource_changes
	"create" in change.change.actions
}

# A placement's decision stands under a key of its own, which other programs' plans don't have.
deny contains message if {
	some name, placement in object.get(input, ["skyform", "placements"], {})
	placement.cost > 1000
	message := concat(" ", ["placement", name, "costs", sprintf("%v", [placement.cost]), "USD a month"])
}
