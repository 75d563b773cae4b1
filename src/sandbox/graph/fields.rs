//! The `fields` language: `a,b{c,d},messages.limit(5){id,from{name}}`.

use super::GraphError;

/// One wanted field, with its modifiers and the fields wanted below it.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Field {
    pub name: String,
    pub modifiers: Vec<(String, String)>,
    pub below: Vec<Field>,
}

impl Field {
    /// The value of a modifier such as `limit(5)`.
    pub fn modifier(&self, name: &str) -> Option<&str> {
        self.modifiers.iter().find(|(key, _)| key == name).map(|(_, value)| value.as_str())
    }
}

/// Reads a whole `fields` parameter.
pub fn parse(text: &str) -> Result<Vec<Field>, GraphError> {
    let mut reader = Reader { rest: text };
    let fields = reader.list()?;
    if reader.rest.is_empty() { Ok(fields) } else { Err(reader.error()) }
}

struct Reader<'a> {
    rest: &'a str,
}

impl Reader<'_> {
    fn list(&mut self) -> Result<Vec<Field>, GraphError> {
        let mut fields = vec![self.field()?];
        while self.eat(',') {
            fields.push(self.field()?);
        }
        Ok(fields)
    }

    fn field(&mut self) -> Result<Field, GraphError> {
        let name = self.name()?;
        let mut modifiers = Vec::new();
        while self.eat('.') {
            let modifier = self.name()?;
            if !self.eat('(') {
                return Err(self.error());
            }
            let end = self.rest.find(')').ok_or_else(|| self.error())?;
            modifiers.push((modifier, self.rest[..end].trim().to_owned()));
            self.rest = &self.rest[end + 1..];
        }
        let mut below = Vec::new();
        if self.eat('{') {
            below = self.list()?;
            if !self.eat('}') {
                return Err(self.error());
            }
        }
        Ok(Field { name, modifiers, below })
    }

    fn name(&mut self) -> Result<String, GraphError> {
        self.rest = self.rest.trim_start();
        let end = self.rest.find(|c: char| !c.is_ascii_alphanumeric() && c != '_').unwrap_or(self.rest.len());
        if end == 0 {
            return Err(self.error());
        }
        let name = self.rest[..end].to_owned();
        self.rest = self.rest[end..].trim_start();
        Ok(name)
    }

    fn eat(&mut self, wanted: char) -> bool {
        match self.rest.strip_prefix(wanted) {
            Some(rest) => {
                self.rest = rest.trim_start();
                true
            }
            None => false,
        }
    }

    fn error(&self) -> GraphError {
        let near: String = self.rest.chars().take(20).collect();
        GraphError::new(
            2500,
            format!("Syntax error \"Expected end of string instead of \\\"{near}\\\".\" in the field list"),
        )
        .ours()
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn nested_expansion_is_read_whole() {
        let fields =
            parse("id,from{id,name},comments.filter(stream).order(reverse_chronological).limit(25){id,message}")
                .expect("good");
        let names: Vec<&str> = fields.iter().map(|field| field.name.as_str()).collect();
        assert_eq!(names, ["id", "from", "comments"]);
        assert_eq!(fields[1].below.len(), 2);
        assert_eq!(fields[2].modifier("order"), Some("reverse_chronological"));
        assert_eq!(fields[2].modifier("limit"), Some("25"));
    }

    #[test]
    fn a_broken_list_is_an_error_and_not_a_guess() {
        for broken in ["", "id,", "from{id", "messages.limit{id}", "messages.limit(5", "id}", "a b"] {
            assert!(parse(broken).is_err(), "{broken:?} was accepted");
        }
    }
}
