//! Finding repetitions: hash chains over a sliding window, with one step of lazy evaluation (04 appendix A.1–A.3).
//!
//! The wire format is described by a buffer of 64 KiB whose upper half is copied down when it is nearly used up. Here
//! the whole input is in memory, so nothing is copied: `base` is where that buffer would begin, and only what the
//! buffer would still hold, or not yet hold, is kept out of sight.

use super::Encoder;
use super::bits::BitWriter;
use super::block::{BlockEncoder, MAX_TOKENS};
use super::token::{MAX_LENGTH, Token};

/// How far back a match may reach.
const WINDOW: usize = 1 << 15;
/// Bytes that the described buffer holds.
const BUFFER: usize = 2 * WINDOW;
/// Fewer bytes ahead than this: wait for more, if there are any.
const LOOKAHEAD: usize = 262;
/// Match length that stands for "none".
const NO_MATCH: usize = 3;
/// Matches from this length on are taken without a look at the next position.
const LAZY: usize = 16;
/// A match of this length ends a search.
const NICE: usize = 32;
/// Candidates looked at in one search.
const CHAIN: usize = 32;
/// A match of four bytes must not be farther away than this.
const FAR: usize = 4096;
const HASH_BITS: u32 = 17;
const HASH_SIZE: usize = 1 << HASH_BITS;

/// Positions by hash, and for each position in the window the one before it with the same hash.
///
/// A position is kept as a number that grows from entry to entry, so that those of earlier entries are below the
/// current `mark` and read as absent: the tables need no clearing between entries.
pub(super) struct Chains {
    head: Vec<u32>,
    previous: Vec<u32>,
    /// The number of the position `base`; never 0, which stands for "nothing".
    mark: u32,
    /// When `mark` gets beyond this, the numbers start anew.
    ceiling: u32,
}

/// Beyond this mark the numbers of the positions start anew.
const CEILING: u32 = 1 << 30;

impl Chains {
    pub(super) fn new() -> Self {
        Self { head: vec![0; HASH_SIZE], previous: vec![0; WINDOW], mark: 1, ceiling: CEILING }
    }

    #[cfg(test)]
    pub(super) fn with_ceiling(ceiling: u32) -> Self {
        Self { ceiling, ..Self::new() }
    }

    /// Moves `base` on by `by` bytes. Gives what must be subtracted from a number kept elsewhere.
    fn slide(&mut self, by: usize) -> u32 {
        self.mark += by as u32;
        if self.mark <= self.ceiling {
            return 0;
        }
        let shift = self.mark - 1;
        for number in self.head.iter_mut().chain(&mut self.previous) {
            *number = number.saturating_sub(shift);
        }
        self.mark = 1;
        shift
    }

    /// Enters `position` under its number; gives the number that was last entered for the same hash.
    #[inline]
    fn insert(&mut self, data: &[u8], position: usize, number: u32) -> u32 {
        // Slices of a known length spare the bounds checks.
        let slot = &mut self.head[..HASH_SIZE][hash(data, position)];
        let before = *slot;
        self.previous[..WINDOW][position % WINDOW] = before;
        *slot = number;
        before
    }

    /// The longest match for what begins at `index` among the candidates of a chain, as length and distance.
    ///
    /// `current` ends where the match must end, at least four bytes after `index`; `here` is the number of `index`,
    /// `candidate` that of the first position to try, `lowest` the least number in reach.
    #[inline]
    fn search(&self, current: &[u8], index: usize, here: u32, mut candidate: u32, lowest: u32) -> (usize, usize) {
        let previous = &self.previous[..WINDOW];
        let wanted = &current[index..];
        let nice = NICE.min(wanted.len());
        let mut best = (NO_MATCH, 0);
        let mut last_four = four(wanted, 0);
        for _ in 0..CHAIN {
            let distance = (here - candidate) as usize;
            let position = index - distance;
            let found = &current[position..position + wanted.len()];
            // Only a match that agrees up to and with the byte after the best one can be longer.
            if four(found, best.0 - 3) == last_four {
                let length = common_prefix(found, wanted);
                if length > best.0 && (length > 4 || distance <= FAR) {
                    best = (length, distance);
                    if length >= nice {
                        break;
                    }
                    last_four = four(wanted, length - 3);
                }
            }
            if distance == WINDOW {
                break;
            }
            candidate = previous[position % WINDOW];
            if candidate < lowest {
                break;
            }
        }
        best
    }
}

impl Encoder {
    /// Turns `data` into blocks; the final empty block is the caller's.
    pub(super) fn compress(&mut self, data: &[u8], out: &mut BitWriter<'_>) {
        self.tokens.clear();
        let chains = &mut self.chains;
        let mut blocks = Blocks { tokens: &mut self.tokens, encoder: &mut self.block, out, data, start: 0 };
        let mut base = 0;
        let mut index = 0;
        let mut chain = 0;
        let (mut length, mut distance) = (NO_MATCH, 0);
        let mut pending = false;

        loop {
            let end = data.len().min(base + BUFFER);
            let is_last = end == data.len();
            let insert_end = end.saturating_sub(3);
            let mark = chains.mark;
            let number = |position: usize| mark + (position - base) as u32;

            loop {
                let ahead = end - index;
                if ahead == 0 || (ahead < LOOKAHEAD && !is_last) {
                    break;
                }
                let here = number(index);
                if index < insert_end {
                    chain = chains.insert(data, index, here);
                }

                let (before, before_distance) = (length, distance);
                (length, distance) = (NO_MATCH, 0);
                let lowest = mark.max(here.saturating_sub(WINDOW as u32));
                if chain >= lowest && ahead > before && before < LAZY {
                    let current = &data[..index + ahead.min(MAX_LENGTH)];
                    (length, distance) = chains.search(current, index, here, chain, lowest);
                }

                if before > NO_MATCH && length <= before {
                    // The match at the byte before this one stands.
                    let next = index + before - 1;
                    for position in index + 1..next.min(insert_end) {
                        chains.insert(data, position, number(position));
                    }
                    index = next;
                    length = NO_MATCH;
                    pending = false;
                    blocks.push(Token::repeat(before, before_distance), index, base);
                } else {
                    if pending {
                        blocks.push(Token::literal(data[index - 1]), index, base);
                    }
                    index += 1;
                    pending = true;
                }
            }

            if is_last {
                if pending {
                    blocks.tokens.push(Token::literal(data[index - 1]));
                }
                if !blocks.tokens.is_empty() {
                    blocks.write(index, base);
                }
                // Positions of this entry must be below the mark of the next one.
                chains.slide(data.len() - base);
                return;
            }
            base += WINDOW;
            chain = chain.saturating_sub(chains.slide(WINDOW));
        }
    }
}

/// Gathers tokens into blocks.
struct Blocks<'a, 'b> {
    tokens: &'a mut Vec<Token>,
    encoder: &'a mut BlockEncoder,
    out: &'a mut BitWriter<'b>,
    data: &'a [u8],
    /// Where the bytes of the current block begin.
    start: usize,
}

impl Blocks<'_, '_> {
    /// Adds a token that reaches up to `end`, and writes the block if it is full.
    #[inline]
    fn push(&mut self, token: Token, end: usize, base: usize) {
        self.tokens.push(token);
        if self.tokens.len() == MAX_TOKENS {
            self.write(end, base);
        }
    }

    /// Writes the block that ends at `end`. Its bytes count as known only while the buffer holds all of them.
    #[cold]
    fn write(&mut self, end: usize, base: usize) {
        let raw = self.data.get(self.start..end).filter(|_| self.start >= base);
        self.encoder.write(self.tokens, raw, self.out);
        self.tokens.clear();
        self.start = end;
    }
}

/// The four bytes at `at` as one number.
#[inline]
fn four(bytes: &[u8], at: usize) -> u32 {
    bytes.get(at..).and_then(<[u8]>::first_chunk).map_or(0, |four| u32::from_be_bytes(*four))
}

/// The slot of the four bytes at `at`.
#[inline]
fn hash(data: &[u8], at: usize) -> usize {
    (four(data, at).wrapping_mul(0x1e35_a7bd) >> (32 - HASH_BITS)) as usize
}

/// Number of equal bytes at the beginning of two slices of one length, eight at a time.
#[inline]
fn common_prefix(a: &[u8], b: &[u8]) -> usize {
    let (a_words, a_rest) = a.as_chunks::<8>();
    let (b_words, b_rest) = b.as_chunks::<8>();
    for (word, (x, y)) in a_words.iter().zip(b_words).enumerate() {
        let difference = u64::from_le_bytes(*x) ^ u64::from_le_bytes(*y);
        if difference != 0 {
            return 8 * word + difference.trailing_zeros() as usize / 8;
        }
    }
    8 * a_words.len() + a_rest.iter().zip(b_rest).take_while(|(x, y)| x == y).count()
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn common_prefixes_are_counted_to_the_byte() {
        let a = [7_u8; 40];
        for length in 0..=40 {
            assert_eq!(common_prefix(&a[..length], &a[..length]), length);
            for difference in 0..length {
                let mut b = a;
                b[difference] = 8;
                assert_eq!(common_prefix(&a[..length], &b[..length]), difference);
            }
        }
    }

    #[test]
    fn numbers_start_anew_without_changing_the_stream() {
        let data: Vec<u8> = (0..300_000_u32).map(|i| b'a' + (i.wrapping_mul(i) >> 7) as u8 % 5).collect();
        let mut usual = Vec::new();
        Encoder::new().encode(&data, &mut usual);
        for ceiling in [1, 40_000, 100_000] {
            let mut encoder = Encoder::new();
            encoder.chains = Chains::with_ceiling(ceiling);
            for _ in 0..2 {
                let mut stream = Vec::new();
                encoder.encode(&data, &mut stream);
                assert!(stream == usual, "ceiling {ceiling}");
            }
        }
    }
}
