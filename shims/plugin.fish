# airlock-exec for fish: asks about each line before this shell runs it.
# Written by `airlock-exec shell-plugin fish`; pipe it into `source` at the end of
# ~/.config/fish/config.fish.
#
# It stands before Enter. No answer, no program and no time-out lets a line through.
# The line is run by fish as always, in this shell. A text that goes on is edited as
# one until it is complete, and asked about as a whole. Abbreviations are written out
# first, and run when Enter is pressed again. Aliases and functions are run as they are, and shown by their name.

if status is-interactive
    set -g __airlock_exec @AIRLOCK_EXEC@

    function __airlock_enter
        set -l text (commandline --current-buffer | string collect)
        if not string match --quiet --regex '\S' -- "$text"
            commandline -f execute
            return
        end
        # An abbreviation is written out, and read, before it is run.
        if abbr --query -- (commandline --current-token); and test "$text" != "$__airlock_seen"
            set -g __airlock_seen $text
            commandline -f expand-abbr
            return
        end
        commandline --is-valid
        switch $status
            case 0
                echo
                if $__airlock_exec approve --shell fish --cwd "$PWD" --command "$text"
                    commandline -f execute
                else
                    commandline --replace ''
                    commandline -f repaint
                end
            case 2
                commandline --append \n
                commandline -f end-of-buffer
            case '*'
                commandline -f execute
        end
    end

    for mode in default insert
        bind -M $mode \r __airlock_enter
        bind -M $mode \n __airlock_enter
    end
end
