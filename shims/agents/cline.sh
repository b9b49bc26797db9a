#!/bin/sh
# airlock-exec agent-hook cline: asks before Cline runs a command.
# Written by `airlock-exec hook install --agent cline`. Cline goes on when a hook
# fails without saying cancel, so a failure is said here.
binary=@BINARY@
said=$("$binary" agent-hook cline)
status=$?
case $status in
0 | 2)
    [ -z "$said" ] || printf '%s\n' "$said"
    ;;
*)
    echo "airlock-exec: the hook ended with status $status; the command was not executed" >&2
    echo '{"cancel":true,"errorMessage":"airlock-exec: the hook failed; the command was not executed. Tell the user to run: airlock-exec doctor"}'
    status=2
    ;;
esac
exit $status
