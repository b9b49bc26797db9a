# airlock-exec for bash: asks about each line before this shell runs it.
# Printed by `airlock-exec shell-plugin bash`; eval it at the end of ~/.bashrc.
#
# Enter types four keys. Two write out what stands for the history, one asks, and the
# last is accept-line when the answer was yes, and nothing otherwise: no answer, no
# program and no time-out lets a line through. The line is run by readline and bash as
# always, in this shell, and lands in the history as it was typed. A text that goes on (a loop, a quote, a
# here-document) is edited as one until it is complete, and asked about as a whole.
# `!!` and its like are written out first, and run when Enter is pressed again.
#
# Aliases and functions of this shell are run as they are, and shown by their name.

if [[ $- == *i* ]] && ((BASH_VERSINFO[0] * 100 + BASH_VERSINFO[1] >= 404)); then
    __airlock_exec=@AIRLOCK_EXEC@
    __airlock_typed=

    # Says what the second key of Enter does.
    __airlock_then() {
        local map
        for map in emacs vi-insert vi-command; do
            builtin bind -m "$map" "\"\\C-x\\C-y\": $1"
        done
    }

    # Tells whether the text goes on in another line.
    __airlock_goes_on() {
        local said globs=+O
        [[ $1 =~ (^|[^\\])(\\\\)*\\$ ]] && return 0
        shopt -q extglob && globs=-O
        said=$(BASH_ENV='' LC_ALL=C "$BASH" "$globs" extglob -n -c "$1" 2>&1 </dev/null)
        [[ $said == *'unexpected end of file'* ||
            $said == *'unexpected EOF while looking for'* ||
            $said == *'delimited by end-of-file'* ]]
    }

    __airlock_gate() {
        local line=$READLINE_LINE
        if [[ $line != *[![:space:]]* ]]; then
            __airlock_then accept-line
            return
        fi
        __airlock_then '""'
        # The history wrote something out: it is read before it is run.
        [[ $line == "$__airlock_typed" ]] || return
        if __airlock_goes_on "$line"; then
            READLINE_LINE=$line$'\n'
            READLINE_POINT=${#READLINE_LINE}
            return
        fi
        if "$__airlock_exec" approve --shell bash --cwd "$PWD" --command "$line"; then
            __airlock_then accept-line
        else
            # `history -s` would take away the line before. Several lines would become
            # as many entries, so they stay to be changed.
            [[ $line == *$'\n'* ]] && return
            builtin history -r <(printf '%s\n' "$line")
            READLINE_LINE='' READLINE_POINT=0
        fi
    }

    __airlock_keys() {
        local map
        __airlock_then '""'
        for map in emacs vi-insert vi-command; do
            # shellcheck disable=SC2016 # Expanded when the key is typed.
            builtin bind -m "$map" -x '"\C-x\C-t": __airlock_typed=$READLINE_LINE'
            builtin bind -m "$map" '"\C-x\C-w": history-expand-line'
            builtin bind -m "$map" -x '"\C-x\C-g": __airlock_gate'
            # Every key that hands a line on: Enter, C-j, and C-o of the history.
            builtin bind -m "$map" '"\C-m": "\C-x\C-t\C-x\C-w\C-x\C-g\C-x\C-y"'
            builtin bind -m "$map" '"\C-j": "\C-x\C-t\C-x\C-w\C-x\C-g\C-x\C-y"'
            builtin bind -m "$map" '"\C-o": "\C-x\C-t\C-x\C-w\C-x\C-g\C-x\C-y"'
            # What an editor wrote would run without being asked about.
            builtin bind -m "$map" -r '\C-x\C-e'
        done
        builtin bind -m vi-command -r v
    }
    __airlock_keys
    unset -f __airlock_keys
fi
