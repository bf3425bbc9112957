//! JSON as the contract reads and writes it (01 §3).
//!
//! Two directions, each once for all record types: [`Decode`] fills records from a [`Source`] (JSON text here, native
//! objects in the bindings) with the leniencies of 01 §3.2 or without them; [`Encode`] writes them through a
//! [`Writer`] in compact, indented or canonical [`Format`] into any [`Sink`], a hash function included.
//! [`record!`](crate::record) derives both from one table of fields.

mod decode;
mod encode;
mod error;
mod map;
mod reader;
mod reading;
mod record;
mod string;
mod value;
mod writer;

pub use decode::{Decode, Source};
pub use encode::{Encode, to_compact, to_indented};
pub use error::{EncodeError, JsonError, JsonErrorKind, Notice, NoticeKind};
pub use map::{Map, MapIterMut};
pub use reader::Reader;
pub use reading::{Reading, decode, decode_with_notices, parse};
pub use record::{Except, Members, Record, member_order};
pub use value::{List, Value};
pub use writer::{Canonical, Compact, Format, Indented, Sink, Writer};
