#!/bin/sh
# airlock-exec: found on PATH when the shim of this name leads nowhere, so that the
# program behind it does not run unasked.
set -eu
name=${0##*/}
shims=${0%/.broken/*}
cat >&2 <<TEXT
airlock-exec: $name: its shim $shims/$name leads nowhere: airlock-exec was moved or deleted; nothing was executed
  next: install airlock-exec again and run: airlock-exec shim install $name (or, to do without shims: rm -r $shims)
TEXT
exit 127
