//! Attacks on the signature: left out, moved, bent, and made by others.

use serde_json::{Value, json};

use crate::bench::{Attack, KINDS, Kind, digest, file, honest, key, resigned};
use crate::edits::{Want, changed};

const INVALID: &str = "signature_invalid";

/// The order of the group, little-endian: 2^252 + 27742317777372353535851937790883648493.
const ORDER: [u8; 32] = [
    0xed, 0xd3, 0xf5, 0x5c, 0x1a, 0x63, 0x12, 0x58, 0xd6, 0x9c, 0xf7, 0xa2, 0xde, 0xf9, 0xde, 0x14, 0, 0, 0, 0, 0, 0,
    0, 0, 0, 0, 0, 0, 0, 0, 0, 0x10,
];

/// Encodings of points of small order, and of points that are none in canonical form.
const SMALL: [[u8; 32]; 6] = [
    point(1, 0, 0),
    point(0, 0, 0),
    point(0, 0, 0x80),
    point(0xec, 0xff, 0x7f),
    point(0xed, 0xff, 0x7f),
    [
        0x26, 0xe8, 0x95, 0x8f, 0xc2, 0xb2, 0x27, 0xb0, 0x45, 0xc3, 0xf4, 0x89, 0xf2, 0xef, 0x98, 0xf0, 0xd5, 0xdf,
        0xac, 0x05, 0xd3, 0xc6, 0x33, 0x39, 0xb1, 0x38, 0x02, 0x88, 0x6d, 0x53, 0xfc, 0x05,
    ],
];

const fn point(first: u8, middle: u8, last: u8) -> [u8; 32] {
    let mut bytes = [middle; 32];
    bytes[0] = first;
    bytes[31] = last;
    bytes
}

/// The honest document with a member of its signature changed.
fn bent(kind: Kind, member: &str, value: Value, want: impl Want) -> Attack {
    changed(kind, format!("{member}: {value}"), |document| document["signature"][member] = value, want)
}

pub(crate) fn attacks(kind: Kind) -> Vec<Attack> {
    [members(kind), numbers(kind), moved(kind), encodings(kind)].into_iter().flatten().collect()
}

fn members(kind: Kind) -> Vec<Attack> {
    let whole = |value: Value, want: &'static str| {
        changed(kind, format!("signature: {value}"), |document| document["signature"] = value, want)
    };
    let own = honest(kind)["signature"].clone();
    let text = |member: &str| own[member].as_str().unwrap().to_owned();
    let (id, signed) = (text("key_id"), text("signed_digest"));
    let mut attacks = vec![
        changed(
            kind,
            "no signature",
            |document| drop(document.as_object_mut().unwrap().remove("signature")),
            "signature_missing",
        ),
        whole(Value::Null, "signature_missing"),
        whole(json!({}), INVALID),
        whole(json!([]), "unreadable"),
        whole(json!([own.clone()]), "unreadable"),
        whole(text("sig").into(), "unreadable"),
        whole(true.into(), "unreadable"),
        // A signature that names no key claims none.
        bent(kind, "key_id", "".into(), "valid"),
        bent(kind, "key_id", Value::Null, "valid"),
        bent(kind, "key_id", id.to_uppercase().into(), INVALID),
        bent(kind, "key_id", format!(" {id}").into(), INVALID),
        bent(kind, "key_id", format!("{id}\0").into(), INVALID),
        bent(kind, "key_id", id[..63].into(), INVALID),
        bent(kind, "key_id", key(2).key_id().into(), INVALID),
        bent(kind, "key_id", "*".into(), INVALID),
        bent(kind, "key_id", 1.into(), "unreadable"),
        bent(kind, "signed_digest", Value::Null, INVALID),
        bent(kind, "signed_digest", "".into(), INVALID),
        bent(kind, "signed_digest", signed.to_uppercase().into(), INVALID),
        bent(kind, "signed_digest", format!("{signed} ").into(), INVALID),
        bent(kind, "signed_digest", format!("sha256:{signed}").into(), INVALID),
        bent(kind, "signed_digest", signed[..63].into(), INVALID),
        bent(kind, "signed_digest", digest("other").into(), INVALID),
        bent(kind, "signed_digest", json!([signed]), "unreadable"),
        bent(kind, "sig", Value::Null, INVALID),
        bent(kind, "sig", "".into(), INVALID),
        bent(kind, "sig", 1.into(), "unreadable"),
        // Before the honest one, in the order in which these documents are written.
        bent(kind, "Sig", "".into(), ["valid", "unreadable"]),
        bent(kind, "note", "".into(), ["valid", "unreadable"]),
    ];
    for alg in [
        "",
        "Ed25519",
        "ED25519",
        " ed25519",
        "ed25519 ",
        "ed25519\0",
        "ed25519ph",
        "ed25519ctx",
        "none",
        "RS256",
        "HS256",
        "\u{435}d25519",
    ] {
        attacks.push(bent(kind, "alg", alg.into(), INVALID));
    }
    attacks.push(bent(kind, "alg", Value::Null, INVALID));
    // The digest of the altered content, beside the signature of the original.
    let mut altered = honest(kind);
    altered["producer_version"] = "9".into();
    let right = resigned(altered.clone(), 1)["signature"]["signed_digest"].clone();
    altered["signature"]["signed_digest"] = right;
    attacks.push(changed(kind, "altered, with the right digest", |document| *document = altered, INVALID));
    attacks
}

/// Signatures that are other numbers.
fn numbers(kind: Kind) -> Vec<Attack> {
    let own = decode(honest(kind)["signature"]["sig"].as_str().unwrap());
    let altered = |name: String, change: &dyn Fn(&mut Vec<u8>)| {
        let mut bytes = own.clone();
        change(&mut bytes);
        assert_ne!(bytes, own, "{name}");
        changed(kind, name, |document| document["signature"]["sig"] = encode(&bytes).into(), INVALID)
    };
    let mut attacks = vec![
        altered("63 bytes".to_owned(), &|bytes| bytes.truncate(63)),
        altered("65 bytes".to_owned(), &|bytes| bytes.push(0)),
        altered("twice".to_owned(), &|bytes| bytes.extend_from_within(..)),
        altered("nothing but zeros".to_owned(), &|bytes| bytes.fill(0)),
        altered("nothing but ones".to_owned(), &|bytes| bytes.fill(0xff)),
        altered("halves swapped".to_owned(), &|bytes| bytes.rotate_left(32)),
        altered("scalar of zero".to_owned(), &|bytes| bytes[32..].fill(0)),
        altered("scalar of the order".to_owned(), &|bytes| bytes[32..].copy_from_slice(&ORDER)),
        altered("scalar negated".to_owned(), &|bytes| negate(&mut bytes[32..])),
        altered("point's sign turned".to_owned(), &|bytes| bytes[31] ^= 0x80),
        altered("high bits set".to_owned(), &|bytes| bytes[63] |= 0xe0),
    ];
    // The same scalar modulo the order: the equation holds, and only its range tells.
    for times in 1..15 {
        attacks.push(altered(format!("scalar plus {times} times the order"), &|bytes| {
            (0..times).for_each(|_| add_order(&mut bytes[32..]));
        }));
    }
    for (index, point) in SMALL.iter().enumerate() {
        attacks.push(altered(format!("point {index} of small order"), &|bytes| bytes[..32].copy_from_slice(point)));
        attacks.push(altered(format!("point {index} of small order, scalar of zero"), &|bytes| {
            bytes[..32].copy_from_slice(point);
            bytes[32..].fill(0);
        }));
    }
    attacks
}

/// Signatures of others and of other documents.
fn moved(kind: Kind) -> Vec<Attack> {
    let mut attacks = Vec::new();
    let mut push = |name: &str, document: Value, want: [&'static str; 2]| {
        attacks.push(Attack { name: name.to_owned(), file: file(kind, &document), scene: kind.scene(), want });
    };
    let stranger = || resigned(honest(kind), 2);
    push("of a stranger", stranger(), [INVALID; 2]);
    let mut claimed = stranger();
    claimed["signature"]["key_id"] = key(1).key_id().into();
    push("of a stranger who claims the key", claimed, [INVALID; 2]);
    let mut nameless = stranger();
    nameless["signature"]["key_id"] = "".into();
    push("of a stranger who names no key", nameless, [INVALID; 2]);
    let mut other = honest(kind);
    other["producer_version"] = "9".into();
    let other = resigned(other, 1);
    let mut bearer = honest(kind);
    bearer["signature"] = other["signature"].clone();
    push("of another document of the kind", bearer, [INVALID; 2]);
    let mut without = honest(kind);
    without.as_object_mut().unwrap().remove("signature");
    // Over the bytes or the hex text instead of the digest's bytes.
    let signed = honest(kind)["signature"]["signed_digest"].as_str().unwrap().to_owned();
    for (name, message) in
        [("over the hex text", signed.clone().into_bytes()), ("over the text", serde_json::to_vec(&without).unwrap())]
    {
        let mut document = honest(kind);
        document["signature"]["sig"] = key(1).sign_bytes(&message).sig.into();
        push(name, document, [INVALID; 2]);
    }
    for from in KINDS.into_iter().filter(|from| *from != kind) {
        let mut bearer = honest(kind);
        bearer["signature"] = honest(from)["signature"].clone();
        push(&format!("of a document of kind {from:?}"), bearer, [INVALID; 2]);
        // The whole document of the other kind, as it is, and renamed.
        push(&format!("a whole {from:?}"), honest(from), ["invalid", "unreadable"]);
        let mut renamed = honest(from);
        renamed["schema_id"] = honest(kind)["schema_id"].clone();
        push(&format!("a whole {from:?}, renamed"), resigned(renamed, 1), ["invalid", "unreadable"]);
    }
    attacks
}

/// The same signature in other letters.
fn encodings(kind: Kind) -> Vec<Attack> {
    let own = honest(kind)["signature"]["sig"].as_str().unwrap().to_owned();
    let spelled = |name: &str, text: String, want: &'static str| {
        assert_ne!(text, own, "{name}");
        changed(kind, name, |document| document["signature"]["sig"] = text.into(), want)
    };
    let digits = &own[..86];
    let last = own.as_bytes()[85];
    // The last digit carries two bits; the four that it does not need are passed over (01 §4.2).
    let unused = DIGITS.iter().position(|digit| *digit == last).unwrap() ^ 1;
    vec![
        spelled("unused bits set", format!("{}{}==", &own[..85], char::from(DIGITS[unused])), "valid"),
        spelled("line breaks", format!("{}\r\n{}\n", &own[..40], &own[40..]), "valid"),
        spelled("no padding", digits.to_owned(), INVALID),
        spelled("half the padding", format!("{digits}="), INVALID),
        spelled("too much padding", format!("{own}="), INVALID),
        spelled("a blank before", format!(" {own}"), INVALID),
        spelled("a blank after", format!("{own} "), INVALID),
        spelled("a blank within", format!("{} {}", &own[..40], &own[40..]), INVALID),
        spelled("a tab", format!("{own}\t"), INVALID),
        spelled("a NUL", format!("{own}\0"), INVALID),
        spelled("other case", own.to_lowercase(), INVALID),
        spelled("hex", decode(&own).iter().map(|byte| format!("{byte:02x}")).collect(), INVALID),
        spelled("the alphabet of URLs", format!("-_{}", &own[2..]), INVALID),
        spelled(
            "letters that look alike",
            own.replacen(|digit: char| digit.is_ascii_alphanumeric(), "\u{ff21}", 1),
            INVALID,
        ),
        spelled("two signatures", format!("{own}{own}"), INVALID),
        spelled("a digit less", own[1..].to_owned(), INVALID),
        spelled("a name before", format!("ed25519:{own}"), INVALID),
    ]
}

const DIGITS: &[u8; 64] = b"ABCDEFGHIJKLMNOPQRSTUVWXYZabcdefghijklmnopqrstuvwxyz0123456789+/";

pub(crate) fn encode(bytes: &[u8]) -> String {
    let digit = |value: u32| char::from(DIGITS[(value & 63) as usize]);
    let mut text = String::new();
    for group in bytes.chunks(3) {
        let bits = (0..3).fold(0u32, |bits, at| bits << 8 | u32::from(group.get(at).copied().unwrap_or(0)));
        text.extend([digit(bits >> 18), digit(bits >> 12)]);
        text.push(if group.len() > 1 { digit(bits >> 6) } else { '=' });
        text.push(if group.len() > 2 { digit(bits) } else { '=' });
    }
    text
}

pub(crate) fn decode(text: &str) -> Vec<u8> {
    let digits: Vec<u32> = text
        .bytes()
        .filter_map(|byte| DIGITS.iter().position(|digit| *digit == byte))
        .map(|value| u32::try_from(value).unwrap())
        .collect();
    let bits = digits.iter().flat_map(|digit| (0..6).rev().map(move |bit| (digit >> bit & 1) as u8));
    let bits: Vec<u8> = bits.collect();
    bits.chunks_exact(8).map(|byte| byte.iter().fold(0, |value, bit| value << 1 | bit)).collect()
}

fn add_order(scalar: &mut [u8]) {
    let mut carry = 0;
    for (byte, order) in scalar.iter_mut().zip(ORDER) {
        let sum = u16::from(*byte) + u16::from(order) + carry;
        (*byte, carry) = ((sum & 0xff) as u8, sum >> 8);
    }
}

fn negate(scalar: &mut [u8]) {
    let mut borrow = 0;
    for (byte, order) in scalar.iter_mut().zip(ORDER) {
        let difference = i16::from(order) - i16::from(*byte) - borrow;
        (*byte, borrow) = (difference.rem_euclid(256) as u8, i16::from(difference < 0));
    }
}
