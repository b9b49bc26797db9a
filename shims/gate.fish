# Startup gate of airlock-exec. Fish reads it because XDG_DATA_DIRS leads here. A text
# (fish -c TEXT) goes to airlock-exec with fish's own arguments, and fish starts again if
# it may run. Fish has no variable with its text, so this needs /proc.
if test -r /proc/self/cmdline
    set -l words (string split0 </proc/self/cmdline)
    set -l value no
    for word in $words[2..-1]
        if test $value = yes
            set value no
            continue
        end
        switch $word
            case --command '--command=*' --init-command '--init-command=*'
                exec @PROGRAM@ gated-shell (status fish-path) $words
                exec /bin/sh -c 'exit 126'
            case --
                break
            case -d -o -f -p --debug --debug-output --features --profile --profile-startup
                set value yes
            case '--*'
            case '-*'
                # Letters behind one dash: the text may stand behind any of them.
                if string match -qr '[cC]' -- $word
                    exec @PROGRAM@ gated-shell (status fish-path) $words
                    exec /bin/sh -c 'exit 126'
                end
            case '*'
                break
        end
    end
end
