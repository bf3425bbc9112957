#!/bin/sh
# Installs libgait for C and C++, and the gait command where it was built.
#
#   PREFIX=/usr/local DESTDIR= LIBDIR=lib packaging/install.sh [BUILD]
#
# PREFIX   where the files will be used from; stands in the pkg-config file
# DESTDIR  put before every path, to stage a package
# LIBDIR   folder of the libraries below PREFIX, such as lib or lib/x86_64-linux-gnu
# BUILD    folder that cargo built into: the argument, else the variable, else target/release here
set -eu

root=$(cd "$(dirname "$0")/.." && pwd)
prefix=${PREFIX:-/usr/local}
libdir=${LIBDIR:-lib}
build=${1:-${BUILD:-$root/target/release}}
stage=${DESTDIR:-}$prefix
version=$(sed -n 's/^version = "\(.*\)"/\1/p' "$root/Cargo.toml" | head -n 1)
abi=$(sed -n 's/^ *let abi = \([0-9]*\);/\1/p' "$root/ffi/build.rs")

case $prefix in
/*) ;;
*)
    echo "install.sh: PREFIX must be an absolute path: $prefix" >&2
    exit 2
    ;;
esac
case $libdir in
/* | *..* | '')
    echo "install.sh: LIBDIR must be a folder below PREFIX: $libdir" >&2
    exit 2
    ;;
esac
if [ -z "$version" ] || [ -z "$abi" ]; then
    echo "install.sh: cannot tell the version from Cargo.toml and ffi/build.rs" >&2
    exit 1
fi

if [ "$(uname -s)" = Darwin ]; then
    built=libgait.dylib
    shared=libgait.$version.dylib
    soname=libgait.$abi.dylib
else
    built=libgait.so
    shared=libgait.so.$version
    soname=libgait.so.$abi
fi
for file in "$build/$built" "$build/libgait.a"; do
    if [ ! -f "$file" ]; then
        echo "install.sh: $file is missing: run cargo build --release -p gait-ffi first" >&2
        exit 1
    fi
done

# From the libraries back to the prefix: one .. for each folder of LIBDIR.
up=$(printf '%s\n' "$libdir" | sed 's|/*$||; s|[^/][^/]*|..|g')
bytes=$(($(getconf LONG_BIT) / 8))

fill() {
    sed -e "s|@PREFIX@|$prefix|g" -e "s|@LIBDIR@|$libdir|g" -e "s|@LIBDIR_UP@|$up|g" -e "s|@VERSION@|$version|g" \
        -e "s|@SHARED@|$shared|g" -e "s|@SONAME@|$soname|g" -e "s|@POINTER_BYTES@|$bytes|g" "$1" >"$2"
    chmod 644 "$2"
}

mkdir -p "$stage/include/gait" "$stage/$libdir/pkgconfig" "$stage/$libdir/cmake/Gait"
install -m 644 "$root/include/gait.h" "$root/include/gait.hpp" "$stage/include/"
install -m 644 "$root"/include/gait/*.hpp "$stage/include/gait/"
install -m 755 "$build/$built" "$stage/$libdir/$shared"
ln -sf "$shared" "$stage/$libdir/$soname"
ln -sf "$soname" "$stage/$libdir/$built"
install -m 644 "$build/libgait.a" "$stage/$libdir/libgait.a"
fill "$root/packaging/pkgconfig/gait.pc.in" "$stage/$libdir/pkgconfig/gait.pc"
for file in GaitConfig.cmake GaitConfigVersion.cmake; do
    fill "$root/packaging/cmake/$file.in" "$stage/$libdir/cmake/Gait/$file"
done
if [ -f "$build/gait" ]; then
    mkdir -p "$stage/bin"
    install -m 755 "$build/gait" "$stage/bin/gait"
fi
echo "installed libgait $version below $stage"
