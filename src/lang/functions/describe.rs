//! What each function does, in a sentence.

/// What a function does; empty for a name that is none.
pub fn describe(name: &str) -> &'static str {
    let found = DESCRIPTIONS.binary_search_by(|(known, _)| (*known).cmp(name));
    found.map_or("", |at| DESCRIPTIONS[at].1)
}

/// By name, sorted.
const DESCRIPTIONS: &[(&str, &str)] = &[
    ("abs", "The number without its sign."),
    ("abspath", "The path made absolute, seen from the current folder."),
    ("alltrue", "Whether all elements are true; true for an empty list."),
    ("anytrue", "Whether any element is true; false for an empty list."),
    ("base64decode", "The text that a Base64 string stands for."),
    ("base64encode", "The text in Base64."),
    ("base64gzip", "The text, compressed with gzip, in Base64."),
    ("base64sha256", "The SHA-256 of the text in Base64."),
    ("base64sha512", "The SHA-512 of the text in Base64."),
    ("basename", "The last part of a path."),
    ("bcrypt", "The bcrypt hash of the text, with another salt each time."),
    ("can", "Whether the expression can be evaluated without an error."),
    ("ceil", "The nearest whole number that is not less."),
    ("chomp", "The text without line breaks at its end."),
    ("chunklist", "The list cut into lists of at most so many elements."),
    ("cidrhost", "The address of a host with this number in a network."),
    ("cidrnetmask", "The network mask of an IPv4 network."),
    ("cidrsubnet", "A network inside of another one, with so many more bits and this number."),
    (
        "cidrsubnets",
        "Networks inside of another one, one behind the other, each with so many more bits.",
    ),
    ("coalesce", "The first argument that is neither null nor an empty text."),
    ("coalescelist", "The first list that is not empty."),
    ("compact", "The list without null and empty texts."),
    ("concat", "All lists as one."),
    ("contains", "Whether the list, tuple or set has the element."),
    ("csvdecode", "The rows of CSV text as objects, named by its first line."),
    ("dirname", "The path without its last part."),
    ("distinct", "The list without repeated elements; the first of each stays."),
    ("element", "The element with an index, which begins anew at the end of the list."),
    ("endswith", "Whether the text ends with another one."),
    ("ephemeralasnull", "The value with null in place of all that is ephemeral."),
    ("file", "The content of a file, which must be UTF-8 text."),
    ("filebase64", "The content of a file in Base64."),
    ("filebase64sha256", "The SHA-256 of a file's content in Base64."),
    ("filebase64sha512", "The SHA-512 of a file's content in Base64."),
    ("fileexists", "Whether there is a file at the path."),
    ("filemd5", "The MD5 of a file's content in hexadecimal digits."),
    ("fileset", "The paths below a folder that fit a pattern."),
    ("filesha1", "The SHA-1 of a file's content in hexadecimal digits."),
    ("filesha256", "The SHA-256 of a file's content in hexadecimal digits."),
    ("filesha512", "The SHA-512 of a file's content in hexadecimal digits."),
    ("flatten", "The list with the elements of inner lists in place of these."),
    ("floor", "The nearest whole number that is not greater."),
    ("format", "A text made by a pattern such as \"%s has %d\"."),
    ("formatdate", "A time in RFC 3339 written by another pattern."),
    ("formatlist", "Texts made by a pattern, one for each element of the lists given."),
    ("indent", "The text with spaces before each line but the first."),
    ("index", "The index of the first element that is equal to the value."),
    ("issensitive", "Whether the value is sensitive."),
    ("join", "All texts as one, with a separator between them."),
    ("jsondecode", "The value that JSON text stands for."),
    ("jsonencode", "The value as JSON text."),
    ("keys", "The keys of a map or the names of an object's attributes, sorted."),
    ("length", "The number of elements, or of characters of a text."),
    ("log", "The logarithm of a number to a base."),
    ("lookup", "The element of a map with this key, or a default where it has none."),
    ("lower", "The text in lower case."),
    ("matchkeys", "The values at those places where the keys are among the ones searched."),
    ("max", "The greatest number."),
    ("md5", "The MD5 of the text in hexadecimal digits."),
    ("merge", "All maps or objects as one; later ones win."),
    ("min", "The least number."),
    ("nonsensitive", "The value without its mark as sensitive: it is shown from here on."),
    ("one", "The only element of a list, or null if it is empty."),
    ("parseint", "The whole number that digits of a base stand for."),
    ("pathexpand", "The path with the home folder in place of a leading ~."),
    ("plantimestamp", "When the plan was made, in RFC 3339."),
    ("pow", "The number raised to a power."),
    ("provider::terraform::decode_tfvars", "The values that the text of a *.tfvars file gives."),
    ("provider::terraform::encode_expr", "The value as an expression of the language."),
    ("provider::terraform::encode_tfvars", "The object as the text of a *.tfvars file."),
    ("range", "Numbers from a start to before a limit, by a step."),
    ("regex", "What fits a pattern first: a text, or what its groups have found."),
    ("regexall", "Everything that fits a pattern, as a list."),
    ("replace", "The text with another one in place of each part; /.../ is a pattern."),
    ("reverse", "The list from its end to its start."),
    ("rsadecrypt", "The text that was encrypted for an RSA key."),
    ("sensitive", "The value marked as sensitive: it is not shown."),
    ("setintersection", "The elements that all sets have."),
    ("setproduct", "All combinations of an element from each list or set."),
    ("setsubtract", "The elements of the first set that the second has not."),
    ("setunion", "The elements that any of the sets has."),
    ("sha1", "The SHA-1 of the text in hexadecimal digits."),
    ("sha256", "The SHA-256 of the text in hexadecimal digits."),
    ("sha512", "The SHA-512 of the text in hexadecimal digits."),
    ("signum", "-1, 0 or 1 by the sign of the number."),
    ("slice", "The elements from one index to before another one."),
    ("sort", "The texts in the order of their characters."),
    ("split", "The parts of a text between separators."),
    ("startswith", "Whether the text begins with another one."),
    ("strcontains", "Whether the text has another one in it."),
    ("strrev", "The text with its characters from the last to the first."),
    ("substr", "A part of the text, by its start and its length."),
    ("sum", "The sum of the numbers."),
    ("templatefile", "The template in a file, filled with values."),
    ("templatestring", "The template in a string, filled with values."),
    ("textdecodebase64", "The text that Base64 of another character encoding stands for."),
    ("textencodebase64", "The text in another character encoding, in Base64."),
    ("timeadd", "A time in RFC 3339 with a duration added."),
    ("timecmp", "-1, 0 or 1: whether a time is before, at or after another one."),
    ("timestamp", "The time now, in RFC 3339; known only after apply."),
    ("title", "The text with the first letter of each word in upper case."),
    ("tobool", "The value as true or false."),
    ("tolist", "The value as a list."),
    ("tomap", "The value as a map."),
    ("tonumber", "The value as a number."),
    ("toset", "The value as a set."),
    ("tostring", "The value as a text."),
    (
        "transpose",
        "The map turned round: its values as keys, with lists of the keys that had them.",
    ),
    ("trim", "The text without some characters at both ends."),
    ("trimprefix", "The text without another one at its start."),
    ("trimspace", "The text without white space at both ends."),
    ("trimsuffix", "The text without another one at its end."),
    ("try", "The first expression that can be evaluated without an error."),
    ("type", "The type of the value, as text."),
    ("upper", "The text in upper case."),
    ("urlencode", "The text so that it may stand in a URL."),
    ("uuid", "A random UUID, another one each time; known only after apply."),
    ("uuidv5", "The UUID of a name in a namespace; always the same."),
    ("values", "The values of a map or object, in the order of their keys."),
    ("yamldecode", "The value that YAML text stands for."),
    ("yamlencode", "The value as YAML text."),
    ("zipmap", "The map with these keys and these values."),
];

#[cfg(test)]
mod tests {
    use super::*;
    use crate::functions::names;

    #[test]
    fn each_function_is_described_and_nothing_else() {
        assert!(DESCRIPTIONS.is_sorted_by_key(|(name, _)| *name));
        let mut all: Vec<&str> = names().collect();
        all.sort_unstable();
        let mut described: Vec<&str> = DESCRIPTIONS.iter().map(|(name, _)| *name).collect();
        if !all.contains(&"type") {
            described.retain(|name| *name != "type");
        }
        assert_eq!(described, all);
    }
}
