//! The deflate stream against the golden tables (01 §15, 04 §17).
#![allow(clippy::unwrap_used, clippy::expect_used)]

mod vectors;

use gait_base::digest::sha256;
use gait_evidence::archive::Encoder;
use serde_json::Value;
use vectors::{decode, name, rows};

/// Checks one table with one encoder over all rows, first in order, then backwards: reuse must not show.
fn check(table: &str, input: fn(&Value) -> Vec<u8>, size: &str, base64: &str) {
    let rows = rows(table);
    let mut encoder = Encoder::new();
    for row in rows.iter().chain(rows.iter().rev()) {
        let (data, want) = (input(&row["input"]), &row["want"]);
        if let Some(digest) = want["input_sha256"].as_str() {
            assert_eq!(sha256(&data).to_string(), digest, "{}: input", name(row));
        }
        let mut stream = Vec::new();
        encoder.encode(&data, &mut stream);
        if let Some(bytes) = decode(&want[base64]) {
            assert_eq!(stream, bytes, "{}", name(row));
        }
        assert_eq!(Some(stream.len() as u64), want[size].as_u64(), "{}", name(row));
        assert_eq!(Some(sha256(&stream).to_string().as_str()), want["sha256"].as_str(), "{}", name(row));
    }
}

fn number(value: &Value) -> u64 {
    value.as_u64().or_else(|| value.as_str()?.parse().ok()).unwrap_or_default()
}

fn primitive_input(input: &Value) -> Vec<u8> {
    if let Some(text) = input["text"].as_str() {
        text.as_bytes().to_vec()
    } else if let Some(bytes) = decode(&input["b64"]) {
        bytes
    } else if let Some(unit) = input["repeat"].as_str() {
        unit.repeat(number(&input["times"]) as usize).into_bytes()
    } else if !input["jsonl"].is_null() {
        (0..number(&input["jsonl"]))
            .map(|i| {
                format!("{{\"intent_id\":\"intent_{i}\",\"n\":{},\"tool_name\":\"tool.{}\"}}\n", i * i % 9973, i % 7)
            })
            .collect::<String>()
            .into_bytes()
    } else {
        let mut x = number(&input["xorshift"]);
        let alphabet = number(&input["alphabet"]) as u8;
        let mut next = || {
            x ^= x >> 12;
            x ^= x << 25;
            x ^= x >> 27;
            let byte = (x.wrapping_mul(2_685_821_657_736_338_717) >> 56) as u8;
            if alphabet > 0 { b'a'.wrapping_add(byte % alphabet) } else { byte }
        };
        (0..number(&input["len"])).map(|_| next()).collect()
    }
}

fn runpack_input(input: &Value) -> Vec<u8> {
    if let Some(text) = input["text"].as_str() {
        return text.as_bytes().to_vec();
    }
    let repeat = &input["repeat"];
    if let Some(unit) = repeat["unit"].as_str() {
        return unit.repeat(number(&repeat["times"]) as usize).into_bytes();
    }
    let lcg = &input["lcg"];
    let alphabet = lcg["alphabet"].as_str().unwrap_or_default().as_bytes();
    let mut state = number(&lcg["seed"]) as u32;
    let mut next = || {
        state = state.wrapping_mul(1_664_525).wrapping_add(1_013_904_223);
        if alphabet.is_empty() { (state >> 24) as u8 } else { alphabet[(state >> 16) as usize % alphabet.len()] }
    };
    let mut data: Vec<u8> = (0..number(&lcg["n"])).map(|_| next()).collect();
    let generated = data.clone();
    for slice in input["append_slices"].as_array().into_iter().flatten() {
        data.extend_from_slice(&generated[number(&slice[0]) as usize..number(&slice[1]) as usize]);
    }
    data
}

#[test]
fn primitives() {
    check("primitives/deflate", primitive_input, "len", "b64");
}

#[test]
fn runpack() {
    check("runpack/deflate", runpack_input, "size", "base64");
}
