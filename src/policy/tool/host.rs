//! Programs that tell about the machine, the user and the time.

use super::Operands::{Any, AtMost, None};
use super::{Seen, Tool, reads, tool};

const DATE: &str = "-u -d= -r= -R -I? --utc --universal --date= --reference= --iso-8601? --rfc-3339= \
    --rfc-email --version --help";
const ID: &str = "-a -g -G -n -r -u -z -Z --group --groups --name --real --user --zero";
const UNAME: &str = "-a -s -n -r -v -m -p -i -o --all --kernel-name --nodename --kernel-release \
    --kernel-version --machine --processor --operating-system";

pub(super) const TOOLS: &[Tool] = &[
    tool(&["date"], &[reads(&[], DATE, AtMost(1)).checked(only_a_format)]),
    tool(&["whoami", "arch", "uptime", "logname"], &[reads(&[], "--version --help", None)]),
    tool(&["id"], &[reads(&[], ID, AtMost(1))]),
    tool(&["groups"], &[reads(&[], "", AtMost(1))]),
    tool(&["uname"], &[reads(&[], UNAME, None)]),
    // An operand, or -F, sets the name.
    tool(&["hostname"], &[reads(&[], "-f -s -i -I -d --fqdn --short --ip-address", None)]),
    tool(&["nproc"], &[reads(&[], "--all --ignore=", None)]),
    tool(&["tty"], &[reads(&[], "-s --silent --quiet", None)]),
    tool(&["which"], &[reads(&[], "-a -s --all", Any)]),
    tool(
        &["free"],
        &[reads(&[], "-b -k -m -g -h -t -w -l --human --total --wide --mega --giga", None)],
    ),
    tool(&["lscpu", "lsblk"], &[reads(&[], "-a -J -f -p", None)]),
    tool(
        &["ps"],
        &[reads(&[], "-e -f -a -A -u= -x -p= -o= -F -l -j -C= --sort= --no-headers", AtMost(1))
            .checked(no_environment)],
    ),
];

/// `e` among the letters of BSD shows the environment of processes.
fn no_environment(seen: &Seen<'_>) -> Result<(), &'static str> {
    let letters =
        |word: &[u8]| !word.is_empty() && word.iter().all(|each| b"auxwfj".contains(each));
    let columns = |value: &[u8]| {
        // Whatever stands between the columns.
        let mut words = value.split(|byte| !byte.is_ascii_alphanumeric() && *byte != b'_');
        words.all(|word| !matches!(word, b"env" | b"environ"))
    };
    let shows = seen.operands.iter().all(|word| word.known().is_some_and(letters));
    if shows && seen.values("-o").all(columns) { Ok(()) } else { Err("can show environments") }
}

/// Any operand but `+FORMAT` sets the clock.
fn only_a_format(seen: &Seen<'_>) -> Result<(), &'static str> {
    let is_format = |word: &[u8]| word.starts_with(b"+");
    if seen.operands.iter().all(|word| word.known().is_some_and(is_format)) {
        return Ok(());
    }
    Err("an operand that is no format sets the clock")
}
