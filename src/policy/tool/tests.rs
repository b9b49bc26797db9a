//! Commands as they are typed, against the tables.

use super::*;

fn effect(line: &str) -> Result<Effect, Uncovered> {
    let words: Vec<Vec<u8>> =
        shell_words::split(line).expect("words").into_iter().map(String::into_bytes).collect();
    let words: Vec<Word<'_>> = words.into_iter().map(Word::literal).collect();
    let name = words[0].known().expect("a literal").to_vec();
    tool_named(&name).expect("a known tool").effect(&words)
}

#[test]
fn a_days_work_reads() {
    for line in [
        "git config --get user.name",
        "git rev-parse --show-toplevel",
        "git rev-parse --git-path hooks",
        "git rev-parse HEAD",
        "git rev-parse --abbrev-ref HEAD@{upstream}",
        "git rev-parse --verify -q feature/some-thing",
        "git --version",
    ] {
        assert_eq!(effect(line), Ok(Effect::Tells), "{line}");
    }
    for line in [
        "git status",
        "git --no-pager log --oneline -5",
        "git diff --stat HEAD~1 -- src",
        "git branch -a",
        "git branch --list 'f*'",
        "git show HEAD:Cargo.toml",
        "git log -S needle --since=yesterday",
        "ls -la1 src",
        "cat -n file",
        "grep -rn --include=*.rs TODO .",
        "rg -n -A3 -- -x src",
        "find . -name '*.rs' -mtime -7 -not -path './target/*'",
        "find src \\( -name a -o -name b \\) -print0",
        "sed -n '1,20p' f",
        "awk -F: '$3 == 0 || $1 { print $1 }' /etc/passwd",
        "head -5 f",
        "tail -n +3 f",
        "wc -l f g",
        "sort -t, -k2,2n f",
        "jq -r --arg a b '.[]' f",
        "date +%s",
        "uname -a",
        "[ -f x ]",
        "[ -f x -a ! -d y ]",
        "test -n x -o -e y",
        "jq .scripts.env package.json",
        "jq --arg a b '.[$a]' env/f",
        "ps -eo pid,cmd",
        "kubectl get pods -n web -o wide",
        "docker ps -a",
        "gh pr view 7 --comments",
        "gh pr view feature/a/b -R owner/name",
        "gh pr view https://github.com/a/b/pull/7",
        "gh repo view owner/name",
        "make --version",
        "ps aux",
        "xxd -l 16 f",
        "xxd -p -- f",
        "tree -aL 2 -P '*.rs' src",
        "tree -L2 -I target",
        "uniq -c f",
        "sed -n -e p f",
        "sed p f -n",
        "printf '%d' 5",
        "printf '%s' 'a[1]'",
        "git branch --merged main --sort=-committerdate",
        "git for-each-ref --contains HEAD --format='%(refname)'",
        "git log --format='%an %h %Cgreen'",
        "git rev-parse HEAD~1",
        "git rev-parse HEAD:src",
        "git rev-parse deadbeef",
        "git rev-parse v1-2-gdeadbeef",
        "git rev-parse a..b",
        "git rev-parse --all",
        "git rev-parse :f",
        "git rev-parse --show-superproject-working-tree",
    ] {
        assert_eq!(effect(line), Ok(Effect::Reads), "{line}");
    }
}

#[test]
fn what_runs_the_project_acts() {
    for line in [
        "npm ls --depth=0",
        "npm test -- --watch=false",
        "go test ./... -run X",
        "cargo test -q name",
        "make -j4 all",
        "git commit -am x",
        "git commit --amend --no-edit",
        "git add -A",
    ] {
        assert_eq!(effect(line), Ok(Effect::Acts), "{line}");
    }
    for line in ["git commit", "git commit -a --amend"] {
        assert_eq!(effect(line), Ok(Effect::Edits), "{line}");
    }
    for line in ["git fetch", "git push -u origin feature/x"] {
        assert_eq!(effect(line), Ok(Effect::Connects), "{line}");
    }
}

#[test]
fn what_writes_or_starts_something_is_not_covered() {
    for line in [
        "git log --output=x",
        "git -c core.pager=x log",
        "git -C /x status",
        "git branch new",
        "git tag v1",
        "git log --format=%G?",
        "git diff --ext-diff",
        "git status --ignore-submodules=none",
        "git config user.name x",
        "git grep -O./x y",
        "git push origin +main",
        "git fetch ext::sh",
        "git push /tmp/e.git main",
        "git fetch up/e.git",
        "git log --format=%+G?",
        "git show --format=%-GK",
        "git log --pretty='format:% GS'",
        "git for-each-ref --contains -- --format='%(signature)'",
        "git for-each-ref --no-merged -- --format='%(signature)'",
        "git branch --merged -- -D",
        "git tag --points-at -- -d x",
        "find . -delete",
        "find . -name -delete",
        "find . -exec rm {} ;",
        "rg --pre=sh x",
        "rg --pre sh x",
        "sort -uo x y",
        "uniq a b",
        "xxd a b",
        "date 0101",
        "date -s x",
        "hostname evil",
        "git shortlog --format=%G?",
        "xxd -ps a b",
        "xxd -l16 a b",
        "xxd a -p",
        "xxd a -c=b",
        "uniq a -c",
        "sed 'w out' f -e p",
        "tree -Po '*' out",
        "tree -Io x out",
        "tree -Lo 2 out",
        "tree -L2o out",
        "printf %d 'HOME[`id`]'",
        "printf '%*s' 'HOME[`id`]' x",
        "ps auxe",
        "printf %n PATH",
        "printf '%s %5n' x PATH",
        "printf -v 'a[$(id)]' x",
        "cd ..",
        "cd /tmp",
        "awk 'BEGIN{system(1)}'",
        "awk '{print > 1}' f",
        "awk -f x",
        "gawk 1 /inet/tcp/0/127.0.0.1/80",
        "gawk 'BEGIN{ARGV[1]=1;ARGC=2}'",
        "gawk 'BEGIN{SYMTAB[1]=1}'",
        "awk 'BEGIN{for(k in ENVIRON)print k}'",
        "jq -n env",
        "jq -n '$ENV.TOKEN'",
        "jq --arg a b '[env]'",
        "ps -o 'pid\tenviron'",
        "ps -o 'pid\nenviron'",
        "test -- = -- -a -v 'a[$(id)]'",
        "[ -- = -- -a -R 'a[$(id)]' ]",
        "gh pr list -R evil.example/a/b",
        "gh pr list --repo=https://evil.example/a/b",
        "gh pr view https://evil.example/a/b/pull/7",
        "gh pr view http://github.com/a/b/pull/7",
        "gh pr view https://github.com@evil.example/a/b/pull/7",
        "gh repo view evil.example/a/b",
        "gh repo view git@evil.example:a/b",
        "pytest @args",
        "pytest -k @args",
        "kubectl get secret x -o yaml",
        "kubectl --context prod get pods",
        "npm --prefix /x test",
        "go test -exec x ./...",
        "go test /tmp/evil",
        "make SHELL=x",
        "make --version x",
        "cargo test --config x",
        "pytest -p evil",
        "tree -o x",
        "tail -n",
    ] {
        assert!(effect(line).is_err(), "{line}");
    }
}
