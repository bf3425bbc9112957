//! Record types from one table of fields.

use super::encode::Encode;
use super::error::{JsonError, JsonErrorKind};
use super::reading::Reading;
use super::writer::{Format, Sink, Writer};
use crate::text::eq_name_fold;

/// The members of a record while it is read: finds names, and in strict mode refuses re-cased and repeated ones.
pub struct Members {
    names: &'static [&'static str],
    reading: Reading,
    seen: u128,
}

impl Members {
    /// Starts a record with these member names.
    #[must_use]
    pub const fn new(names: &'static [&'static str], reading: Reading) -> Self {
        Self { names, reading, seen: 0 }
    }

    /// The index of the member called `name`, given the index of an exact match if there is one.
    ///
    /// # Errors
    /// In strict mode, for a re-cased or repeated name.
    #[inline]
    pub fn resolve(&mut self, name: &str, exact: Option<usize>) -> Result<Option<usize>, JsonError> {
        let Some(index) = exact else { return self.resolve_recased(name) };
        if self.reading.strict {
            let bit = 1u128 << (index & 127);
            if self.seen & bit != 0 {
                return Err(JsonError::new(JsonErrorKind::DuplicateMember(name.to_owned())));
            }
            self.seen |= bit;
        }
        Ok(exact)
    }

    #[cold]
    fn resolve_recased(&self, name: &str) -> Result<Option<usize>, JsonError> {
        let found = self.names.iter().position(|known| eq_name_fold(name, known));
        if found.is_some() && self.reading.strict {
            return Err(JsonError::new(JsonErrorKind::RecasedMember(name.to_owned())));
        }
        Ok(found)
    }
}

/// A record type: what [`record!`](crate::record) defines.
pub trait Record: Encode {
    /// Writes the record without one of its members.
    fn encode_except<S: Sink, F: Format>(&self, member: &str, writer: &mut Writer<'_, S, F>);
}

/// A record seen without one of its members, as signatures see documents: `Except(&trace, "signature")`.
pub struct Except<'a, R: Record>(pub &'a R, pub &'static str);

impl<R: Record> Encode for Except<'_, R> {
    fn encode<S: Sink, F: Format>(&self, writer: &mut Writer<'_, S, F>) {
        self.0.encode_except(self.1, writer);
    }
}

/// The order of `names` in canonical JSON. All names of the contract are ASCII, so bytes decide.
#[must_use]
pub const fn member_order<const N: usize>(names: &[&str; N]) -> [usize; N] {
    assert!(N <= 128, "a record has at most 128 members");
    let mut order = [0; N];
    let mut filled = 0;
    while filled < N {
        let mut at = filled;
        while at > 0 && less(names[filled], names[order[at - 1]]) {
            order[at] = order[at - 1];
            at -= 1;
        }
        order[at] = filled;
        filled += 1;
    }
    order
}

const fn less(a: &str, b: &str) -> bool {
    let (a, b) = (a.as_bytes(), b.as_bytes());
    let mut at = 0;
    while at < a.len() && at < b.len() {
        if a[at] != b[at] {
            return a[at] < b[at];
        }
        at += 1;
    }
    a.len() < b.len()
}

/// Defines a record type of the contract (01a): the struct, and how it is read and written.
///
/// Each field is written always, or with `=> omit` only when it is not empty, zero, false or unset. `as "name"` gives
/// the member another name than the field. Fields are written in the order of the table, sorted in canonical JSON.
///
/// ```
/// use gait_base::json::{self, Reading};
///
/// gait_base::record! {
///     /// A pair.
///     #[derive(Clone, Debug, PartialEq)]
///     pub struct Pair {
///         /// First.
///         pub zeta: String,
///         /// Second.
///         pub alpha: i64 => omit,
///     }
/// }
///
/// let pair: Pair = json::decode(br#"{"Zeta": "x", "more": 1}"#, Reading::COMPAT)?;
/// assert_eq!(json::to_compact(&pair).unwrap(), br#"{"zeta":"x"}"#);
/// # Ok::<(), json::JsonError>(())
/// ```
#[macro_export]
macro_rules! record {
    (
        $(#[$meta:meta])*
        $vis:vis struct $name:ident {
            $( $(#[$field_meta:meta])* $field_vis:vis $field:ident : $type:ty $(as $member:literal)? $(=> $omit:ident)? ),* $(,)?
        }
    ) => {
        $(#[$meta])*
        #[derive(Default)]
        $vis struct $name {
            $( $(#[$field_meta])* $field_vis $field: $type, )*
        }

        const _: () = {
            #[allow(non_camel_case_types, clippy::upper_case_acronyms)]
            enum Index { $( $field, )* }
            // As constants the numbers are patterns, and finding a member is one jump.
            struct At;
            #[allow(non_upper_case_globals)]
            impl At { $( const $field: usize = Index::$field as usize; )* }
            const NAMES: &[&str] = &[ $( $crate::record!(@member $field $($member)?) ),* ];
            const COUNT: usize = NAMES.len();
            const ORDER: [usize; COUNT] = $crate::json::member_order(&[ $( $crate::record!(@member $field $($member)?) ),* ]);

            impl $crate::json::Decode for $name {
                fn decode<S: $crate::json::Source>(&mut self, source: &mut S) -> ::std::result::Result<(), $crate::json::JsonError> {
                    if source.read_null()? {
                        return Ok(());
                    }
                    let mut members = $crate::json::Members::new(NAMES, source.reading());
                    source.read_object(|name, source| {
                        let exact = match name {
                            $( $crate::record!(@member $field $($member)?) => Some(At::$field), )*
                            _ => None,
                        };
                        match members.resolve(name, exact)? {
                            $( Some(At::$field) => $crate::json::Decode::decode(&mut self.$field, source), )*
                            _ => source.unknown_member(name),
                        }
                    })
                }
            }

            impl $crate::json::Encode for $name {
                #[inline]
                fn encode<S: $crate::json::Sink, F: $crate::json::Format>(&self, writer: &mut $crate::json::Writer<'_, S, F>) {
                    $crate::json::Record::encode_except(self, "", writer);
                }
            }

            impl $crate::json::Record for $name {
                fn encode_except<S: $crate::json::Sink, F: $crate::json::Format>(
                    &self,
                    member: &str,
                    writer: &mut $crate::json::Writer<'_, S, F>,
                ) {
                    let except = if member.is_empty() { COUNT } else { NAMES.iter().position(|name| *name == member).unwrap_or(COUNT) };
                    writer.begin_object();
                    let mut place = 0;
                    while place < COUNT {
                        let index = if F::CANONICAL { ORDER[place] } else { place };
                        place += 1;
                        if index == except {
                            continue;
                        }
                        match index {
                            $(
                                At::$field => {
                                    $crate::record!(@write self writer $field ($crate::record!(@quoted $field $($member)?)) $($omit)?);
                                }
                            )*
                            _ => {}
                        }
                    }
                    writer.end_object();
                }
            }
        };
    };
    (@member $field:ident) => { stringify!($field) };
    (@member $field:ident $member:literal) => { $member };
    (@quoted $field:ident) => { concat!("\"", stringify!($field), "\":") };
    (@quoted $field:ident $member:literal) => { concat!("\"", $member, "\":") };
    (@write $self:ident $writer:ident $field:ident ($member:expr)) => {
        $writer.quoted_name($member);
        $crate::json::Encode::encode(&$self.$field, $writer);
    };
    (@write $self:ident $writer:ident $field:ident ($member:expr) omit) => {
        if !$crate::json::Encode::is_empty_value(&$self.$field) {
            $writer.quoted_name($member);
            $crate::json::Encode::encode(&$self.$field, $writer);
        }
    };
}
