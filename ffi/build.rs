//! Gives the shared library its name for the run-time linker: one number for each binary interface.

fn main() {
    println!("cargo:rerun-if-changed=build.rs");
    // The major number of GAIT_ABI_VERSION in src/version.rs; a test keeps the two together.
    let abi = 0;
    match std::env::var("CARGO_CFG_TARGET_OS").as_deref() {
        Ok("macos") => println!("cargo:rustc-cdylib-link-arg=-Wl,-install_name,@rpath/libgait.{abi}.dylib"),
        Ok("windows") => {}
        _ => println!("cargo:rustc-cdylib-link-arg=-Wl,-soname,libgait.so.{abi}"),
    }
}
