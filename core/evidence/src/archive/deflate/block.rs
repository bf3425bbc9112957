//! One block: which of the three forms is smallest, and its bits (04 appendix A.4).

use super::bits::BitWriter;
use super::huffman::{Code, CodeBuilder, MAX_CODE_LENGTH, assign_bits};
use super::token::{
    DISTANCE_SYMBOLS, END_OF_BLOCK, Kind, LITERAL_SYMBOLS, Token, distance_extra_width, length_extra_width,
};

/// Number of tokens after which a block ends.
pub(super) const MAX_TOKENS: usize = 16384;
/// The order in which the lengths of the code-length code are written.
const CODE_LENGTH_ORDER: [usize; 19] = [16, 17, 18, 0, 8, 7, 9, 6, 10, 5, 11, 4, 12, 3, 13, 2, 14, 1, 15];
const CODE_LENGTH_LIMIT: usize = 7;
const REPEAT_PREVIOUS: usize = 16;
const REPEAT_ZERO_SHORT: usize = 17;
const REPEAT_ZERO_LONG: usize = 18;

/// The literal/length and distance codes of a block.
struct Tables {
    literal: [Code; LITERAL_SYMBOLS],
    distance: [Code; DISTANCE_SYMBOLS],
}

/// How often each symbol occurs in a block.
struct Frequencies {
    literal: [u32; LITERAL_SYMBOLS],
    distance: [u32; DISTANCE_SYMBOLS],
}

/// One step of the run-length form of the code lengths: a symbol, then `extra` in `width` bits.
struct LengthStep {
    symbol: usize,
    extra: u32,
    width: u32,
}

/// Chooses and writes blocks; keeps its buffers between calls.
pub(super) struct BlockEncoder {
    builder: CodeBuilder,
    fixed: Tables,
    dynamic: Tables,
    lengths: Vec<u8>,
    steps: Vec<LengthStep>,
    length_codes: [Code; 19],
}

impl BlockEncoder {
    pub(super) fn new() -> Self {
        Self {
            builder: CodeBuilder::default(),
            fixed: fixed_tables(),
            dynamic: Tables {
                literal: [Code::default(); LITERAL_SYMBOLS],
                distance: [Code::default(); DISTANCE_SYMBOLS],
            },
            lengths: Vec::new(),
            steps: Vec::new(),
            length_codes: [Code::default(); 19],
        }
    }

    /// Writes `tokens` as one block that is not the last. `raw` is what they stand for, if it is still in the window.
    pub(super) fn write(&mut self, tokens: &[Token], raw: Option<&[u8]>, out: &mut BitWriter<'_>) {
        let storable = raw.and_then(|raw| Some((raw, u16::try_from(raw.len()).ok()?)));
        let frequencies = count(tokens);
        self.builder.build(&frequencies.literal, MAX_CODE_LENGTH, &mut self.dynamic.literal);
        self.builder.build(&frequencies.distance, MAX_CODE_LENGTH, &mut self.dynamic.distance);
        // The extra bits weigh only against the stored form; the wire format leaves them out where that is impossible.
        let extra = if storable.is_some() { extra_bits(&frequencies) } else { 0 };

        let literals = used(&frequencies.literal);
        let distances = used(&frequencies.distance);
        let fixed_size = 3 + self.fixed.size(&frequencies) + extra;
        let (code_lengths, header_size) = self.plan_header(literals, distances);
        let dynamic_size = header_size + self.dynamic.size(&frequencies) + extra;

        if let Some((raw, length)) = storable
            && (u64::from(length) + 5) * 8 < fixed_size.min(dynamic_size)
        {
            out.stored_block(length, raw, false);
        } else if dynamic_size < fixed_size {
            self.write_header(literals, distances, code_lengths, out);
            self.dynamic.write(tokens, out);
        } else {
            out.put(0b010, 3);
            self.fixed.write(tokens, out);
        }
    }

    /// Run-length codes the code lengths of the dynamic tables and builds the code for that. Gives the number of
    /// code-length codes to write and the size of the whole header in bits.
    fn plan_header(&mut self, literals: usize, distances: usize) -> (usize, u64) {
        self.lengths.clear();
        self.lengths.extend(self.dynamic.literal[..literals].iter().map(|code| code.length));
        self.lengths.extend(self.dynamic.distance[..distances].iter().map(|code| code.length));
        run_lengths(&self.lengths, &mut self.steps);

        let mut frequencies = [0_u32; 19];
        for step in &self.steps {
            frequencies[step.symbol] += 1;
        }
        self.builder.build(&frequencies, CODE_LENGTH_LIMIT, &mut self.length_codes);
        let last = CODE_LENGTH_ORDER.iter().rposition(|&symbol| self.length_codes[symbol].length > 0);
        let count = last.map_or(4, |last| (last + 1).max(4));
        let steps: u64 = self
            .steps
            .iter()
            .map(|step| u64::from(self.length_codes[step.symbol].length) + u64::from(step.width))
            .sum();
        (count, 17 + 3 * count as u64 + steps)
    }

    fn write_header(&self, literals: usize, distances: usize, code_lengths: usize, out: &mut BitWriter<'_>) {
        out.put(0b100, 3);
        out.put((literals - 257) as u32, 5);
        out.put((distances - 1) as u32, 5);
        out.put((code_lengths - 4) as u32, 4);
        for &symbol in &CODE_LENGTH_ORDER[..code_lengths] {
            out.put(u32::from(self.length_codes[symbol].length), 3);
        }
        for step in &self.steps {
            let code = self.length_codes[step.symbol];
            let width = u32::from(code.length);
            out.put(u32::from(code.bits) | step.extra << width, width + step.width);
        }
    }
}

impl Tables {
    /// Bits of all symbols, without what follows them.
    fn size(&self, frequencies: &Frequencies) -> u64 {
        weigh(&self.literal, &frequencies.literal) + weigh(&self.distance, &frequencies.distance)
    }

    /// The tokens and the end of the block.
    fn write(&self, tokens: &[Token], out: &mut BitWriter<'_>) {
        for &token in tokens {
            match token.kind() {
                Kind::Literal(byte) => {
                    let code = self.literal[byte];
                    out.put(u32::from(code.bits), u32::from(code.length));
                }
                Kind::Match { length, distance } => {
                    for (code, part) in
                        [(self.literal[length.symbol], length), (self.distance[distance.symbol], distance)]
                    {
                        let width = u32::from(code.length);
                        out.put(u32::from(code.bits) | part.extra << width, width + part.width);
                    }
                }
            }
        }
        let end = self.literal[END_OF_BLOCK];
        out.put(u32::from(end.bits), u32::from(end.length));
    }
}

/// The codes of RFC 1951 §3.2.6.
fn fixed_tables() -> Tables {
    // Two symbols that are never used belong to the code all the same.
    let mut literal = [Code::default(); LITERAL_SYMBOLS + 2];
    for (symbol, code) in literal.iter_mut().enumerate() {
        code.length = match symbol {
            0..=143 | 280.. => 8,
            144..=255 => 9,
            256..=279 => 7,
        };
    }
    assign_bits(&mut literal);
    let mut tables = Tables {
        literal: [Code::default(); LITERAL_SYMBOLS],
        distance: [Code { bits: 0, length: 5 }; DISTANCE_SYMBOLS],
    };
    tables.literal.copy_from_slice(&literal[..LITERAL_SYMBOLS]);
    assign_bits(&mut tables.distance);
    tables
}

/// Counts the symbols of the tokens and one end of block. A block without matches counts distance 0 once, since a
/// dynamic block cannot be without a distance code.
fn count(tokens: &[Token]) -> Frequencies {
    let mut frequencies = Frequencies { literal: [0; LITERAL_SYMBOLS], distance: [0; DISTANCE_SYMBOLS] };
    frequencies.literal[END_OF_BLOCK] = 1;
    for &token in tokens {
        match token.kind() {
            Kind::Literal(byte) => frequencies.literal[byte] += 1,
            Kind::Match { length, distance } => {
                frequencies.literal[length.symbol] += 1;
                frequencies.distance[distance.symbol] += 1;
            }
        }
    }
    if frequencies.distance.iter().all(|&frequency| frequency == 0) {
        frequencies.distance[0] = 1;
    }
    frequencies
}

/// Index of the last used symbol, plus one.
fn used(frequencies: &[u32]) -> usize {
    frequencies.iter().rposition(|&frequency| frequency > 0).map_or(0, |last| last + 1)
}

fn weigh(codes: &[Code], frequencies: &[u32]) -> u64 {
    codes.iter().zip(frequencies).map(|(code, &frequency)| u64::from(code.length) * u64::from(frequency)).sum()
}

fn extra_bits(frequencies: &Frequencies) -> u64 {
    let lengths = frequencies.literal.iter().enumerate().skip(END_OF_BLOCK + 1);
    let lengths = lengths.map(|(symbol, &frequency)| u64::from(frequency) * u64::from(length_extra_width(symbol)));
    let distances = frequencies.distance.iter().enumerate();
    let distances =
        distances.map(|(symbol, &frequency)| u64::from(frequency) * u64::from(distance_extra_width(symbol)));
    lengths.sum::<u64>() + distances.sum::<u64>()
}

/// The run-length form of the code lengths, literal/length and distance lengths as one sequence.
fn run_lengths(lengths: &[u8], steps: &mut Vec<LengthStep>) {
    steps.clear();
    for run in lengths.chunk_by(|a, b| a == b) {
        let value = usize::from(run[0]);
        let mut left = run.len();
        if value == 0 {
            while left >= 11 {
                let repeat = left.min(138);
                steps.push(LengthStep { symbol: REPEAT_ZERO_LONG, extra: (repeat - 11) as u32, width: 7 });
                left -= repeat;
            }
            if left >= 3 {
                steps.push(LengthStep { symbol: REPEAT_ZERO_SHORT, extra: (left - 3) as u32, width: 3 });
                left = 0;
            }
        } else {
            steps.push(LengthStep { symbol: value, extra: 0, width: 0 });
            left -= 1;
            while left >= 3 {
                let repeat = left.min(6);
                steps.push(LengthStep { symbol: REPEAT_PREVIOUS, extra: (repeat - 3) as u32, width: 2 });
                left -= repeat;
            }
        }
        steps.extend((0..left).map(|_| LengthStep { symbol: value, extra: 0, width: 0 }));
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    fn steps(lengths: &[u8]) -> Vec<(usize, u32)> {
        let mut steps = Vec::new();
        run_lengths(lengths, &mut steps);
        steps.iter().map(|step| (step.symbol, step.extra)).collect()
    }

    #[test]
    fn runs_are_cut_greedily() {
        assert_eq!(steps(&[5, 5, 5]), [(5, 0), (5, 0), (5, 0)]);
        assert_eq!(steps(&[5; 12]), [(5, 0), (16, 3), (16, 2)]);
        assert_eq!(steps(&[5; 9]), [(5, 0), (16, 3), (5, 0), (5, 0)]);
        assert_eq!(steps(&[0; 2]), [(0, 0), (0, 0)]);
        assert_eq!(steps(&[0; 10]), [(17, 7)]);
        assert_eq!(steps(&[0; 11]), [(18, 0)]);
        assert_eq!(steps(&[0; 140]), [(18, 127), (0, 0), (0, 0)]);
        assert_eq!(steps(&[0; 149]), [(18, 127), (18, 0)]);
    }

    #[test]
    fn fixed_codes_are_those_of_the_rfc() {
        let tables = fixed_tables();
        assert_eq!(tables.literal[0], Code { bits: 0b0000_1100, length: 8 });
        assert_eq!(tables.literal[144], Code { bits: 0b0_0001_0011, length: 9 });
        assert_eq!(tables.literal[256], Code { bits: 0, length: 7 });
        assert_eq!(tables.literal[280], Code { bits: 0b0000_0011, length: 8 });
        assert_eq!(tables.distance[1], Code { bits: 0b10000, length: 5 });
    }
}
