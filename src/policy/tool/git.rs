//! git: what reads the repository and runs nothing of it.
//!
//! `--ext-diff`, `--textconv`, `--output`, `--open-files-in-pager`,
//! `--show-signature`, `--remerge-diff` and everything that talks to a remote are
//! left out. What a repository's configuration can make these uses run is dealt
//! with by [`crate::policy::neutral`].

use super::Operands::{Any, AtMost, None};
use super::{Effect, Family, Seen, Tool, acts, connects, reads, tells, tool};

macro_rules! diff_options {
    () => {
        "-p -u -s --patch --no-patch -U= --unified= --raw --patch-with-raw --indent-heuristic \
         --no-indent-heuristic --minimal --patience --histogram --anchored= --diff-algorithm= \
         --stat? --compact-summary --numstat --shortstat --dirstat? --cumulative --summary \
         --patch-with-stat -z --name-only --name-status --color? --no-color --color-moved? \
         --no-color-moved --color-words? --word-diff? --word-diff-regex= --no-renames --check \
         --full-index --binary --abbrev? -B? -M? -C? -D -l= -S= -G= --find-object= --pickaxe-all \
         --pickaxe-regex -R --relative? --no-relative -a --text --ignore-cr-at-eol \
         --ignore-space-at-eol -b --ignore-space-change -w --ignore-all-space \
         --ignore-blank-lines -I= --inter-hunk-context= -W --function-context --exit-code --quiet \
         --no-ext-diff --no-textconv --src-prefix= --dst-prefix= --line-prefix= --no-prefix \
         --diff-filter= --find-renames? --find-copies? --find-copies-harder --cached --staged \
         --merge-base --base --ours --theirs -r -t -m -c --cc --root "
    };
}

macro_rules! log_options {
    () => {
        "--follow --decorate? --no-decorate --decorate-refs= --decorate-refs-exclude= --source \
         -L= --oneline --graph --all --branches? --tags? --remotes? --glob= --exclude= -n= \
         --max-count= -# --skip= --since= --after= --until= --before= --author= --committer= \
         --grep= --grep-reflog= --all-match --invert-grep -i --regexp-ignore-case -E \
         --extended-regexp -F --fixed-strings -P --perl-regexp --merges --no-merges \
         --min-parents= --max-parents= --first-parent --not -g --walk-reflogs --cherry-mark \
         --cherry-pick --cherry --left-right --left-only --right-only --boundary \
         --simplify-by-decoration --full-history --dense --sparse --simplify-merges \
         --ancestry-path? --date-order --author-date-order --topo-order --reverse --no-walk? \
         --format= --pretty? --abbrev-commit --no-abbrev-commit --encoding= --no-notes --date= \
         --parents --children --relative-date --mailmap --no-mailmap --no-diff-merges --count "
    };
}

const DIFF: &str = diff_options!();
const LOG: &str = concat!(diff_options!(), log_options!());
const STATUS: &str = "-s --short -b --branch --show-stash --porcelain? --long -v --verbose -u? \
    --untracked-files? --ignored? -z --column? --no-column --ahead-behind --no-ahead-behind \
    --renames --no-renames --find-renames?";
const BRANCH: &str = "--list -l -a --all -r --remotes -v --verbose --show-current --contains~ \
    --no-contains~ --merged~ --no-merged~ --points-at~ --sort= --format= --color? --no-color \
    --column? --no-column --abbrev? --no-abbrev -i --ignore-case";
const TAG: &str = "-l --list -n? --sort= --format= --contains~ --no-contains~ --merged~ \
    --no-merged~ --points-at~ --column? --no-column -i --ignore-case --color?";
const GREP: &str = "-n -i -l -w -c -E -F -G -P -e= -A= -B= -C= -h -H -I -a -v -o -q -L -W -p -f= \
    -m= -z -r --cached --untracked --and --or --not --max-depth= --heading --break --color? \
    --count --files-with-matches --files-without-match --name-only --line-number --ignore-case \
    --word-regexp --extended-regexp --fixed-strings --perl-regexp --column --show-function \
    --function-context --threads= --context= --after-context= --before-context= --max-count= \
    --only-matching --quiet --invert-match --full-name --exclude-standard --no-exclude-standard";
const REV_PARSE: &str = "--show-toplevel --git-dir --absolute-git-dir --is-inside-work-tree \
    --is-inside-git-dir --is-bare-repository --is-shallow-repository --abbrev-ref? --short? \
    --verify -q --quiet --symbolic --symbolic-full-name --show-prefix --show-cdup \
    --git-common-dir --all --branches? --tags? --remotes? --git-path= --show-object-format \
    --show-superproject-working-tree";
const LS_FILES: &str = "-c --cached -d --deleted -m --modified -o --others -i --ignored -s --stage \
    -u --unmerged -k --killed -z -x= --exclude= -X= --exclude-from= --exclude-standard \
    --error-unmatch --full-name --abbrev? --eol -t -v --deduplicate --format= --directory \
    --no-empty-directory --resolve-undo";
const BLAME: &str = "-L= -l -t -s -f -n -p -e -w -M? -C? -b --root --show-stats --porcelain \
    --line-porcelain --incremental --date= --since= --abbrev= --show-name --show-number \
    --show-email --ignore-rev= --color-lines --color-by-age --first-parent";
const REFS: &str = "--format= --sort= --count= --points-at= --merged~ --no-merged~ --contains~ \
    --no-contains~ --ignore-case --color?";

pub(super) const TOOLS: &[Tool] = &[tool(
    &["git"],
    &[
        tells(&["--version"], "", None),
        tells(&["version"], "--build-options", None),
        // What completions ask git for.
        tells(&["--list-cmds=main,others,alias,nohelpers"], "", None),
        tells(
            &["--list-cmds=list-mainporcelain,others,nohelpers,alias,list-complete,config"],
            "",
            None,
        ),
        tells(&["--list-cmds=main,nohelpers,alias,list-guide"], "", None),
        tells(&["--list-cmds=alias,list-guide"], "", None),
        tells(&["--list-cmds=parseopt"], "", None),
        reads(&["status"], STATUS, Any),
        reads(&["diff"], DIFF, Any),
        reads(&["diff-tree"], DIFF, Any),
        reads(&["log"], LOG, Any).checked(no_signature),
        reads(&["show"], LOG, Any).checked(no_signature),
        reads(&["rev-list"], LOG, Any).checked(no_signature),
        reads(&["reflog"], LOG, None).checked(no_signature),
        reads(&["reflog", "show"], LOG, Any).checked(no_signature),
        reads(&["stash", "list"], LOG, None).checked(no_signature),
        reads(&["stash", "show"], DIFF, AtMost(1)),
        reads(&["shortlog"], concat!(log_options!(), "-s -e --summary --numbered --email"), Any)
            .checked(no_signature),
        reads(&["branch"], BRANCH, Any).checked(listing),
        reads(&["tag"], TAG, Any).checked(listing),
        reads(&["remote"], "-v --verbose", None),
        reads(&["remote", "get-url"], "--push --all", AtMost(1)),
        tells(&["config", "--get"], "--show-origin --global --local", AtMost(1)),
        tells(
            &["config", "--list"],
            "--show-origin --show-scope --global --local --name-only",
            None,
        ),
        reads(&["rev-parse"], REV_PARSE, Any).refined(of_revisions),
        reads(&["ls-files"], LS_FILES, Any),
        reads(
            &["ls-tree"],
            "-r -d -t -l --long -z --name-only --full-name --full-tree --abbrev?",
            Any,
        ),
        reads(&["cat-file"], "-t -s -e -p", Any),
        reads(&["blame"], BLAME, Any),
        reads(
            &["describe"],
            "--all --tags --always --long --abbrev= --match= --exclude= --contains --exact-match \
             --first-parent --candidates=",
            Any,
        ),
        reads(&["merge-base"], "-a --all --is-ancestor --octopus --independent", Any),
        reads(&["name-rev"], "--name-only --tags --always --refs=", Any),
        reads(&["for-each-ref"], REFS, Any).checked(no_signature),
        reads(
            &["show-ref"],
            "--heads --tags -d --dereference --verify -q -s --hash? --abbrev?",
            Any,
        ),
        reads(&["symbolic-ref"], "--short -q --quiet", AtMost(1)),
        reads(&["worktree", "list"], "--porcelain -v --verbose -z", None),
        reads(&["grep"], GREP, Any),
        reads(&["check-ignore"], "-q -v -n --no-index", Any),
        reads(&["check-attr"], "-a --all", Any),
        reads(&["count-objects"], "-v -H", None),
        reads(&["cherry"], "-v --abbrev?", Any),
        acts(&["add"], "-A --all -u --update -v --verbose -n --dry-run -N --intent-to-add", Any),
        acts(
            &["commit"],
            "-m= --message= -a --all -v --verbose -q --quiet --amend --no-edit -s --signoff",
            Any,
        )
        .refined(of_message),
        connects(
            &["fetch"],
            "--all -p --prune --tags -v --verbose -q --quiet --dry-run",
            AtMost(2),
        )
        .checked(plain_names),
        connects(
            &["push"],
            "-u --set-upstream -v --verbose -q --quiet --tags --follow-tags -n --dry-run",
            AtMost(2),
        )
        .checked(plain_names),
    ],
)
.globals("--no-pager -P --no-optional-locks --literal-pathspecs --no-replace-objects")
.family(Family::Git)];

/// Options of `git rev-parse` that look up names and no objects.
const PLACES: &[&str] = &[
    "--show-toplevel",
    "--git-dir",
    "--absolute-git-dir",
    "--is-inside-work-tree",
    "--is-inside-git-dir",
    "--is-bare-repository",
    "--is-shallow-repository",
    "--abbrev-ref",
    "--short",
    "--verify",
    "-q",
    "--quiet",
    "--symbolic",
    "--symbolic-full-name",
    "--show-prefix",
    "--show-cdup",
    "--git-common-dir",
    "--git-path",
    "--show-object-format",
];

/// Without a message a commit opens an editor.
fn of_message(seen: &Seen<'_>) -> Effect {
    let has_message = ["-m", "--message", "--no-edit"].iter().any(|option| seen.has(option));
    if has_message { Effect::Acts } else { Effect::Edits }
}

/// Where nothing but the places of a repository and its references is asked for, this only
/// tells.
///
/// `:file` reads the index, `NAME:file` and `NAME~1` objects, which may be fetched, and a
/// name that could be a hash is looked for among objects.
fn of_revisions(seen: &Seen<'_>) -> Effect {
    let is_part = |byte: &u8| byte.is_ascii_alphanumeric() || b"._/-".contains(byte);
    let is_hash = |part: &[u8]| part.len() >= 4 && part.iter().all(u8::is_ascii_hexdigit);
    let is_name = |name: &[u8]| {
        let name = [&b"@{u}"[..], b"@{upstream}", b"@{push}"]
            .iter()
            .find_map(|end| name.strip_suffix(*end))
            .unwrap_or(name);
        // What `git describe` says ends with a hash.
        let end = name.rsplit(|byte| *byte == b'-').next().unwrap_or(name);
        name == b"@"
            || name.iter().all(is_part)
                && !name.windows(2).any(|pair| pair == b"..")
                && !is_hash(name)
                && !is_hash(end.strip_prefix(b"g").unwrap_or(b""))
    };
    let tells = seen.options.iter().all(|(option, _)| PLACES.contains(option))
        && seen.operands.iter().all(|word| word.known().is_some_and(is_name));
    if tells { Effect::Tells } else { Effect::Reads }
}

/// `%G?`, also as `%+G?`, and `%(signature)` start gpg.
fn no_signature(seen: &Seen<'_>) -> Result<(), &'static str> {
    let is_placeholder = |rest: &[u8]| {
        let behind = rest.iter().position(|byte| !b"+- ".contains(byte));
        behind.is_some_and(|at| rest[at] == b'G')
    };
    let starts_gpg = |value: &[u8]| {
        value.split(|byte| *byte == b'%').skip(1).any(is_placeholder)
            || value.windows(9).any(|part| part.eq_ignore_ascii_case(b"signature"))
    };
    let mut values =
        ["--format", "--pretty", "--sort"].into_iter().flat_map(|name| seen.values(name));
    if values.any(starts_gpg) { Err("a signature in the format starts gpg") } else { Ok(()) }
}

/// Options behind which names are patterns.
const LISTING: &[&str] =
    &["--list", "-l", "--contains", "--no-contains", "--merged", "--no-merged", "--points-at"];

/// `git branch NAME` makes a branch; only behind these options a name is a pattern.
fn listing(seen: &Seen<'_>) -> Result<(), &'static str> {
    no_signature(seen)?;
    if seen.operands.is_empty() || LISTING.iter().any(|option| seen.has(option)) {
        return Ok(());
    }
    Err("without --list this makes a branch or a tag")
}

/// A remote as a URL can start a program, one with a slash is a directory whose hooks run,
/// `+ref` forces and `:ref` deletes.
fn plain_names(seen: &Seen<'_>) -> Result<(), &'static str> {
    let plain = |byte: &u8| byte.is_ascii_alphanumeric() || b"._/-".contains(byte);
    let known = |word: &[u8]| !word.is_empty() && word[0] != b'.' && word.iter().all(plain);
    let is_path = |word: &[u8]| word.contains(&b'/');
    let remote = seen.operands.first().and_then(|word| word.known());
    if seen.operands.iter().all(|word| word.known().is_some_and(known))
        && !remote.is_some_and(is_path)
    {
        return Ok(());
    }
    Err("only plain names of remotes and branches are covered")
}
