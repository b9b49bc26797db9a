# shellcheck shell=bash
# Startup gate of airlock-exec. Bash reads it first because BASH_ENV names it. A text
# (bash -c TEXT) goes to airlock-exec with bash's own arguments, and bash starts again
# if it may run. Anything else goes on with the BASH_ENV there was before.
if [[ -n ${BASH_EXECUTION_STRING+set} ]]; then
    # In this mode a function of the environment cannot stand in for exec or unset.
    # With allexport it would be seen by the command.
    [[ $- == *a* ]] || POSIXLY_CORRECT=y
    unset -f mapfile shopt
    airlock_exec_words=()
    if [[ -r /proc/self/cmdline ]] && ((BASH_VERSINFO[0] * 100 + BASH_VERSINFO[1] >= 404)); then
        mapfile -d '' -t airlock_exec_words </proc/self/cmdline
    fi
    if ((${#airlock_exec_words[@]} == 0)); then
        # What bash itself remembers of its arguments.
        airlock_exec_words=(bash)
        if shopt -q login_shell; then airlock_exec_words+=(-l); fi
        airlock_exec_flags=${-//[!aefkuvxC]/}
        if [[ -n $airlock_exec_flags ]]; then airlock_exec_words+=("-$airlock_exec_flags"); fi
        airlock_exec_words+=(-c "$BASH_EXECUTION_STRING" "$0" "$@")
    fi
    exec @PROGRAM@ gated-shell "$BASH" "${airlock_exec_words[@]}"
    exit 126
elif [[ -n ${AIRLOCK_EXEC_WAS_BASH_ENV-} ]]; then
    # Bash expands the value of BASH_ENV, and ignores a file that is not there.
    eval "if [[ -r \"$AIRLOCK_EXEC_WAS_BASH_ENV\" ]]; then . \"$AIRLOCK_EXEC_WAS_BASH_ENV\"; fi"
fi
