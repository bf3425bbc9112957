//! Finds the rules that can match: each rule is filed under one of its equality conditions, so that rules that cannot
//! match cost nothing.

use foldhash::fast::FixedState;
use hashbrown::HashMap;

use super::document::{Match, Rule};
use crate::evaluate::Subject;

/// Rule numbers by the value that a condition asks for. Only looked up, never iterated.
type Table = HashMap<String, Vec<u32>, FixedState>;

/// The conditions that a rule can be filed under, the most selective first.
const KEYS: [fn(&Match) -> &[String]; 11] = [
    |m| &m.tool_names,
    |m| &m.identities,
    |m| &m.target_values,
    |m| &m.destination_values,
    |m| &m.data_classes,
    |m| &m.destination_operations,
    |m| &m.endpoint_classes,
    |m| &m.target_kinds,
    |m| &m.destination_kinds,
    |m| &m.provenance_sources,
    |m| &m.risk_classes,
];

/// The index of a policy's rules.
#[derive(Debug, Default)]
pub(crate) struct RuleIndex {
    /// Rules without any of the conditions.
    always: Vec<u32>,
    tables: [Table; KEYS.len()],
}

impl RuleIndex {
    pub(crate) fn new(rules: &[Rule]) -> Self {
        let mut index = Self::default();
        for (number, rule) in (0u32..).zip(rules) {
            let keyed = KEYS.iter().zip(&mut index.tables).find(|(key, _)| !key(&rule.conditions).is_empty());
            match keyed {
                None => index.always.push(number),
                Some((key, table)) => {
                    for value in key(&rule.conditions) {
                        table.entry_ref(value.as_str()).or_default().push(number);
                    }
                }
            }
        }
        index
    }

    /// The rules that may match, in evaluation order.
    pub(crate) fn candidates<'i>(&'i self, subject: &Subject<'_>) -> Candidates<'i> {
        let mut found = Candidates::default();
        found.add(Some(&self.always));
        let [
            tools,
            identities,
            values,
            destinations,
            data,
            operations,
            endpoints,
            kinds,
            destination_kinds,
            provenance,
            risks,
        ] = &self.tables;
        found.look_up(tools, subject.tool_name);
        found.look_up(identities, &subject.context.identity);
        found.look_up(risks, &subject.context.risk_class);
        for target in subject.targets {
            found.look_up(values, &target.value);
            found.look_up(destinations, &target.value);
            found.look_up(data, &target.sensitivity);
            found.look_up(operations, &target.operation);
            found.look_up(endpoints, &target.endpoint_class);
            found.look_up(kinds, &target.kind);
            found.look_up(destination_kinds, &target.kind);
        }
        for entry in subject.provenance {
            found.look_up(provenance, &entry.source);
        }
        found.merge_overflow();
        found
    }
}

/// How many lists are merged without an allocation.
const INLINE: usize = 8;

/// Several ascending lists of rule numbers, read as one without repeats.
#[derive(Default)]
pub(crate) struct Candidates<'i> {
    inline: [&'i [u32]; INLINE],
    filled: usize,
    /// Lists beyond those, which an intent with many targets meets.
    more: Vec<&'i [u32]>,
    /// All numbers of `more`, the next one last.
    merged: Vec<u32>,
}

impl<'i> Candidates<'i> {
    fn look_up(&mut self, table: &'i Table, value: &str) {
        if !table.is_empty() {
            self.add(table.get(value));
        }
    }

    fn add(&mut self, list: Option<&'i Vec<u32>>) {
        let Some(list) = list.filter(|list| !list.is_empty()) else { return };
        match self.inline.get_mut(self.filled) {
            Some(slot) => {
                *slot = list;
                self.filled += 1;
            }
            None => self.more.push(list),
        }
    }

    /// Many targets hit the same few lists again and again: each counts once, so that the work is bounded by the policy.
    fn merge_overflow(&mut self) {
        if self.more.is_empty() {
            return;
        }
        self.more.sort_unstable_by_key(|list| list.as_ptr());
        self.more.dedup_by_key(|list| list.as_ptr());
        self.merged = self.more.concat();
        self.merged.sort_unstable_by(|a, b| b.cmp(a));
        self.merged.dedup();
    }
}

impl Iterator for Candidates<'_> {
    type Item = usize;

    fn next(&mut self) -> Option<usize> {
        let lists = self.inline.iter().take(self.filled);
        let inline = lists.filter_map(|list| list.first().copied()).min();
        let next = match self.merged.last() {
            None => inline?,
            Some(&merged) => inline.map_or(merged, |inline| inline.min(merged)),
        };
        for list in self.inline.iter_mut().take(self.filled) {
            if let Some((first, rest)) = list.split_first()
                && *first == next
            {
                *list = rest;
            }
        }
        self.merged.pop_if(|last| *last == next);
        usize::try_from(next).ok()
    }
}
