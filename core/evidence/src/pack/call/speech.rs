//! Nothing is committed to aloud without permission: what the events, decisions and receipts of a call must show of it
//! (05 §3.3).

use std::collections::BTreeMap;

use gait_gate::verdict::Verdict;

use super::error::CallError;
use super::record::{CallEvent, GateDecision, SpeakReceipt};

/// What happens in every call.
pub const REQUIRED_EVENTS: [&str; 7] =
    ["asr.final", "commitment.declared", "gate.decision", "tts.request", "tts.emitted", "tool.intent", "tool.result"];

const EMITTED: &str = "tts.emitted";

/// Where in the call something was committed to, and to what.
#[derive(Clone, Debug, PartialEq, Eq, PartialOrd, Ord)]
struct Place {
    call_seq: i64,
    turn_index: i64,
    class: String,
}

/// Takes the parts of a call in normal form, one after another, and keeps of each only what the checks need.
#[derive(Clone, Debug, Default)]
pub struct SpeechCheck {
    /// Which of [`REQUIRED_EVENTS`] were seen.
    seen: [bool; REQUIRED_EVENTS.len()],
    events: usize,
    /// What was spoken, and with which token, in order.
    spoken: Vec<(Place, String)>,
    /// Tokens of receipts by place; of several the last.
    tokens: BTreeMap<Place, String>,
    /// The places of receipts, in order.
    receipts: Vec<Place>,
    /// By class and turn, what was decided at which place in the call; of several the first.
    decisions: BTreeMap<(String, i64), BTreeMap<i64, Verdict>>,
}

impl SpeechCheck {
    /// Takes the next event.
    pub fn event(&mut self, event: &CallEvent) {
        self.events = self.events.saturating_add(1);
        if let Some(at) = REQUIRED_EVENTS.iter().position(|required| *required == event.event_type) {
            self.seen[at] = true;
        }
        if event.event_type == EMITTED && !event.commitment_class.is_empty() {
            let place =
                Place { call_seq: event.call_seq, turn_index: event.turn_index, class: event.commitment_class.clone() };
            self.spoken.push((place, event.say_token_id.clone()));
        }
    }

    /// Takes the next decision.
    pub fn decision(&mut self, decision: &GateDecision) {
        // An unknown verdict allows nothing.
        let verdict = Verdict::parse(&decision.verdict).unwrap_or(Verdict::Block);
        let decided = self.decisions.entry((decision.commitment_class.clone(), decision.turn_index)).or_default();
        decided.entry(decision.call_seq).or_insert(verdict);
    }

    /// Takes the next receipt.
    pub fn receipt(&mut self, receipt: &SpeakReceipt) {
        let place = Place {
            call_seq: receipt.call_seq,
            turn_index: receipt.turn_index,
            class: receipt.commitment_class.clone(),
        };
        self.tokens.insert(place.clone(), receipt.say_token_id.clone());
        self.receipts.push(place);
    }

    /// Whether all that was taken fits together.
    ///
    /// # Errors
    /// [`CallError`]: events that every call has are missing, or something was committed to without permission.
    pub fn finish(self) -> Result<(), CallError> {
        if self.events == 0 {
            return Err(CallError::NoEvents);
        }
        if let Some((missing, _)) = REQUIRED_EVENTS.iter().zip(self.seen).find(|(_, seen)| !seen) {
            return Err(CallError::Uncovered(missing));
        }
        for (place, token) in &self.spoken {
            let call_seq = place.call_seq;
            if token.is_empty() {
                return Err(CallError::NoToken { call_seq, class: place.class.clone() });
            }
            if self.tokens.get(place) != Some(token) {
                return Err(CallError::NoReceipt { call_seq });
            }
        }
        for place in self.receipts {
            let call_seq = place.call_seq;
            let decided = self.decisions.get(&(place.class, place.turn_index));
            match decided.and_then(|decided| decided.range(..=call_seq).next_back()) {
                Some((_, Verdict::Allow)) => {}
                Some((_, verdict)) => return Err(CallError::NotAllowed { call_seq, verdict: verdict.as_str() }),
                None => return Err(CallError::NoDecision { call_seq }),
            }
        }
        Ok(())
    }
}
