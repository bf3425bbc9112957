//! A YAML text of any shape, read by the same rules as a policy: for the other YAML files of a project.

use std::borrow::Cow;
use std::fmt;

use gait_base::error::{Category, Classify};

use super::{
    Limits, NodeId, NodeKind, Plain, Position, ScalarStyle, ScalarTag, Tree, YamlError, YamlFault, bool_of, int_of,
    read, text_of,
};

/// The first document of a YAML text. Later ones were checked and dropped.
#[derive(Debug)]
pub struct YamlDocument {
    tree: Tree,
}

/// Why a text is no YAML that we take.
#[derive(Clone, Debug, PartialEq, Eq, thiserror::Error)]
#[error("{problem} at {at}")]
pub struct YamlTextError {
    /// Where.
    pub at: Position,
    /// What is wrong, for a person.
    pub problem: String,
}

impl Classify for YamlTextError {
    fn code(&self) -> &'static str {
        "yaml_malformed"
    }

    fn category(&self) -> Category {
        Category::InvalidInput
    }
}

impl From<YamlError> for YamlTextError {
    fn from(error: YamlError) -> Self {
        let problem = match error.fault {
            YamlFault::Syntax(detail) => detail,
            YamlFault::DuplicateKey(key) => format!("duplicate key `{key}`"),
            YamlFault::ComplexKey => "a mapping or list as a key".to_owned(),
            YamlFault::TooLarge(what) => format!("too large: {what}"),
        };
        Self { at: error.at, problem }
    }
}

impl YamlDocument {
    /// Reads a text. A byte order mark, tabs as indentation and repeated keys are refused.
    ///
    /// # Errors
    /// [`YamlTextError`], the first fault found.
    ///
    /// ```
    /// use gait_gate::policy::YamlDocument;
    ///
    /// let document = YamlDocument::parse("gate: {policy: 0x1F}")?;
    /// let gate = document.root().and_then(|root| root.member("gate"));
    /// let policy = gate.and_then(|gate| gate.member("policy")).unwrap();
    /// assert_eq!((policy.text().as_deref(), policy.integer()), (Some("31"), Some(31)));
    /// # Ok::<(), gait_gate::policy::YamlTextError>(())
    /// ```
    pub fn parse(text: &str) -> Result<Self, YamlTextError> {
        if text.starts_with('\u{FEFF}') {
            let at = Position { line: 1, column: 1 };
            return Err(YamlTextError { at, problem: "a byte order mark".to_owned() });
        }
        Ok(Self { tree: read(text, Limits::POLICY)? })
    }

    /// The root; nothing for a text of blanks, comments and document marks.
    #[must_use]
    pub fn root(&self) -> Option<YamlNode<'_>> {
        let root = YamlNode { tree: &self.tree, id: self.tree.root()? };
        let is_nothing = root.is_null() && self.tree.text(root.id).is_some_and(str::is_empty);
        (!is_nothing).then_some(root)
    }
}

/// A value within a document. An alias is the value that it names, so that walking all values may take longer than the
/// text is long.
#[derive(Clone, Copy)]
pub struct YamlNode<'d> {
    tree: &'d Tree,
    id: NodeId,
}

impl fmt::Debug for YamlNode<'_> {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        write!(f, "YamlNode({})", self.position())
    }
}

impl<'d> YamlNode<'d> {
    /// Where it begins.
    #[must_use]
    pub fn position(&self) -> Position {
        self.tree.position(self.id)
    }

    /// Whether it is `null`, `~` or nothing.
    #[must_use]
    pub fn is_null(&self) -> bool {
        matches!(self.plain(), Some((Plain::Null, _)))
    }

    /// Whether it is a scalar that is text and nothing else: no number, bool or null.
    #[must_use]
    pub fn is_text(&self) -> bool {
        matches!(self.plain(), Some((Plain::Text, _)))
    }

    /// What a string field makes of it: any scalar has a text, numbers in their plain form.
    #[must_use]
    pub fn text(&self) -> Option<Cow<'d, str>> {
        let (plain, _) = self.plain()?;
        text_of(plain).or_else(|| self.tree.text(self.id).map(Cow::Borrowed))
    }

    /// What an integer field makes of it; nothing for what it refuses.
    #[must_use]
    pub fn integer(&self) -> Option<i64> {
        let text = self.tree.text(self.id).unwrap_or_default();
        match self.plain()? {
            (_, ScalarTag::Int) => None,
            (plain, _) => int_of(plain, text).ok(),
        }
    }

    /// What a boolean field makes of it; nothing for what it refuses.
    #[must_use]
    pub fn boolean(&self) -> Option<bool> {
        bool_of(self.plain()?.0).ok().map(Option::unwrap_or_default)
    }

    /// The items of a list; nothing for what is none.
    #[must_use]
    pub fn items(&self) -> Option<impl Iterator<Item = YamlNode<'d>> + use<'d>> {
        let NodeKind::Sequence(items) = self.tree.kind(self.id) else { return None };
        let tree = self.tree;
        Some(tree.children(items).iter().map(move |&id| YamlNode { tree, id }))
    }

    /// The keys and values of a mapping in their order; nothing for what is none.
    #[must_use]
    pub fn members(&self) -> Option<impl Iterator<Item = (YamlNode<'d>, YamlNode<'d>)> + use<'d>> {
        let NodeKind::Mapping(members) = self.tree.kind(self.id) else { return None };
        let tree = self.tree;
        let (pairs, _) = tree.children(members).as_chunks::<2>();
        Some(pairs.iter().map(move |&[key, value]| (YamlNode { tree, id: key }, YamlNode { tree, id: value })))
    }

    /// The value under a key that is text.
    #[must_use]
    pub fn member(&self, name: &str) -> Option<YamlNode<'d>> {
        let is_named = |key: &YamlNode<'d>| key.is_text() && key.tree.text(key.id) == Some(name);
        self.members()?.find(|(key, _)| is_named(key)).map(|(_, value)| value)
    }

    /// What it is called in a message.
    #[must_use]
    pub fn kind_name(&self) -> &'static str {
        match self.tree.kind(self.id) {
            NodeKind::Sequence(_) => "a list",
            NodeKind::Mapping(_) => "a mapping",
            NodeKind::Scalar { style: ScalarStyle::Text, .. } => "a text",
            NodeKind::Scalar { .. } => match self.plain() {
                Some((Plain::Null, _)) => "null",
                Some((Plain::Bool(_), _)) => "true or false",
                Some((Plain::Int { .. } | Plain::Float(_), _)) => "a number",
                Some((Plain::Text, _)) | None => "a text",
            },
        }
    }

    fn plain(&self) -> Option<(Plain, ScalarTag)> {
        match self.tree.kind(self.id) {
            NodeKind::Scalar { text, style, tag } => Some((Plain::of_scalar(self.tree.text_at(text), style, tag), tag)),
            NodeKind::Sequence(_) | NodeKind::Mapping(_) => None,
        }
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn values_read_as_fields_of_a_policy_do() {
        let document = YamlDocument::parse("a: 1.5\nb: '1_000'\nc: TRUE\nd: ~\ne: [x, 2]\n1: z\n").unwrap();
        let root = document.root().unwrap();
        assert_eq!(root.member("a").unwrap().integer(), Some(1));
        assert_eq!(root.member("b").unwrap().integer(), Some(1000));
        assert_eq!(root.member("c").unwrap().boolean(), Some(true));
        assert_eq!(root.member("c").unwrap().integer(), None);
        assert!(root.member("d").unwrap().is_null());
        let items: Vec<_> = root.member("e").unwrap().items().unwrap().map(|item| item.text().unwrap()).collect();
        assert_eq!(items, ["x", "2"]);
        assert!(root.member("1").is_none(), "the key is a number");
        assert_eq!(root.members().unwrap().count(), 6);
        assert_eq!(root.position(), Position { line: 1, column: 1 });
    }

    #[test]
    fn blank_texts_have_no_root() {
        for text in ["", " \n# x\n", "---\n"] {
            assert!(YamlDocument::parse(text).unwrap().root().is_none(), "{text:?}");
        }
        assert!(YamlDocument::parse("null").unwrap().root().is_some_and(|root| root.is_null()));
        for text in ["a: [", "\u{FEFF}a: 1", "a: 1\na: 2", "a: 1\n---\nb: 1\nb: 2"] {
            assert!(YamlDocument::parse(text).is_err(), "{text:?}");
        }
    }
}
