#!/bin/sh
# Builds and runs the C and C++ programs against libgait; see suite.py for what is done and which variables count.
exec python3 "$(dirname "$0")/suite.py" "$@"
