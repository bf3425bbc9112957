//! Builds the tree of the first document out of the parser's events and checks the documents after it.

use std::borrow::Cow;

use saphyr_parser::{Event, Marker, Parser, ScanError, Span, StrInput, Tag};

use super::anchor::Anchors;
use super::repair::{self, Repairs};
use super::source::Source;
use super::tree::{Extent, NodeId, NodeKind, ScalarStyle, ScalarTag, Tree};
use super::{Limits, Position, YamlError, YamlFault};

/// Mappings up to this size are searched for repeats pair by pair.
const PAIRWISE: usize = 12;

/// What begins no plain scalar.
const NOT_PLAIN: [char; 13] = ['"', '\'', '&', '*', '!', '|', '>', '%', '@', '`', '?', '-', '#'];

/// Reads a text: the tree of its first document; nothing in it when there is none.
///
/// # Errors
/// [`YamlError`] when the text, later documents included, is not well-formed or costs too much.
pub(crate) fn read(text: &str, limits: Limits) -> Result<Tree, YamlError> {
    if text.len() > limits.bytes {
        return Err(YamlError { at: Position { line: 1, column: 1 }, fault: YamlFault::TooLarge("text") });
    }
    let mut text = Cow::Borrowed(text);
    let mut repairs = Repairs::default();
    loop {
        let stop = match Reader::new(&text, limits).run() {
            Ok(mut tree) => {
                if !repairs.is_empty() {
                    tree.map_positions(|at| repairs.original(at));
                }
                return Ok(tree);
            }
            Err(stop) => stop,
        };
        match stop.blank_at {
            Some(offset) if text.is_char_boundary(offset) && repairs.note(&text, offset) => {
                text.to_mut().insert(offset, ' ');
            }
            _ => return Err(YamlError { at: repairs.original(stop.error.at), ..stop.error }),
        }
    }
}

/// Why reading stopped, and where a blank would let it go on.
struct Stop {
    error: YamlError,
    blank_at: Option<usize>,
}

impl From<YamlError> for Stop {
    fn from(error: YamlError) -> Self {
        Self { error, blank_at: None }
    }
}

/// A container whose end has not been read.
struct Open {
    node: NodeId,
    anchor: usize,
    mapping: bool,
    flow: bool,
    /// Where its children begin among the pending ones.
    first_child: usize,
}

struct Reader<'s> {
    source: Source<'s>,
    parser: Parser<'s, StrInput<'s>>,
    limits: Limits,
    has_tabs: bool,
    tree: Tree,
    open: Vec<Open>,
    pending: Vec<NodeId>,
    anchors: Anchors,
    documents: usize,
    root: Option<NodeId>,
}

fn position(marker: Marker) -> Position {
    let bound = |number: usize| u32::try_from(number).unwrap_or(u32::MAX);
    Position { line: bound(marker.line()).max(1), column: bound(marker.col()).saturating_add(1) }
}

impl<'s> Reader<'s> {
    fn new(text: &'s str, limits: Limits) -> Self {
        Self {
            source: Source::new(text),
            parser: Parser::new_from_str(text),
            limits,
            has_tabs: text.contains('\t'),
            tree: Tree::default(),
            open: Vec::new(),
            pending: Vec::new(),
            anchors: Anchors::default(),
            documents: 0,
            root: None,
        }
    }

    fn run(mut self) -> Result<Tree, Stop> {
        while let Some(event) = self.parser.next_event() {
            let (event, span) = event.map_err(|error| self.scan_stop(&error))?;
            self.take(event, span)?;
        }
        let root = self.root;
        self.tree.set_root(root);
        Ok(self.tree)
    }

    fn scan_stop(&self, error: &ScanError) -> Stop {
        let marker = error.marker();
        Stop {
            error: YamlError::syntax(position(*marker), error.info()),
            blank_at: repair::place(&self.source, marker.line(), marker.col()),
        }
    }

    fn take(&mut self, event: Event<'s>, span: Span) -> Result<(), Stop> {
        match event {
            Event::Nothing | Event::StreamStart | Event::StreamEnd => {}
            Event::DocumentStart(explicit) => self.begin_document(explicit, span.start)?,
            Event::DocumentEnd => self.end_document(),
            Event::Alias(anchor) => {
                let at = position(span.start);
                let node = self.anchors.resolve(anchor).map_err(|detail| YamlError::syntax(at, detail))?;
                self.tree.set_shared();
                self.pending.push(node);
            }
            Event::Scalar(text, style, anchor, tag) => self.scalar(text, style, anchor, tag.as_deref(), span)?,
            Event::SequenceStart(anchor, tag) => self.begin_container(false, anchor, tag.as_deref(), span)?,
            Event::MappingStart(anchor, tag) => self.begin_container(true, anchor, tag.as_deref(), span)?,
            Event::SequenceEnd | Event::MappingEnd => self.end_container()?,
        }
        if self.tree.size().max(self.pending.len()) > self.limits.nodes {
            return Err(YamlError { at: position(span.start), fault: YamlFault::TooLarge("number of nodes") }.into());
        }
        Ok(())
    }

    /// A document after the first needs its `---`, and so does a first one after `...`.
    fn begin_document(&mut self, explicit: bool, start: Marker) -> Result<(), YamlError> {
        let ended_before =
            || (1..start.line()).any(|line| self.source.from(line, 0).is_some_and(|rest| rest.starts_with("...")));
        if !explicit && (self.documents > 0 || ended_before()) {
            return Err(YamlError::syntax(position(start), "content after `...` needs a `---` before it"));
        }
        self.documents += 1;
        self.anchors.next_document();
        Ok(())
    }

    fn end_document(&mut self) {
        let root = self.pending.pop();
        self.pending.clear();
        if self.documents == 1 {
            // Nothing between `---` and the end is an empty document, not a null one; the two differ by their text.
            self.root = root.filter(|&id| !self.is_absent(id));
        }
    }

    /// Whether a node stands for nothing written at all.
    fn is_absent(&self, id: NodeId) -> bool {
        matches!(self.tree.kind(id), NodeKind::Scalar { text, style: ScalarStyle::Plain, tag: ScalarTag::Implied }
            if self.tree.text_at(text).is_empty())
    }

    fn scalar(
        &mut self,
        text: Cow<'s, str>,
        style: saphyr_parser::ScalarStyle,
        anchor: usize,
        tag: Option<&Tag>,
        span: Span,
    ) -> Result<(), Stop> {
        let style = match style {
            saphyr_parser::ScalarStyle::Plain => ScalarStyle::Plain,
            _ => ScalarStyle::Text,
        };
        let absent = text.is_empty() && style == ScalarStyle::Plain && anchor == 0 && tag.is_none();
        if absent && let Some(value) = self.split_key()? {
            let at = position(span.start);
            let id = self.tree.add(value, at);
            self.pending.push(id);
            return Ok(());
        }
        if !absent {
            self.check_tabs(span.start, false)?;
        }
        let tag = scalar_tag(tag).map_err(|name| unknown_tag(span.start, &name))?;
        let text = self.tree.add_text(&text);
        let id = self.tree.add(NodeKind::Scalar { text, style, tag }, position(span.start));
        self.anchors.complete(anchor, id);
        self.pending.push(id);
        Ok(())
    }

    /// `{name:x}`: in a flow mapping a plain key with a colon and no value is split at its first colon. Returns the
    /// value when it is plain text too; otherwise the text needs a blank and another reading.
    fn split_key(&mut self) -> Result<Option<NodeKind>, Stop> {
        let Some(open) = self.open.last() else { return Ok(None) };
        let is_value = (self.pending.len() - open.first_child) % 2 == 1;
        let Some(&key) = self.pending.last().filter(|_| open.mapping && open.flow && is_value) else {
            return Ok(None);
        };
        let NodeKind::Scalar { text, style: ScalarStyle::Plain, tag: ScalarTag::Implied } = self.tree.kind(key) else {
            return Ok(None);
        };
        let Some((name, value)) = self.tree.split_at_colon(text) else { return Ok(None) };
        if self.tree.text_at(value).starts_with(NOT_PLAIN) {
            let at = self.tree.position(key);
            let (line, column) = (at.line as usize, at.column as usize - 1);
            let colon = self.source.from(line, column).and_then(|rest| rest.find(':'));
            let blank_at = self.source.offset(line, column).zip(colon).map(|(start, colon)| start + colon + 1);
            return Err(Stop { error: YamlError::syntax(at, "a colon without a blank after it"), blank_at });
        }
        let scalar = |text| NodeKind::Scalar { text, style: ScalarStyle::Plain, tag: ScalarTag::Implied };
        self.tree.set_kind(key, scalar(name));
        Ok(Some(scalar(value)))
    }

    fn begin_container(
        &mut self,
        mapping: bool,
        anchor: usize,
        tag: Option<&Tag>,
        span: Span,
    ) -> Result<(), YamlError> {
        let at = position(span.start);
        if self.open.len() >= self.limits.depth {
            return Err(YamlError { at, fault: YamlFault::TooLarge("nesting") });
        }
        if let Some(tag) = tag
            && !(tag.is_yaml_core_schema() && tag.suffix == if mapping { "map" } else { "seq" })
        {
            return Err(unknown_tag(span.start, &tag.to_string()));
        }
        self.check_tabs(span.start, mapping)?;
        let described = anchor != 0 || tag.is_some();
        let flow = self.open.last().is_some_and(|parent| parent.flow) || self.opens_with_bracket(span, described);
        let kind = if mapping { NodeKind::Mapping } else { NodeKind::Sequence }(Extent::default());
        let node = self.tree.add(kind, at);
        self.anchors.open(anchor);
        self.open.push(Open { node, anchor, mapping, flow, first_child: self.pending.len() });
        Ok(())
    }

    /// Whether a container is written with brackets. The span of a block container is empty unless it is described by
    /// an anchor or a tag before it.
    fn opens_with_bracket(&self, span: Span, described: bool) -> bool {
        if !described {
            return span.start != span.end;
        }
        let mut rest = self.source.from(span.start.line(), span.start.col()).unwrap_or_default();
        loop {
            rest = rest.trim_start();
            match rest.bytes().next() {
                Some(b'&' | b'!') => rest = rest.trim_start_matches(|c: char| !c.is_whitespace()),
                Some(b'#') => rest = rest.trim_start_matches(|c| c != '\n' && c != '\r'),
                other => return matches!(other, Some(b'[' | b'{')),
            }
        }
    }

    fn end_container(&mut self) -> Result<(), YamlError> {
        let Some(open) = self.open.pop() else { return Ok(()) };
        if open.mapping {
            self.merge(open.first_child)?;
            self.check_keys(open.first_child)?;
        }
        let children = self.tree.add_children(self.pending.drain(open.first_child..));
        let kind = if open.mapping { NodeKind::Mapping(children) } else { NodeKind::Sequence(children) };
        self.tree.set_kind(open.node, kind);
        self.anchors.complete(open.anchor, open.node);
        self.pending.push(open.node);
        Ok(())
    }

    /// Puts the members of the mapping that `<<` names in its place.
    fn merge(&mut self, first: usize) -> Result<(), YamlError> {
        let is_merge = |&key: &NodeId| {
            matches!(self.tree.kind(key), NodeKind::Scalar { text, style: ScalarStyle::Plain, .. }
                if self.tree.text_at(text) == "<<")
        };
        let members = self.pending.get(first..).unwrap_or_default();
        let Some(found) = members.iter().step_by(2).position(is_merge) else { return Ok(()) };
        let again = members.iter().step_by(2).skip(found + 1).find(|key| is_merge(key));
        if let Some(&key) = again {
            let fault = YamlFault::DuplicateKey("<<".to_owned());
            return Err(YamlError { at: self.tree.position(key), fault });
        }
        let place = first + found * 2;
        let merged = self.pending.get(place + 1).copied();
        let Some((value, NodeKind::Mapping(children))) = merged.map(|id| (id, self.tree.kind(id))) else {
            let at = self.pending.get(place).map_or_else(Position::default, |&key| self.tree.position(key));
            return Err(YamlError::syntax(at, "a merge key `<<` takes one mapping"));
        };
        let members = self.tree.children(children).to_vec();
        if self.tree.size().saturating_add(members.len()) > self.limits.nodes {
            let at = self.tree.position(value);
            return Err(YamlError { at, fault: YamlFault::TooLarge("number of nodes") });
        }
        self.tree.set_shared();
        self.pending.splice(place..place + 2, members);
        Ok(())
    }

    /// Every key is a scalar and stands once.
    fn check_keys(&self, first: usize) -> Result<(), YamlError> {
        let members = self.pending.get(first..).unwrap_or_default();
        let mut keys = Vec::with_capacity(members.len() / 2);
        for &key in members.iter().step_by(2) {
            match self.tree.text(key) {
                Some(text) => keys.push((text, key)),
                None => return Err(YamlError { at: self.tree.position(key), fault: YamlFault::ComplexKey }),
            }
        }
        let repeated = if keys.len() <= PAIRWISE {
            keys.iter()
                .enumerate()
                .find(|(at, key)| keys.iter().take(*at).any(|other| other.0 == key.0))
                .map(|(_, k)| *k)
        } else {
            // The sort is stable: the later one of two equal keys comes second.
            keys.sort_by_key(|&(text, _)| text);
            keys.windows(2).find(|pair| pair[0].0 == pair[1].0).map(|pair| pair[1])
        };
        match repeated {
            Some((text, key)) => {
                Err(YamlError { at: self.tree.position(key), fault: YamlFault::DuplicateKey(text.to_owned()) })
            }
            None => Ok(()),
        }
    }

    /// Outside brackets no tab may indent a line or stand between a `-` and the first key behind it.
    fn check_tabs(&self, start: Marker, mapping: bool) -> Result<(), YamlError> {
        if !self.has_tabs || self.open.last().is_some_and(|parent| parent.flow) {
            return Ok(());
        }
        let before = self.source.before(start.line(), start.col()).unwrap_or_default();
        let content = before.trim_start_matches([' ', '\t']);
        let indents = before.len() - content.len();
        let in_indent = before.bytes().take(indents).any(|byte| byte == b'\t');
        let behind_dash =
            mapping && content.contains('\t') && content.chars().all(|c| matches!(c, '-' | '?' | ' ' | '\t'));
        if in_indent || behind_dash {
            return Err(YamlError::syntax(position(start), "a tab as indentation"));
        }
        Ok(())
    }
}

fn unknown_tag(start: Marker, name: &str) -> YamlError {
    YamlError::syntax(position(start), format!("the tag `{name}` has no meaning here"))
}

/// The meaning of a scalar's tag; its name when it has none.
fn scalar_tag(tag: Option<&Tag>) -> Result<ScalarTag, String> {
    let Some(tag) = tag else { return Ok(ScalarTag::Implied) };
    if tag.handle.is_empty() && tag.suffix == "!" {
        return Ok(ScalarTag::Str);
    }
    match tag.suffix.as_str() {
        "str" if tag.is_yaml_core_schema() => Ok(ScalarTag::Str),
        "int" if tag.is_yaml_core_schema() => Ok(ScalarTag::Int),
        "float" | "bool" | "null" | "timestamp" if tag.is_yaml_core_schema() => Ok(ScalarTag::Implied),
        _ => Err(tag.to_string()),
    }
}
