# airlock-exec for zsh: asks about each line before this shell runs it.
# Printed by `airlock-exec shell-plugin zsh`; eval it at the end of ~/.zshrc.
#
# It stands before every widget that hands a line on. No answer, no program and no
# time-out lets a line through. The line is run by zsh as always, in this shell, and
# lands in the history as it was typed. A text that goes on (a loop, a quote, a
# here-document) is edited as one until it is complete, and asked about as a whole.
# `!!` and its like are written out first, and run when Enter is pressed again.
#
# Aliases and functions of this shell are run as they are, and shown by their name.

if [[ -o interactive ]]; then
    typeset -g __airlock_exec=@AIRLOCK_EXEC@

    # Tells whether the text goes on in another line, or makes no sense to this shell.
    __airlock_goes_on() {
        local text="$1" rest word
        local MATCH MBEGIN MEND match mbegin mend
        [[ "$text" =~ '(^|[^\\])(\\\\)*\\$' ]] && return 0
        unset 'functions[__airlock_probe]'
        { functions[__airlock_probe]="$text" } 2>/dev/null
        (( ${+functions[__airlock_probe]} )) || return 0
        unset 'functions[__airlock_probe]'
        # A here-document without its end is no error to the parser.
        if [[ "$text" != *'(('* &&
            "$text" =~ '(^|[^<])<<-?[[:space:]]*["'\''\\]?([A-Za-z_][A-Za-z0-9_]*)(.*)$' ]]; then
            word="${match[2]}" rest="${match[3]}"
            [[ "$rest" =~ $'\n\t*'"$word"$'(\n|$)' ]] || return 0
        fi
        return 1
    }

    __airlock_accept() {
        local accept=.accept-line before="$BUFFER" text="$PREBUFFER$BUFFER"
        case "$WIDGET" in
            (*accept-and-hold) accept=.accept-and-hold ;;
            (*accept-line-and-down-history) accept=.accept-line-and-down-history ;;
            (*accept-and-infer-next-history) accept=.accept-and-infer-next-history ;;
        esac
        if [[ "$text" != *[^[:space:]]* ]]; then
            zle "$accept"
            return
        fi
        if [[ -o banghist ]]; then
            zle .expand-history
            if [[ "$BUFFER" != "$before" ]]; then
                zle -M 'Enter again runs it'
                return
            fi
        fi
        if __airlock_goes_on "$text"; then
            CURSOR="${#BUFFER}"
            LBUFFER+=$'\n'
            return
        fi
        zle -I
        if "$__airlock_exec" approve --shell zsh --cwd "$PWD" --command "$text"; then
            zle "$accept"
        else
            print -rs -- "$text"
            BUFFER=''
            [[ -z "$PREBUFFER" ]] || zle .send-break
        fi
    }

    () {
        local widget
        for widget in accept-line accept-and-hold accept-line-and-down-history \
            accept-and-infer-next-history; do
            zle -N "$widget" __airlock_accept
        done
    }
fi
