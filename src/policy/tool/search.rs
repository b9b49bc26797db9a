//! Programs that search files.

use super::Operands::Any;
use super::{Tool, reads, tool};

const GREP: &str = "-E -F -G -P -i -v -w -x -c -l -L -n -H -h -o -q -s -a -I -r -R -z -b -T -U -Z -y \
    -e= -f= -m= -A= -B= -C= -d= -D= -# --extended-regexp --fixed-strings --basic-regexp \
    --perl-regexp --regexp= --file= --ignore-case --no-ignore-case --invert-match --word-regexp \
    --line-regexp --count --color? --colour? --files-without-match --files-with-matches \
    --max-count= --only-matching --quiet --silent --no-messages --byte-offset --with-filename \
    --no-filename --label= --line-number --initial-tab --null --after-context= --before-context= \
    --context= --text --binary-files= --devices= --directories= --exclude= --exclude-from= \
    --exclude-dir= --include= --recursive --dereference-recursive --line-buffered --binary \
    --null-data --version --help";
// --pre, --hostname-bin and -z start programs.
const RG: &str = "-A= -B= -C= -E= -F -H -I -L -M= -N -P -S -T= -U -V -a -b -c -d= -e= -f= -g= -h -i -j= \
    -l -m= -n -o -p -q -r= -s -t= -u -v -w -x -0 --after-context= --before-context= --context= \
    --context-separator= --encoding= --fixed-strings --with-filename --no-filename --follow \
    --max-columns= --max-columns-preview --no-line-number --line-number --pcre2 --smart-case \
    --type= --type-not= --type-list --multiline --multiline-dotall --text --byte-offset --count \
    --count-matches --max-depth= --regexp= --file= --glob= --iglob= --glob-case-insensitive \
    --help --ignore-case --case-sensitive --threads= --files --files-with-matches \
    --files-without-match --max-count= --only-matching --pretty --quiet --replace= --unrestricted \
    --invert-match --word-regexp --line-regexp --null --null-data --hidden --no-hidden \
    --no-ignore --no-ignore-vcs --no-ignore-parent --no-ignore-dot --no-ignore-global \
    --no-messages --heading --no-heading --color= --colors= --column --no-column --json --vimgrep \
    --trim --no-trim --sort= --sortr= --stats --no-stats --passthru --crlf --debug --trace \
    --no-config --engine= --field-context-separator= --field-match-separator= --include-zero \
    --max-filesize= --mmap --no-mmap --one-file-system --path-separator= --line-buffered \
    --block-buffered --no-require-git --no-unicode --version --ignore-file= --dfa-size-limit= \
    --regex-size-limit= --binary --no-binary --stop-on-nonmatch --auto-hybrid-regex -.";
// -x, -X start programs, -l starts ls.
const FD: &str = "-H -I -u -s -i -g -F -a -L -p -d= -t= -e= -E= -S= -c= -j= -0 -1 -q -h -V -# --hidden \
    --no-ignore --no-ignore-vcs --unrestricted --case-sensitive --ignore-case --glob --regex \
    --fixed-strings --absolute-path --follow --full-path --max-depth= --min-depth= --exact-depth= \
    --type= --extension= --exclude= --size= --changed-within= --changed-before= --newer= --older= \
    --owner= --color= --threads= --max-results= --print0 --quiet --strip-cwd-prefix --prune \
    --one-file-system --show-errors --path-separator= --help --version";

pub(super) const TOOLS: &[Tool] = &[
    // egrep and fgrep are scripts that look for grep in PATH.
    tool(&["grep"], &[reads(&[], GREP, Any)]),
    tool(&["rg"], &[reads(&[], RG, Any)]),
    tool(&["fd", "fdfind"], &[reads(&[], FD, Any)]),
];
