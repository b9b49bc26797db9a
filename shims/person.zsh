# What the person has in @FILE@, where the person has it.
if [[ -n ${AIRLOCK_EXEC_WAS_ZDOTDIR+set} ]]; then
    ZDOTDIR=$AIRLOCK_EXEC_WAS_ZDOTDIR
else
    unset ZDOTDIR
fi
# macOS puts the history into ZDOTDIR before it comes to this.
if [[ ${HISTFILE-} == @DIRECTORY@/* ]]; then
    HISTFILE=${ZDOTDIR:-$HOME}/${HISTFILE:t}
fi
if [[ -r ${ZDOTDIR:-$HOME}/@FILE@ ]]; then
    source "${ZDOTDIR:-$HOME}/@FILE@"
fi
# The next file, and every zsh that is started from here, comes by here again.
if [[ -n ${ZDOTDIR+set} ]]; then
    export AIRLOCK_EXEC_WAS_ZDOTDIR=$ZDOTDIR
else
    unset AIRLOCK_EXEC_WAS_ZDOTDIR
fi
export ZDOTDIR=@DIRECTORY@
