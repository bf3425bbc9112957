//! What a block is made of: literals and matches, and their symbols (RFC 1951 §3.2.5).

/// Shortest length that has a symbol.
const MIN_LENGTH: usize = 3;
/// Longest match.
pub(super) const MAX_LENGTH: usize = 258;
/// Number of literal/length symbols that can be used.
pub(super) const LITERAL_SYMBOLS: usize = 286;
/// Number of distance symbols that can be used.
pub(super) const DISTANCE_SYMBOLS: usize = 30;
/// The symbol that ends a block.
pub(super) const END_OF_BLOCK: usize = 256;
/// The symbol of the shortest length; those of the others follow.
const FIRST_LENGTH_SYMBOL: usize = 257;

const MATCH: u32 = 1 << 31;

/// A literal byte, or a match: the length in bits 16–23, the distance in bits 0–14, each less its minimum.
#[derive(Clone, Copy)]
pub(super) struct Token(u32);

/// A token taken apart.
pub(super) enum Kind {
    /// One byte as it is; also its symbol.
    Literal(usize),
    /// A copy of earlier bytes.
    Match { length: Part, distance: Part },
}

/// A length or a distance as it stands in the stream: its symbol, then `extra` in `width` bits.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub(super) struct Part {
    pub(super) symbol: usize,
    pub(super) extra: u32,
    pub(super) width: u32,
}

impl Token {
    /// One byte as it is.
    #[inline]
    pub(super) const fn literal(byte: u8) -> Self {
        Self(byte as u32)
    }

    /// A copy of `length` bytes (3 to 258) from `distance` bytes back (1 to 32768).
    #[inline]
    pub(super) const fn repeat(length: usize, distance: usize) -> Self {
        debug_assert!(length >= MIN_LENGTH && length <= MAX_LENGTH && distance >= 1 && distance <= 1 << 15);
        Self(MATCH | ((length - MIN_LENGTH) as u32) << 16 | (distance - 1) as u32)
    }

    /// Takes the token apart.
    #[inline]
    pub(super) fn kind(self) -> Kind {
        if self.0 & MATCH == 0 {
            return Kind::Literal((self.0 & 0xFF) as usize);
        }
        Kind::Match { length: LENGTHS[(self.0 >> 16 & 0xFF) as usize], distance: distance_part(self.0 & 0x7FFF) }
    }
}

/// The symbol and the extra bits of every length less 3.
static LENGTHS: [Part; 256] = {
    let mut table = [Part { symbol: 0, extra: 0, width: 0 }; 256];
    let mut x = 0;
    while x < 256 {
        table[x] = length_part(x as u32);
        x += 1;
    }
    table
};

/// Lengths come in groups of four symbols with the same number of extra bits; 258 has a symbol of its own.
const fn length_part(x: u32) -> Part {
    if x as usize == MAX_LENGTH - MIN_LENGTH {
        return Part { symbol: LITERAL_SYMBOLS - 1, extra: 0, width: 0 };
    }
    let width = if x < 8 { 0 } else { x.ilog2() - 2 };
    let symbol = FIRST_LENGTH_SYMBOL + (4 * width + (x >> width)) as usize;
    Part { symbol, extra: x & ((1 << width) - 1), width }
}

/// Distances come in groups of two symbols with the same number of extra bits.
#[inline]
const fn distance_part(x: u32) -> Part {
    let width = if x < 4 { 0 } else { x.ilog2() - 1 };
    Part { symbol: (2 * width + (x >> width)) as usize, extra: x & ((1 << width) - 1), width }
}

/// Number of extra bits that follow a length symbol.
pub(super) const fn length_extra_width(symbol: usize) -> u32 {
    if symbol < FIRST_LENGTH_SYMBOL + 8 || symbol >= LITERAL_SYMBOLS - 1 {
        0
    } else {
        ((symbol - FIRST_LENGTH_SYMBOL) / 4 - 1) as u32
    }
}

/// Number of extra bits that follow a distance symbol.
pub(super) const fn distance_extra_width(symbol: usize) -> u32 {
    if symbol < 4 { 0 } else { (symbol / 2 - 1) as u32 }
}

#[cfg(test)]
mod tests {
    use super::*;

    fn parts(length: usize, distance: usize) -> (Part, Part) {
        match Token::repeat(length, distance).kind() {
            Kind::Match { length, distance } => (length, distance),
            Kind::Literal(_) => panic!("a match is no literal"),
        }
    }

    #[test]
    fn lengths_have_the_symbols_of_the_rfc() {
        for (length, symbol, extra, width) in
            [(3, 257, 0, 0), (10, 264, 0, 0), (11, 265, 0, 1), (12, 265, 1, 1), (18, 268, 1, 1), (19, 269, 0, 2)]
        {
            assert_eq!(parts(length, 1).0, Part { symbol, extra, width }, "{length}");
        }
        assert_eq!(parts(257, 1).0, Part { symbol: 284, extra: 30, width: 5 });
        assert_eq!(parts(258, 1).0, Part { symbol: 285, extra: 0, width: 0 });
    }

    #[test]
    fn distances_have_the_symbols_of_the_rfc() {
        for (distance, symbol, extra, width) in [
            (1, 0, 0, 0),
            (4, 3, 0, 0),
            (5, 4, 0, 1),
            (6, 4, 1, 1),
            (7, 5, 0, 1),
            (257, 16, 0, 7),
            (32768, 29, 8191, 13),
        ] {
            assert_eq!(parts(4, distance).1, Part { symbol, extra, width }, "{distance}");
        }
    }

    #[test]
    fn widths_by_symbol_agree_with_the_tokens() {
        for length in 3..=258 {
            let part = parts(length, 1).0;
            assert_eq!(length_extra_width(part.symbol), part.width, "{length}");
        }
        for distance in 1..=32768 {
            let part = parts(4, distance).1;
            assert_eq!(distance_extra_width(part.symbol), part.width, "{distance}");
        }
    }
}
