//! Flags that the commands have in common which sign and verify tokens and entries (03 §1.1): keys, tokens, the moment.

use super::Flag;

/// The flag that every command of this area has which reads the clock (00 D9).
pub(super) const MOMENT: Flag =
    Flag::text("evaluation-time", "TIME", "RFC 3339 time to act at, instead of the clock; in strict mode only");

/// The same for commands that the reference tool does not have.
pub(super) const ANY_MOMENT: Flag =
    Flag::text("evaluation-time", "TIME", "RFC 3339 time to judge at, instead of the clock");

pub(super) const KEY_MODE: Flag =
    Flag::text("key-mode", "MODE", "dev signs with a fresh key, prod with yours").or("dev").among(&["dev", "prod"]);
pub(super) const SIGNING_KEY: Flag = Flag::file("private-key", "private key that signs");
pub(super) const SIGNING_KEY_ENV: Flag = Flag::variable("private-key-env", "environment variable that holds it");

pub(super) const PUBLIC_KEY: Flag = Flag::file("public-key", "public key of the signer");
pub(super) const PUBLIC_KEY_ENV: Flag =
    Flag::variable("public-key-env", "environment variable that holds the public key");
pub(super) const PRIVATE_KEY: Flag =
    Flag::file("private-key", "private key of the signer, from which the public one is taken");
pub(super) const PRIVATE_KEY_ENV: Flag =
    Flag::variable("private-key-env", "environment variable that holds the private key");

pub(super) const TOKEN: Flag = Flag::file("token", "the token (required)");

pub(super) const INSPECT_FLAGS: &[Flag] = &[TOKEN, ANY_MOMENT];
