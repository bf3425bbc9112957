//! What this program was built for, named as the artifacts name it (01 §3.4).

/// The operating system: `linux`, `darwin`, `windows`…
#[must_use]
pub const fn operating_system() -> &'static str {
    if cfg!(target_os = "macos") { "darwin" } else { std::env::consts::OS }
}

/// The processor architecture: `amd64`, `arm64`, `386`…
#[must_use]
pub const fn architecture() -> &'static str {
    if cfg!(target_arch = "x86_64") {
        "amd64"
    } else if cfg!(target_arch = "aarch64") {
        "arm64"
    } else if cfg!(target_arch = "x86") {
        "386"
    } else {
        std::env::consts::ARCH
    }
}
