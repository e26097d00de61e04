//! CSV as strictly as the language reads it: RFC 4180, and nothing else between or beside quotes.

/// The fields of all records, of which each has as many as the first. Empty lines do not count.
///
/// # Errors
/// What is wrong, and in which line.
pub(super) fn records(text: &str) -> Result<Vec<Vec<String>>, String> {
    let text = text.replace("\r\n", "\n");
    let text = text.strip_suffix('\r').unwrap_or(&text);
    let mut reader = Reader { rest: text, line: 1 };
    let mut records: Vec<Vec<String>> = Vec::new();
    while !reader.rest.is_empty() {
        if reader.take('\n') {
            reader.line += 1;
            continue;
        }
        let line = reader.line;
        let record = reader.record()?;
        if records.first().is_some_and(|first| first.len() != record.len()) {
            return Err(format!("CSV parse error on line {line}: wrong number of fields"));
        }
        records.push(record);
    }
    Ok(records)
}

struct Reader<'t> {
    rest: &'t str,
    line: usize,
}

impl Reader<'_> {
    fn take(&mut self, character: char) -> bool {
        let rest = self.rest.strip_prefix(character);
        self.rest = rest.unwrap_or(self.rest);
        rest.is_some()
    }

    /// Fields up to the end of their line.
    fn record(&mut self) -> Result<Vec<String>, String> {
        let mut fields = Vec::new();
        loop {
            fields.push(if self.take('"') { self.quoted()? } else { self.plain()? });
            if self.take(',') {
                continue;
            }
            if self.take('\n') {
                self.line += 1;
            }
            return Ok(fields);
        }
    }

    fn plain(&mut self) -> Result<String, String> {
        let end = self.rest.find([',', '\n']).unwrap_or(self.rest.len());
        let (field, rest) = self.rest.split_at(end);
        if field.contains('"') {
            return Err(self.wrong("bare \" in non-quoted-field"));
        }
        self.rest = rest;
        Ok(field.to_owned())
    }

    /// A field behind its opening quote; a doubled quote in it is one.
    fn quoted(&mut self) -> Result<String, String> {
        let mut field = String::new();
        loop {
            let Some(end) = self.rest.find('"') else {
                self.line += self.rest.trim_end_matches('\n').matches('\n').count();
                return Err(self.wrong("extraneous or missing \" in quoted-field"));
            };
            let part = &self.rest[..end];
            self.line += part.matches('\n').count();
            field.push_str(part);
            self.rest = &self.rest[end + 1..];
            if self.take('"') {
                field.push('"');
            } else if self.rest.is_empty() || self.rest.starts_with([',', '\n']) {
                return Ok(field);
            } else {
                return Err(self.wrong("extraneous or missing \" in quoted-field"));
            }
        }
    }

    fn wrong(&self, reason: &str) -> String {
        format!("CSV parse error on line {}: {reason}", self.line)
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn records_are_read_strictly() {
        let fine = [
            ("a,b\n1,2", vec![vec!["a", "b"], vec!["1", "2"]]),
            ("a,b\r\n1,2\r\n", vec![vec!["a", "b"], vec!["1", "2"]]),
            ("a\n\n1\n", vec![vec!["a"], vec!["1"]]),
            ("a,\n,2", vec![vec!["a", ""], vec!["", "2"]]),
            ("\"a\nb\",\"x\"\"y\"\n1,2", vec![vec!["a\nb", "x\"y"], vec!["1", "2"]]),
            ("", vec![]),
        ];
        for (text, expected) in fine {
            assert_eq!(
                records(text).as_deref(),
                Ok(&expected
                    .iter()
                    .map(|r| r.iter().map(|f| (*f).to_owned()).collect())
                    .collect::<Vec<Vec<String>>>()[..]),
                "{text:?}"
            );
        }
        let wrong = [
            ("a,b\n1", "line 2: wrong number of fields"),
            ("a\nx\"y", "line 2: bare"),
            ("a\n\"x", "line 2: extraneous"),
            ("a\n\"x\"y", "line 2: extraneous"),
            ("a\n1\n1,2", "line 3: wrong number"),
        ];
        for (text, expected) in wrong {
            let said = records(text).expect_err(text);
            assert!(said.contains(expected), "{text:?}: {said}");
        }
    }
}
