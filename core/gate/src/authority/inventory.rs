//! The local tool inventory: what somebody trusted says about tools, added to the context of an intent (02 §6.5, 03 §12).

use std::collections::BTreeMap;

use gait_base::error::{Category, Classify};
use gait_base::json::{self, Decode, JsonError, JsonErrorKind, Reading, Source};
use gait_base::record;
use gait_base::text::trim_fold_in_place;
use thiserror::Error;

use crate::mode::Mode;

/// The claim that names the tool.
pub const CLAIM_TOOL_NAME: &str = "wrkr.tool_name";
/// The claim that names the class of the data that the tool touches.
pub const CLAIM_DATA_CLASS: &str = "wrkr.data_class";
/// The claim that names the class of the tool's endpoint.
pub const CLAIM_ENDPOINT_CLASS: &str = "wrkr.endpoint_class";
/// The claim that says how far the tool acts on its own.
pub const CLAIM_AUTONOMY_LEVEL: &str = "wrkr.autonomy_level";
/// The members of `auth_context` that an inventory sets.
pub const CLAIMS: [&str; 4] = [CLAIM_TOOL_NAME, CLAIM_DATA_CLASS, CLAIM_ENDPOINT_CLASS, CLAIM_AUTONOMY_LEVEL];

/// What the inventory is called when the caller gave no label.
const DEFAULT_SOURCE: &str = "wrkr_inventory";

record! {
    /// One item as it is written.
    #[derive(Clone, Debug)]
    struct Item {
        tool_name: String,
        data_class: String,
        endpoint_class: String,
        autonomy_level: String,
    }
}

/// What the inventory knows about one tool; all values trimmed and folded.
#[derive(Clone, Debug, Default, PartialEq, Eq)]
pub struct ToolEntry {
    /// Class of the data it touches.
    pub data_class: String,
    /// Class of its endpoint.
    pub endpoint_class: String,
    /// How far it acts on its own.
    pub autonomy_level: String,
}

impl ToolEntry {
    /// The claims of this entry about the tool of that name, empty ones too.
    #[must_use]
    pub fn claims<'a>(&'a self, tool_name: &'a str) -> [(&'static str, &'a str); 4] {
        [
            (CLAIM_TOOL_NAME, tool_name),
            (CLAIM_DATA_CLASS, &self.data_class),
            (CLAIM_ENDPOINT_CLASS, &self.endpoint_class),
            (CLAIM_AUTONOMY_LEVEL, &self.autonomy_level),
        ]
    }
}

/// A parsed inventory.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Inventory {
    tools: BTreeMap<String, ToolEntry>,
    source: String,
}

impl Inventory {
    /// Reads an inventory: a list of items, or an object whose `items` is one. Items without a name are passed over; of
    /// items of the same name the last counts.
    ///
    /// ```
    /// use gait_gate::authority::inventory::Inventory;
    /// use gait_gate::mode::Mode;
    ///
    /// let inventory = Inventory::parse(br#"[{"tool_name": " FS.Read", "data_class": "Secret"}]"#, Mode::Strict)?;
    /// assert_eq!(inventory.get("fs.read").unwrap().data_class, "secret");
    /// # Ok::<(), gait_gate::authority::inventory::InventoryError>(())
    /// ```
    ///
    /// # Errors
    /// [`InventoryError`].
    pub fn parse(bytes: &[u8], mode: Mode) -> Result<Self, InventoryError> {
        let reading = if mode.is_strict() { Reading::STRICT } else { Reading::COMPAT };
        let first = bytes.iter().find(|byte| !byte.is_ascii_whitespace());
        let items = if first == Some(&b'{') {
            let wrapper: Wrapper = json::decode(bytes, reading)?;
            wrapper.items.ok_or(InventoryError::MissingItems)?
        } else {
            json::decode::<Vec<Item>>(bytes, reading)?
        };
        let mut tools = BTreeMap::new();
        for mut item in items {
            for value in [&mut item.tool_name, &mut item.data_class, &mut item.endpoint_class, &mut item.autonomy_level]
            {
                trim_fold_in_place(value);
            }
            let Item { tool_name, data_class, endpoint_class, autonomy_level } = item;
            if !tool_name.is_empty() {
                tools.insert(tool_name, ToolEntry { data_class, endpoint_class, autonomy_level });
            }
        }
        Ok(Self { tools, source: DEFAULT_SOURCE.to_owned() })
    }

    /// The same inventory under the label that decisions name it by: its cleaned path.
    #[must_use]
    pub fn with_source(mut self, label: &str) -> Self {
        if !label.is_empty() {
            label.clone_into(&mut self.source);
        }
        self
    }

    /// The label that decisions name it by.
    #[must_use]
    pub fn source(&self) -> &str {
        &self.source
    }

    /// What is known about the tool of that folded name.
    #[must_use]
    pub fn get(&self, tool_name: &str) -> Option<&ToolEntry> {
        self.tools.get(tool_name)
    }

    /// How many tools are known.
    #[must_use]
    pub fn len(&self) -> usize {
        self.tools.len()
    }

    /// Whether no tool is known.
    #[must_use]
    pub fn is_empty(&self) -> bool {
        self.tools.is_empty()
    }
}

/// The object form. Unlike record members, `items` is found by its exact name only.
#[derive(Default)]
struct Wrapper {
    items: Option<Vec<Item>>,
}

impl Decode for Wrapper {
    fn decode<S: Source>(&mut self, source: &mut S) -> Result<(), JsonError> {
        source.read_object(|name, source| {
            if name != "items" {
                return source.unknown_member(name);
            }
            if self.items.is_some() && source.reading().strict {
                return Err(JsonError::new(JsonErrorKind::DuplicateMember(name.to_owned())));
            }
            // A repeated `items` replaces the earlier one whole.
            self.items.insert(Vec::new()).decode(source)
        })
    }
}

/// Why an inventory cannot be read.
#[derive(Clone, Debug, Error, PartialEq, Eq)]
pub enum InventoryError {
    /// No JSON, or not of its shape.
    #[error("tool inventory: {0}")]
    Json(#[from] JsonError),
    /// An object without `items`.
    #[error("tool inventory: the object has no member \"items\"")]
    MissingItems,
}

impl Classify for InventoryError {
    fn code(&self) -> &'static str {
        match self {
            Self::Json(error) => error.code(),
            Self::MissingItems => "inventory_items_missing",
        }
    }

    fn category(&self) -> Category {
        Category::InvalidInput
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    fn parse(text: &str) -> Result<Inventory, InventoryError> {
        Inventory::parse(text.as_bytes(), Mode::Compat)
    }

    #[test]
    fn both_forms_are_read() {
        let list = r#"[{"tool_name":" Tool.Write ","data_class":"SECRET","endpoint_class":"fs.write","Autonomy_Level":" Assist"}]"#;
        let inventory = parse(list).unwrap();
        assert_eq!(inventory, parse(&format!(" \n{{\"x\":1,\"items\":{list}}}")).unwrap());
        let expected = [
            ("wrkr.tool_name", "tool.write"),
            ("wrkr.data_class", "secret"),
            ("wrkr.endpoint_class", "fs.write"),
            ("wrkr.autonomy_level", "assist"),
        ];
        assert_eq!(inventory.get("tool.write").unwrap().claims("tool.write"), expected);
        assert_eq!(inventory.get("Tool.Write"), None);
        assert_eq!(inventory.source(), "wrkr_inventory");
        assert_eq!(inventory.with_source("inv.json").source(), "inv.json");
    }

    #[test]
    fn the_last_of_a_name_counts_and_nameless_items_go() {
        let inventory =
            parse(r#"[{"tool_name":"A","data_class":"x"},{"data_class":"y"},null,{"tool_name":"a"}]"#).unwrap();
        assert_eq!(inventory.len(), 1);
        assert_eq!(inventory.get("a"), Some(&ToolEntry::default()));
    }

    #[test]
    fn empty_inventories() {
        for text in ["null", "[]", " [ ] ", r#"{"items":[]}"#, r#"{"items":null}"#] {
            assert!(parse(text).unwrap().is_empty(), "{text}");
        }
    }

    #[test]
    fn what_is_no_inventory() {
        assert_eq!(parse("{}"), Err(InventoryError::MissingItems));
        assert_eq!(parse(r#"{"Items":[]}"#), Err(InventoryError::MissingItems));
        for text in ["", "[", "1", r#""x""#, r#"{"items":{}}"#, r#"{"items":[1]}"#, r#"[{"tool_name":1}]"#, "[] []"] {
            assert!(matches!(parse(text), Err(InventoryError::Json(_))), "{text}");
        }
    }

    #[test]
    fn repeated_items() {
        let text = r#"{"items":[{"tool_name":"a","data_class":"x"}],"items":[{"tool_name":"a"}]}"#;
        assert_eq!(parse(text).unwrap().get("a"), Some(&ToolEntry::default()));
        assert!(Inventory::parse(text.as_bytes(), Mode::Strict).is_err());
        assert!(Inventory::parse(br#"{"items":[],"x":1}"#, Mode::Strict).is_err());
    }
}
