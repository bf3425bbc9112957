//! The ledger of tokens that may be used once: what was claimed, for as long as it matters, and what was forgotten.

use std::collections::{BTreeMap, HashMap};

use gait_base::digest::Digest;
use gait_base::error::{Category, Classify};
use gait_base::json::{self, EncodeError, JsonError, Reading};
use gait_base::record;
use gait_base::time::{TimeError, Timestamp};
use thiserror::Error;

use super::{Claim, TokenUse};

const SCHEMA_ID: &str = "gait.gate.used_tokens";
const SCHEMA_VERSION: &str = "1.0.0";

/// The most tokens that are remembered while they live. Beyond it a claim is an error.
pub const LEDGER_CAPACITY: usize = 1_000_000;

record! {
    /// The ledger's document.
    #[derive(Clone, Debug)]
    struct LedgerDocument {
        schema_id: String,
        schema_version: String,
        forgotten_before: Timestamp,
        used_tokens: Vec<LedgerEntry>,
    }
}

record! {
    /// One token of the document.
    #[derive(Clone, Debug)]
    struct LedgerEntry {
        token: String,
        expires_at: Timestamp,
    }
}

/// The tokens that were claimed.
///
/// A claim drops the tokens that are over and remembers the latest end among them. A token that ends no later than that
/// counts as used: it may have been one of those. So a clock that jumps ahead and back brings no token to life again.
#[derive(Clone, Debug, Default)]
pub struct UsedTokens {
    ends: HashMap<Digest, Timestamp>,
    /// The same tokens by the second in which they end.
    by_second: BTreeMap<i64, Vec<Digest>>,
    /// The latest end of a token that was dropped; the zero time when none was.
    forgotten_before: Timestamp,
}

impl UsedTokens {
    /// Reads a ledger.
    ///
    /// # Errors
    /// [`LedgerError`] when it is no ledger of this version.
    pub fn parse(bytes: &[u8]) -> Result<Self, LedgerError> {
        let document: LedgerDocument = json::decode(bytes, Reading::STRICT)?;
        if document.schema_id != SCHEMA_ID || document.schema_version != SCHEMA_VERSION {
            return Err(LedgerError::Schema);
        }
        let mut ledger = Self { forgotten_before: document.forgotten_before.to_utc()?, ..Self::default() };
        for entry in document.used_tokens {
            ledger.insert(Digest::parse_hex(&entry.token).ok_or(LedgerError::Token)?, entry.expires_at.to_utc()?);
        }
        Ok(ledger)
    }

    /// The ledger as it stands in its file: indented, tokens sorted.
    ///
    /// # Errors
    /// None in practice: every time in a ledger has a written form.
    pub fn to_file(&self) -> Result<Vec<u8>, EncodeError> {
        let mut ends: Vec<_> = self.ends.iter().collect();
        ends.sort_unstable_by_key(|(token, _)| **token);
        let entry =
            |(token, expires_at): (&Digest, &Timestamp)| LedgerEntry { token: token.to_hex(), expires_at: *expires_at };
        json::to_indented(&LedgerDocument {
            schema_id: SCHEMA_ID.to_owned(),
            schema_version: SCHEMA_VERSION.to_owned(),
            forgotten_before: self.forgotten_before,
            used_tokens: ends.into_iter().map(entry).collect(),
        })
    }

    /// How many tokens are remembered.
    #[must_use]
    pub fn len(&self) -> usize {
        self.ends.len()
    }

    /// Whether no token is remembered.
    #[must_use]
    pub fn is_empty(&self) -> bool {
        self.ends.is_empty()
    }

    /// Claims all of these tokens, or none when any was claimed before; the ledger is then as it was. A token that is
    /// named twice is claimed once.
    ///
    /// # Errors
    /// [`LedgerError::Full`] beyond [`LEDGER_CAPACITY`], [`LedgerError::Time`] for an end that cannot be written; nothing is
    /// claimed then.
    pub fn claim(&mut self, uses: &[TokenUse], now: &Timestamp) -> Result<Claim, LedgerError> {
        let mut wanted = Vec::with_capacity(uses.len());
        for claimed in uses {
            wanted.push((claimed.token, claimed.expires_at.to_utc()?));
        }
        wanted.sort_unstable_by_key(|(token, _)| *token);
        wanted.dedup_by_key(|(token, _)| *token);
        let is_used = |(token, end): &&(Digest, Timestamp)| {
            self.ends.contains_key(token) || !self.forgotten_before.is_before(end)
        };
        let used: Vec<_> = wanted.iter().filter(is_used).map(|(token, _)| *token).collect();
        if !used.is_empty() {
            return Ok(Claim::Used(used));
        }
        if self.ends.len().saturating_add(wanted.len()) > LEDGER_CAPACITY {
            let living: usize = self.by_second.range(now.unix_seconds()..).map(|(_, tokens)| tokens.len()).sum();
            if living.saturating_add(wanted.len()) > LEDGER_CAPACITY {
                return Err(LedgerError::Full);
            }
        }
        self.forget(now);
        for (token, end) in wanted {
            self.insert(token, end);
        }
        Ok(Claim::Granted)
    }

    /// Drops what ended before this second.
    fn forget(&mut self, now: &Timestamp) {
        while let Some(second) = self.by_second.first_entry().filter(|second| *second.key() < now.unix_seconds()) {
            for token in second.remove() {
                if let Some(end) = self.ends.remove(&token)
                    && self.forgotten_before.is_before(&end)
                {
                    self.forgotten_before = end;
                }
            }
        }
    }

    /// A token that is there already keeps the later of its ends.
    fn insert(&mut self, token: Digest, end: Timestamp) {
        if let Some(before) = self.ends.get(&token) {
            if !before.is_before(&end) {
                return;
            }
            if let Some(tokens) = self.by_second.get_mut(&before.unix_seconds()) {
                tokens.retain(|own| *own != token);
            }
        }
        self.ends.insert(token, end);
        self.by_second.entry(end.unix_seconds()).or_default().push(token);
    }
}

/// The order in which tokens came does not count.
impl PartialEq for UsedTokens {
    fn eq(&self, other: &Self) -> bool {
        self.ends == other.ends && self.forgotten_before == other.forgotten_before
    }
}

impl Eq for UsedTokens {}

/// Why a ledger cannot be read, or takes no more.
#[derive(Clone, Debug, Error, PartialEq, Eq)]
pub enum LedgerError {
    /// It is no JSON document of this type.
    #[error("used tokens: {0}")]
    Json(#[from] JsonError),
    /// Another kind or version of document.
    #[error("used tokens: unsupported schema")]
    Schema,
    /// An entry without a digest.
    #[error("used tokens: an entry names no token")]
    Token,
    /// A time cannot be written in UTC.
    #[error("used tokens: {0}")]
    Time(#[from] TimeError),
    /// As many tokens live as are remembered.
    #[error("used tokens: more than {LEDGER_CAPACITY} tokens live at once")]
    Full,
}

impl Classify for LedgerError {
    fn code(&self) -> &'static str {
        match self {
            Self::Json(error) => error.code(),
            Self::Schema => "used_tokens_schema_unsupported",
            Self::Token => "used_tokens_entry_invalid",
            Self::Time(error) => error.code(),
            Self::Full => "used_tokens_full",
        }
    }

    fn category(&self) -> Category {
        match self {
            Self::Full => Category::StateContention,
            Self::Json(_) | Self::Schema | Self::Token | Self::Time(_) => Category::InvalidInput,
        }
    }
}

#[cfg(test)]
mod tests {
    use gait_base::digest::sha256;

    use super::*;

    fn at(text: &str) -> Timestamp {
        Timestamp::parse(text).unwrap()
    }

    fn token(name: &str, expires_at: &str) -> TokenUse {
        TokenUse { token: sha256(name.as_bytes()), expires_at: at(expires_at) }
    }

    #[test]
    fn all_or_none() {
        let mut ledger = UsedTokens::default();
        let now = at("2026-11-22T14:00:00Z");
        let (a, b) = (token("a", "2026-11-22T15:00:00Z"), token("b", "2026-11-22T16:00:00+01:00"));
        assert_eq!(ledger.claim(&[a, a], &now), Ok(Claim::Granted));
        let before = ledger.clone();
        assert_eq!(ledger.claim(&[b, a], &now), Ok(Claim::Used(vec![a.token])));
        assert_eq!(ledger, before);
        assert_eq!(ledger.claim(&[b], &now), Ok(Claim::Granted));
        assert_eq!(ledger.claim(&[], &now), Ok(Claim::Granted));
        let read = UsedTokens::parse(&ledger.to_file().unwrap()).unwrap();
        assert_eq!((read.len(), &read), (2, &ledger));
    }

    #[test]
    fn a_clock_that_jumps_brings_no_token_to_life() {
        let mut ledger = UsedTokens::default();
        let (now, ahead) = (at("2026-11-22T14:00:00Z"), at("2027-11-22T14:00:00Z"));
        let first = token("first", "2026-11-22T15:00:00Z");
        ledger.claim(&[first], &now).unwrap();
        let later = token("later", "2027-11-22T15:00:00Z");
        assert_eq!(ledger.claim(&[later], &ahead), Ok(Claim::Granted));
        assert_eq!(ledger.len(), 1, "what is over was dropped");
        let mut ledger = UsedTokens::parse(&ledger.to_file().unwrap()).unwrap();
        assert_eq!(ledger.claim(&[first], &now), Ok(Claim::Used(vec![first.token])));
        // Not only that one: whatever ends no later may have been claimed.
        let other = token("other", "2026-11-22T14:30:00Z");
        assert_eq!(ledger.claim(&[other], &now), Ok(Claim::Used(vec![other.token])));
        assert_eq!(ledger.claim(&[token("new", "2026-11-22T15:00:01Z")], &now), Ok(Claim::Granted));
    }

    #[test]
    fn what_is_no_ledger_is_refused() {
        let good = String::from_utf8(UsedTokens::default().to_file().unwrap()).unwrap();
        assert!(UsedTokens::parse(good.as_bytes()).is_ok());
        for text in [
            "",
            "{}",
            "[]",
            &good.replace("1.0.0", "2.0.0"),
            &good.replace(
                "used_tokens\": []",
                "used_tokens\": [{\"token\":\"x\",\"expires_at\":\"2026-11-22T14:00:00Z\"}]",
            ),
            &good.replace("forgotten_before", "forgotten_Before"),
        ] {
            assert!(UsedTokens::parse(text.as_bytes()).is_err(), "{text}");
        }
        for cut in 0..good.len() - 2 {
            assert!(UsedTokens::parse(&good.as_bytes()[..cut]).is_err(), "{cut}");
        }
    }
}
