//! Programs that ask another machine, with the user's credentials.

use super::Operands::{Any, AtMost, None};
use super::{Family, Seen, Tool, reads, tool};

// Not --context, --kubeconfig, --server, --raw, -f: they say whom to ask, and for what.
const KUBECTL: &str = "-o= --output= -n= --namespace= -A --all-namespaces -l= --selector= -w --watch \
    --show-labels --sort-by= --no-headers --field-selector= -L= --label-columns= --ignore-not-found \
    --chunk-size= --show-kind";
const LOGS: &str = "-n= --namespace= -f --follow --tail= --since= --since-time= -p --previous -c= \
    --container= --all-containers --timestamps --prefix -l= --selector= --limit-bytes=";
const DOCKER: &str = "-a --all -q --quiet --no-trunc -f= --filter= --format= -n= --last= -l --latest -s \
    --size --digests --tree";
// Not --web: it starts a browser.
const GH: &str = "-R= --repo= -L= --limit= -s= --state= --json= -q= --jq= -t= --template= -a= \
    --assignee= -A= --author= -l= --label= -B= --base= -H= --head= -S= --search= -c --comments \
    --name-only --patch --log --log-failed -j= --job= -b= --branch= -d --draft -m= --milestone= \
    --required -v --verbose --exit-status --color= -u= --user= -e= --event= --status=";

pub(super) const TOOLS: &[Tool] = &[
    tool(
        &["kubectl"],
        &[
            reads(&["get"], KUBECTL, Any).checked(no_secrets),
            reads(&["describe"], KUBECTL, Any).checked(no_secrets),
            reads(&["logs"], LOGS, Any),
            reads(&["top"], KUBECTL, Any),
            reads(&["explain"], "--recursive --api-version=", AtMost(1)),
            reads(&["api-resources"], "-o= --namespaced? --verbs= --no-headers", None),
            reads(&["api-versions"], "", None),
            reads(&["version"], "--client -o= --output= --short", None),
            reads(&["cluster-info"], "", None),
            reads(&["config", "current-context"], "", None),
            reads(&["config", "get-contexts"], "-o= --no-headers", AtMost(1)),
            reads(&["rollout", "status"], "-n= --namespace= -w? --watch? --timeout=", AtMost(2)),
            reads(&["rollout", "history"], "-n= --namespace= --revision=", AtMost(2)),
            reads(&["auth", "can-i"], "-n= --namespace= -A --list -q", Any),
        ],
    )
    .family(Family::Cloud),
    tool(
        &["docker"],
        &[
            reads(&["ps"], DOCKER, None),
            reads(&["images"], DOCKER, AtMost(1)),
            reads(&["image", "ls"], DOCKER, AtMost(1)),
            reads(&["container", "ls"], DOCKER, None),
            reads(&["volume", "ls"], DOCKER, None),
            reads(&["network", "ls"], DOCKER, None),
            reads(
                &["logs"],
                "-f --follow --tail= -n= --since= --until= -t --timestamps",
                AtMost(1),
            ),
            reads(&["inspect"], "-f= --format= -s --size --type=", Any),
            reads(&["top"], "", AtMost(1)),
            reads(&["stats"], "-a --all --no-stream --no-trunc --format=", Any),
            reads(&["port"], "", AtMost(2)),
            reads(&["history"], "-q -H --no-trunc --format=", AtMost(1)),
            reads(&["version"], "-f= --format=", None),
            reads(&["info"], "-f= --format=", None),
            reads(&["--version"], "", None),
        ],
    )
    .family(Family::Cloud),
    tool(
        &["gh"],
        &[
            reads(&["pr", "list"], GH, None).checked(of_github),
            reads(&["pr", "view"], GH, AtMost(1)).checked(of_github),
            reads(&["pr", "status"], GH, None).checked(of_github),
            reads(&["pr", "checks"], GH, AtMost(1)).checked(of_github),
            reads(&["pr", "diff"], GH, AtMost(1)).checked(of_github),
            reads(&["issue", "list"], GH, None).checked(of_github),
            reads(&["issue", "view"], GH, AtMost(1)).checked(of_github),
            reads(&["issue", "status"], GH, None).checked(of_github),
            reads(&["run", "list"], GH, None).checked(of_github),
            reads(&["run", "view"], GH, AtMost(1)).checked(of_github),
            reads(&["release", "list"], GH, None).checked(of_github),
            reads(&["release", "view"], GH, AtMost(1)).checked(of_github),
            reads(&["repo", "view"], GH, AtMost(1)).checked(repository_of_github),
            reads(&["auth", "status"], "", None),
            reads(&["--version"], "", None),
        ],
    )
    .family(Family::GitHost),
];

fn no_secrets(seen: &Seen<'_>) -> Result<(), &'static str> {
    let names_secret =
        |word: &[u8]| word.windows(6).any(|part| part.eq_ignore_ascii_case(b"secret"));
    // `kubectl get all` does not list secrets, a raw template can read them.
    if seen.operands.iter().any(|word| word.known().is_none_or(names_secret)) {
        return Err("shows secrets");
    }
    Ok(())
}

/// What names another host sends it a token, and what is asked for.
fn of_github(seen: &Seen<'_>) -> Result<(), &'static str> {
    let mut repositories = seen.values("-R").chain(seen.values("--repo"));
    // A branch may have any number of slashes.
    let is_of_github =
        |word: &[u8]| word.starts_with(GITHUB) || !word.windows(3).any(|part| part == b"://");
    let mut operands = seen.operands.iter();
    if repositories.all(is_repository)
        && operands.all(|word| word.known().is_some_and(is_of_github))
    {
        return Ok(());
    }
    Err(OTHER_HOST)
}

fn repository_of_github(seen: &Seen<'_>) -> Result<(), &'static str> {
    let is_named = |word: &[u8]| is_repository(word) || word.starts_with(GITHUB);
    if seen.operands.iter().all(|word| word.known().is_some_and(is_named)) {
        return of_github(seen);
    }
    Err(OTHER_HOST)
}

/// `OWNER/NAME`: with more in front of it there is a host.
fn is_repository(word: &[u8]) -> bool {
    word.split(|byte| *byte == b'/').count() <= 2 && !word.contains(&b':')
}

const GITHUB: &[u8] = b"https://github.com/";
const OTHER_HOST: &str = "could name another host than github.com";
