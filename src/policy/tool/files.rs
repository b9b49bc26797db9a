//! Programs that look at files and directories.

use super::Operands::{Any, AtMost};
use super::{Seen, Tool, options_first, reads, tool};

const LS: &str = "-a -A -b -B -c -C -d -f -F -g -G -h -H -i -k -l -L -m -n -N -o -p -q -Q -r -R -s \
    -S -t -u -U -v -x -X -Z -1 -# -w= -I= --all --almost-all --author --escape --block-size= \
    --ignore-backups --color? --directory --classify? --file-type --format= --full-time \
    --group-directories-first --no-group --human-readable --si --dereference --hide= --hyperlink? \
    --indicator-style= --inode --ignore= --kibibytes --literal --numeric-uid-gid --quote-name \
    --quoting-style= --reverse --recursive --size --sort= --time= --time-style= --width= --zero \
    --version --help";
const STAT: &str = "-c= --format= --printf= -f -L -t --file-system --dereference --terse --version";
const FILE: &str = "-b --brief -i -I --mime --mime-type --mime-encoding -k -L --dereference -h \
    --no-dereference -s -E -F= --separator= -0 --version";
const DU: &str = "-a -b -c -d= -h -H -k -L -l -m -P -s -S -x -0 --all --max-depth= --apparent-size \
    --bytes --block-size= --human-readable --summarize --total --exclude= --time? --si -t= \
    --threshold= --inodes --one-file-system";
const DF: &str = "-a -h -H -i -k -l -P -T -t= -x= --all --human-readable --inodes --local --output? \
    --print-type --total --type= --si";
// -o writes a file, -H makes a page, -R starts tree again. Behind -P, -I and -L in one word
// stand more options, and behind -L perhaps a number.
const TREE: &str = "-a -d -f -i -L= -P: -I: -p -u -g -s -h -D -F -r -t -c -U -C -n -N -J -X -x \
    --noreport --gitignore --dirsfirst --filesfirst --prune --du --sort= --charset= --filelimit= \
    --matchdirs --ignore-case --si --inodes --device";
// -l, --paginate, starts pr.
const DIFF: &str = "-u -U= -c -C= -r -q -s -y -W= -i -w -b -B -E -Z -a -N -x= -I= -p -t -T -d -L= \
    --brief --unified? --context? --recursive --report-identical-files --side-by-side --width= \
    --ignore-case --ignore-all-space --ignore-space-change --ignore-blank-lines \
    --ignore-trailing-space --ignore-matching-lines= --text --new-file --exclude= --color? \
    --suppress-common-lines --normal --minimal --strip-trailing-cr --label= --show-c-function \
    --no-dereference --left-column --expand-tabs";
const SUMS: &str = "-b -c -t -z --binary --check --text --zero --quiet --status --strict --tag -w \
    --warn --ignore-missing";

pub(super) const TOOLS: &[Tool] = &[
    tool(&["ls", "dir", "vdir"], &[reads(&[], LS, Any)]),
    tool(&["stat"], &[reads(&[], STAT, Any)]),
    tool(&["file"], &[reads(&[], FILE, Any)]),
    tool(&["du"], &[reads(&[], DU, Any)]),
    tool(&["df"], &[reads(&[], DF, Any)]),
    tool(&["tree"], &[reads(&[], TREE, Any).checked(levels_are_numbers)]),
    tool(&["diff"], &[reads(&[], DIFF, Any)]),
    tool(&["cmp"], &[reads(&[], "-b -i= -l -n= -s --print-bytes --verbose --quiet --silent", Any)]),
    tool(&["basename"], &[reads(&[], "-a -s= -z --multiple --suffix= --zero", Any)]),
    tool(&["dirname"], &[reads(&[], "-z --zero", Any)]),
    tool(
        &["realpath"],
        &[reads(&[], "-e -m -L -P -q -s -z --relative-to= --relative-base= --no-symlinks", Any)],
    ),
    tool(&["readlink"], &[reads(&[], "-f -e -m -n -q -s -v -z --canonicalize --no-newline", Any)]),
    tool(
        &["md5sum", "sha1sum", "sha224sum", "sha256sum", "sha384sum", "sha512sum", "b2sum"],
        &[reads(&[], SUMS, Any)],
    ),
    tool(&["cksum", "sum"], &[reads(&[], "", Any)]),
    // The second operand is the output file.
    // Its options are no clusters: `-ps` is one, and takes no value.
    tool(
        &["xxd"],
        &[reads(&[], "single -a -b -c= -e -g= -i -l= -o= -p -ps -r -s= -u", AtMost(1))
            .checked(options_first)],
    ),
    tool(&["od"], &[reads(&[], "-A= -j= -N= -t= -v -w? -a -b -c -d -f -i -l -o -s -x", Any)]),
    tool(&["hexdump"], &[reads(&[], "-C -b -c -d -e= -n= -o -s= -v -x", Any)]),
    tool(&["strings"], &[reads(&[], "-a -f -n= -t= -o --all --bytes= --radix=", Any)]),
];

fn levels_are_numbers(seen: &Seen<'_>) -> Result<(), &'static str> {
    let is_number = |value: &[u8]| value.iter().all(u8::is_ascii_digit);
    if seen.values("-L").all(is_number) { Ok(()) } else { Err("the level is no number") }
}
