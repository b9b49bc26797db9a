#!/bin/sh
# airlock-exec git hook, version 1
# Made by `airlock-exec hook install --git`. `airlock-exec hook uninstall --git`
# removes it and puts back what was here before.
airlock=@AIRLOCK@
hook=@HOOK@
before=$0.airlock-chained

if [ ! -x "$airlock" ]; then
    echo "airlock-exec: $airlock is gone, so nobody can be asked; nothing was done" >&2
    echo "  next: install airlock-exec again, then: airlock-exec hook install --git" >&2
    exit 1
fi
if [ ! -x "$before" ]; then
    exec "$airlock" git-hook "$hook" "$@"
fi
case $hook in
pre-push | reference-transaction)
    # Both read what git says; the dot keeps the line breaks at the end.
    input=$(cat && echo .)
    input=${input%.}
    printf %s "$input" | "$before" "$@" || exit
    printf %s "$input" | "$airlock" git-hook "$hook" "$@"
    ;;
*)
    "$before" "$@" || exit
    exec "$airlock" git-hook "$hook" "$@"
    ;;
esac
