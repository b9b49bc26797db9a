//! Programs that read text and write it to standard output.

use super::Operands::{Any, AtMost};
use super::{Tool, options_first, reads, tool};

const CAT: &str = "-A -b -e -E -n -s -t -T -u -v --show-all --number --number-nonblank \
    --squeeze-blank --show-ends --show-tabs --show-nonprinting --version --help";
const HEAD: &str = "-n= -c= -q -v -z -# --lines= --bytes= --quiet --silent --verbose \
    --zero-terminated --version --help";
const TAIL: &str = "-n= -c= -f -F -q -s= -v -z -# --lines= --bytes= --follow? --quiet --silent \
    --verbose --retry --pid= --sleep-interval= --zero-terminated --version --help";
const WC: &str =
    "-c -m -l -L -w --bytes --chars --lines --max-line-length --words --version --help";
// -o writes a file, --compress-program starts one, -T says where to write.
const SORT: &str = "-b -d -f -g -h -i -M -n -r -R -V -c -C -k= -m -s -t= -u -z \
    --ignore-leading-blanks --dictionary-order --ignore-case --general-numeric-sort \
    --human-numeric-sort --month-sort --numeric-sort --random-sort --reverse --sort= \
    --version-sort --check? --key= --merge --stable --field-separator= --unique --zero-terminated \
    --version --help";
const UNIQ: &str = "-c -d -D -f= -i -s= -u -z -w= --count --repeated --all-repeated? --skip-fields= \
    --group? --ignore-case --skip-chars= --unique --zero-terminated --check-chars=";
const CUT: &str = "-b= -c= -d= -f= -n -s -z --bytes= --characters= --delimiter= --fields= \
    --complement --only-delimited --output-delimiter= --zero-terminated";

pub(super) const TOOLS: &[Tool] = &[
    tool(&["cat", "tac"], &[reads(&[], CAT, Any)]),
    tool(&["head"], &[reads(&[], HEAD, Any)]),
    tool(&["tail"], &[reads(&[], TAIL, Any)]),
    tool(&["wc"], &[reads(&[], WC, Any)]),
    tool(&["sort"], &[reads(&[], SORT, Any)]),
    // The second operand is the output file.
    tool(&["uniq"], &[reads(&[], UNIQ, AtMost(1)).checked(options_first)]),
    tool(&["cut"], &[reads(&[], CUT, Any)]),
    tool(
        &["tr"],
        &[reads(
            &[],
            "-c -C -d -s -t --complement --delete --squeeze-repeats --truncate-set1",
            Any,
        )],
    ),
    tool(&["nl"], &[reads(&[], "-b= -d= -f= -h= -i= -l= -n= -p -s= -v= -w=", Any)]),
    tool(&["rev"], &[reads(&[], "", Any)]),
    tool(&["fold"], &[reads(&[], "-b -s -w= --width= --spaces", Any)]),
    tool(&["fmt"], &[reads(&[], "-c -s -t -u -w= --width=", Any)]),
    tool(&["expand", "unexpand"], &[reads(&[], "-i -a -t= --tabs=", Any)]),
    tool(&["column"], &[reads(&[], "-t -s= -o= -c= -x --table --separator=", Any)]),
    tool(&["comm"], &[reads(&[], "-1 -2 -3 -# -i -z --check-order --nocheck-order --total", Any)]),
    tool(&["join"], &[reads(&[], "-a= -e= -i -j= -o= -t= -v= -z", Any)]),
    tool(&["paste"], &[reads(&[], "-d= -s -z --delimiters= --serial", Any)]),
    tool(&["seq"], &[reads(&[], "-f= -s= -w --format= --separator= --equal-width", AtMost(3))]),
    tool(
        &["base64", "base32"],
        &[reads(&[], "-d -D -i -w= --decode --ignore-garbage --wrap=", AtMost(1))],
    ),
];
