# Startup gate of airlock-exec. Zsh reads it first because ZDOTDIR leads here. A text
# (zsh -c TEXT) goes to airlock-exec with zsh's own arguments, and zsh starts again if it
# may run.
if [[ -n ${ZSH_EXECUTION_STRING+set} ]]; then
    () {
        emulate -L zsh
        local flags=${1//[^aeuvxC]/}
        shift
        local program=/proc/self/exe
        local -a words
        if [[ -r /proc/self/cmdline ]]; then
            program=${program:A}
            words=("${(@0)"$(</proc/self/cmdline)"}")
            # A NUL ends each argument, also the last.
            words[-1]=()
        else
            program=${commands[zsh]:-/bin/zsh}
            words=(zsh)
            if [[ -o login ]]; then words+=(-l); fi
            if [[ -n $flags ]]; then words+=(-$flags); fi
            words+=(-c "$ZSH_EXECUTION_STRING" "$ZSH_ARGZERO" "$@")
        fi
        exec @PROGRAM@ gated-shell "$program" "${words[@]}"
    } "$-" "$@"
    exit 126
fi
