//! Length-limited Huffman codes by package-merge, with the ties broken as the wire format asks (04 appendix A.6).

/// The longest code of any table.
pub(super) const MAX_CODE_LENGTH: usize = 15;

/// One code: its bits in the order in which they are written, and their number (0: the symbol is unused).
#[derive(Clone, Copy, Debug, Default, PartialEq, Eq)]
pub(super) struct Code {
    pub(super) bits: u16,
    pub(super) length: u8,
}

/// Builds codes; keeps its buffers between calls.
#[derive(Default)]
pub(super) struct CodeBuilder {
    /// The used symbols, `frequency << 16 | symbol`, ascending.
    leaves: Vec<u64>,
    /// Weights of the items of the list that is being read and of the one that is being made.
    previous: Vec<u32>,
    current: Vec<u32>,
    /// For each list: how many of its first m items are leaves, for m = 0, 1, …
    leaves_before: [Vec<u16>; MAX_CODE_LENGTH],
}

impl CodeBuilder {
    /// Gives every symbol with a frequency a code of at most `limit` bits (1 to 15; enough for all of them), the
    /// others none. `codes` is as long as `frequencies`.
    pub(super) fn build(&mut self, frequencies: &[u32], limit: usize, codes: &mut [Code]) {
        codes.fill(Code::default());
        self.leaves.clear();
        for (symbol, &frequency) in frequencies.iter().enumerate() {
            if frequency > 0 {
                self.leaves.push(u64::from(frequency) << 16 | symbol as u64);
            }
        }
        if self.leaves.len() <= 2 {
            for &leaf in &self.leaves {
                codes[symbol_of(leaf)].length = 1;
            }
        } else {
            self.leaves.sort_unstable();
            self.set_lengths(limit, codes);
        }
        assign_bits(codes);
    }

    /// Package-merge over at least three leaves.
    fn set_lengths(&mut self, limit: usize, codes: &mut [Code]) {
        let n = self.leaves.len();
        let lists = limit.min(n - 1).min(MAX_CODE_LENGTH);
        let wanted = 2 * n - 2;

        self.current.clear();
        self.current.extend(self.leaves.iter().map(|&leaf| weight_of(leaf)));
        self.leaves_before[0].clear();
        self.leaves_before[0].extend(0..=n as u16);
        for list in 1..lists {
            std::mem::swap(&mut self.previous, &mut self.current);
            self.merge(list, wanted);
        }

        // From the last list back: how many leaves of each list are among the items taken. The others are packages,
        // each of which takes two items of the list before.
        let mut taken_leaves = [0_usize; MAX_CODE_LENGTH];
        let mut taken = wanted;
        for list in (0..lists).rev() {
            let leaves = usize::from(self.leaves_before[list].get(taken).copied().unwrap_or_default());
            taken_leaves[list] = leaves;
            taken = 2 * (taken - leaves);
        }
        // Each list takes its lightest leaves; so lengths never grow along the sorted leaves, which is the order in
        // which the wire format hands them out.
        for (index, &leaf) in self.leaves.iter().enumerate() {
            codes[symbol_of(leaf)].length = taken_leaves.iter().filter(|&&leaves| leaves > index).count() as u8;
        }
    }

    /// Makes the next list out of the leaves and the pairs of the previous list, a pair first among equals. Items
    /// beyond `wanted` are never taken, so they are not made.
    fn merge(&mut self, list: usize, wanted: usize) {
        self.current.clear();
        let marks = &mut self.leaves_before[list];
        marks.clear();
        marks.push(0);
        let mut leaves = self.leaves.iter().map(|&leaf| weight_of(leaf)).peekable();
        let mut packages = self.previous.chunks_exact(2).map(|pair| pair[0] + pair[1]).peekable();
        let mut used = 0;
        while self.current.len() < wanted {
            let weight = match (packages.peek(), leaves.peek()) {
                (Some(package), Some(leaf)) if package <= leaf => packages.next(),
                (Some(_), None) => packages.next(),
                (_, Some(_)) => {
                    used += 1;
                    leaves.next()
                }
                (None, None) => None,
            };
            let Some(weight) = weight else { break };
            self.current.push(weight);
            marks.push(used);
        }
    }
}

const fn symbol_of(leaf: u64) -> usize {
    (leaf & 0xFFFF) as usize
}

const fn weight_of(leaf: u64) -> u32 {
    (leaf >> 16) as u32
}

/// Canonical codes for the lengths that are set (RFC 1951 §3.2.2), reversed for writing.
pub(super) fn assign_bits(codes: &mut [Code]) {
    let mut next = [0_u16; MAX_CODE_LENGTH + 2];
    for code in codes.iter() {
        next[usize::from(code.length) + 1] += u16::from(code.length > 0);
    }
    // So far next[l + 1] counts the codes of length l; make it the first code of length l + 1.
    for length in 1..next.len() {
        next[length] = (next[length] + next[length - 1]) << 1;
    }
    for code in codes.iter_mut().filter(|code| code.length > 0) {
        let value = &mut next[usize::from(code.length)];
        code.bits = value.reverse_bits() >> (16 - u32::from(code.length));
        *value = value.wrapping_add(1);
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    fn lengths(frequencies: &[u32], limit: usize) -> Vec<u8> {
        let mut codes = vec![Code::default(); frequencies.len()];
        CodeBuilder::default().build(frequencies, limit, &mut codes);
        codes.iter().map(|code| code.length).collect()
    }

    #[test]
    fn up_to_two_symbols_have_one_bit() {
        assert_eq!(lengths(&[0, 0, 0], 15), [0, 0, 0]);
        assert_eq!(lengths(&[0, 9, 0], 15), [0, 1, 0]);
        let mut codes = [Code::default(); 3];
        CodeBuilder::default().build(&[9, 0, 1], 15, &mut codes);
        assert_eq!(codes, [Code { bits: 0, length: 1 }, Code::default(), Code { bits: 1, length: 1 }]);
    }

    #[test]
    fn rare_symbols_have_long_codes_and_ties_go_to_the_later_symbol() {
        assert_eq!(lengths(&[1, 1, 2, 4], 15), [3, 3, 2, 1]);
        assert_eq!(lengths(&[1, 1, 1], 15), [2, 2, 1]);
        assert_eq!(lengths(&[5, 5, 5, 5], 15), [2, 2, 2, 2]);
    }

    #[test]
    fn the_limit_holds_and_the_code_is_complete() {
        let mut fibonacci = vec![1_u32, 1];
        while fibonacci.len() < 19 {
            fibonacci.push(fibonacci[fibonacci.len() - 1] + fibonacci[fibonacci.len() - 2]);
        }
        for limit in [5, 7, 15] {
            let lengths = lengths(&fibonacci, limit);
            assert!(lengths.iter().all(|&length| (1..=limit as u8).contains(&length)));
            assert_eq!(lengths.iter().map(|&length| 1_u32 << (15 - length)).sum::<u32>(), 1 << 15);
        }
    }

    #[test]
    fn codes_are_canonical_and_reversed() {
        let mut codes = [Code::default(); 4];
        CodeBuilder::default().build(&[1, 1, 2, 4], 15, &mut codes);
        assert_eq!(codes.map(|code| code.bits), [0b011, 0b111, 0b01, 0]);
    }

    #[test]
    fn a_builder_can_be_used_again() {
        let mut builder = CodeBuilder::default();
        let mut first = [Code::default(); 6];
        builder.build(&[3, 1, 4, 1, 5, 9], 15, &mut first);
        let mut other = [Code::default(); 40];
        builder.build(&[7; 40], 7, &mut other);
        let mut again = [Code::default(); 6];
        builder.build(&[3, 1, 4, 1, 5, 9], 15, &mut again);
        assert_eq!(first, again);
    }
}
