//! The order of object members: comparing names, and handing out a document whose members were read in another order.
//!
//! Values are written down as they are read. Most documents come sorted already, and then that text is the answer. For
//! an object that does not, only the order of its members is kept beside the text; the text itself is moved once, at
//! the end, so that deep nesting does not copy inner objects again at each level.

use std::cmp::Ordering;

/// Orders two names by their UTF-16 code units, a prefix first, without converting them.
///
/// The order of UTF-8 bytes is the order of code points, and differs from that of UTF-16 units only where a code point
/// beyond U+FFFF (lead byte from 0xF0) meets one of U+E000–U+FFFF (lead bytes 0xEE and 0xEF): surrogates come first.
pub(super) fn compare_utf16(a: &[u8], b: &[u8]) -> Ordering {
    match a.iter().zip(b).find(|(x, y)| x != y) {
        None => a.len().cmp(&b.len()),
        Some((&x, &y)) if x >= 0xEE && y >= 0xEE => (x < 0xF0, x).cmp(&(y < 0xF0, y)),
        Some((x, y)) => x.cmp(y),
    }
}

/// An object whose members were not read in canonical order.
#[derive(Clone, Copy, Debug)]
struct Shuffled {
    /// Where its `{` and its `}` stand in the text.
    open: usize,
    close: usize,
    /// Its members, in canonical order, within [`Order::segments`].
    first: usize,
    end: usize,
}

/// The canonical order of those objects of a text that are out of order.
#[derive(Debug, Default)]
pub(super) struct Order {
    objects: Vec<Shuffled>,
    segments: Vec<(usize, usize)>,
}

/// What is still to be handed out, last first.
enum Step {
    Copy(usize, usize),
    Members(usize, usize),
}

impl Order {
    /// Notes the members, as ranges of the text in canonical order, of the object between `open` and `close`.
    pub(super) fn add(&mut self, open: usize, close: usize, members: impl Iterator<Item = (usize, usize)>) {
        let first = self.segments.len();
        self.segments.extend(members);
        self.objects.push(Shuffled { open, close, first, end: self.segments.len() });
    }

    /// Whether the text is in canonical order as it stands.
    pub(super) fn is_canonical(&self) -> bool {
        self.objects.is_empty()
    }

    /// Hands the text to `sink`, piece by piece, in canonical order.
    pub(super) fn emit(mut self, text: &[u8], mut sink: impl FnMut(&[u8])) {
        self.objects.sort_unstable_by_key(|object| object.open);
        let piece = |from: usize, to: usize| text.get(from..to).unwrap_or_default();
        let mut steps = vec![Step::Copy(0, text.len())];
        while let Some(step) = steps.pop() {
            match step {
                Step::Copy(from, to) => {
                    let at = self.objects.partition_point(|object| object.open < from);
                    match self.objects.get(at).filter(|object| object.open < to) {
                        None => sink(piece(from, to)),
                        Some(object) => {
                            sink(piece(from, object.open + 1));
                            steps.push(Step::Copy(object.close, to));
                            steps.push(Step::Members(at, object.first));
                        }
                    }
                }
                Step::Members(at, next) => {
                    let Some(object) = self.objects.get(at).filter(|object| next < object.end) else { continue };
                    if let Some(&(from, to)) = self.segments.get(next) {
                        if next > object.first {
                            sink(b",");
                        }
                        steps.push(Step::Members(at, next + 1));
                        steps.push(Step::Copy(from, to));
                    }
                }
            }
        }
    }
}

#[cfg(test)]
mod tests {
    use super::*;
    use proptest::prelude::*;

    proptest! {
        #![proptest_config(ProptestConfig { failure_persistence: None, ..ProptestConfig::default() })]

        #[test]
        fn names_compare_as_utf16(a in "[a-c\u{7f}é\u{d7ff}\u{e000}\u{ffff}\u{10000}\u{10ffff}]{0,4}", b in any::<String>()) {
            for (x, y) in [(&a, &b), (&b, &a), (&a, &a)] {
                let want = x.encode_utf16().cmp(y.encode_utf16());
                prop_assert_eq!(compare_utf16(x.as_bytes(), y.as_bytes()), want);
            }
        }
    }

    #[test]
    fn supplementary_planes_come_before_the_last_of_the_basic_plane() {
        assert_eq!(compare_utf16("\u{1f600}".as_bytes(), "\u{fb33}".as_bytes()), Ordering::Less);
        assert_eq!(compare_utf16("\u{fb33}".as_bytes(), "\u{1f600}".as_bytes()), Ordering::Greater);
        assert_eq!(compare_utf16("\u{1f600}".as_bytes(), "\u{d7ff}".as_bytes()), Ordering::Greater);
        assert_eq!(compare_utf16(b"a", b"ab"), Ordering::Less);
    }
}
