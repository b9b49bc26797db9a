//! Texts that somebody really writes, with and without secrets.

use super::*;
use crate::request::marker::Marker;

fn shown(text: &str) -> String {
    masked(text, Context::new(&Marker::for_tests()))
}

#[test]
fn hides_secrets_in_a_text_for_a_shell() {
    for text in [
        "cd x && curl -u me:hunter2 https://example.org",
        "curl -u 'me:hunter2' x; ls",
        "curl --user=\"me:hunter2\" x",
        "echo $(curl -u me:hunter2 x)",
        "x=1\nmysql -p'hunter2' <dump.sql",
        "curl -H \"Authorization: Bearer hunter2\" x",
        "ssh h 'mysql -phunter2 db'",
        "API_TOKEN=hunter2 make | tee x",
        "a; x --token hunter2; b",
        "git clone https://me:hunter2@h/x $DIR",
    ] {
        let shown = shown(text);
        assert!(!shown.contains("hunter2") && shown.contains("redacted"), "{text}: {shown}");
    }
}

#[test]
fn a_command_goes_on_behind_what_it_has_within_it() {
    for text in [
        "curl $(cat url) -u me:hunter2",
        "curl `cat url` -u me:hunter2",
        "curl <(cat x) -u me:hunter2",
        "curl x 2>&1 -u me:hunter2",
        "curl x &>log -u me:hunter2",
        "x --token <in hunter2",
        "x --token 2>err hunter2",
        "curl <<EOF -u me:hunter2\nbody\nEOF",
        "echo \"$(curl -u me:hunter2 x)\"",
        "echo \"$(curl -u \"me:hunter2\" x)\" y",
        "echo \"`curl -u me:hunter2 x`\"",
        "git commit -m \"$(curl -u me:hunter2 x)\"",
        "curl -u \"me:hunter2",
    ] {
        let shown = shown(text);
        assert!(!shown.contains("hunter2") && shown.contains("redacted"), "{text}: {shown}");
    }
}

#[test]
fn prose_that_quotes_a_secret_does_not_show_it() {
    for text in [
        "git commit -m 'restored with mysql -u root -phunter2'",
        "git commit -m 'run it with --password hunter2, not without'",
        "git commit -am \"don't use --password hunter2 there, it's known\"",
        "git commit -m 'Authorization: Bearer hunter2 was logged'",
        "git commit --message='drop API_KEY=hunter2 of the example'",
        "git commit -F - <<'EOF'\nrevoke\n\nIt was --token hunter2.\nEOF",
        "git commit -m \"$(cat <<'EOF'\nfix: don't curl -u me:hunter2\nEOF\n)\"",
        "gh pr create --title x --body 'it was curl -u me:hunter2 before'",
        "echo 'mysql --password hunter2' | sh",
        "echo \"curl -u me:hunter2 x\" > run",
        "grep -rn -- password=hunter2 .",
        "grep x y; mysql --password hunter2",
        "cat <<EOF | mysql -phunter2\nselect 1\nEOF",
        "bash <<EOF\nmysql -phunter2\nEOF",
    ] {
        let shown = shown(text);
        assert!(!shown.contains("hunter2") && shown.contains("redacted"), "{text}: {shown}");
    }
}

#[test]
fn leaves_what_is_only_said() {
    for text in [
        "git commit -m \"document the --password option\"",
        "git commit -m 'the --token flag takes --api-key too' && git push",
        "git commit -am 'sshpass -p is refused; zip -P as well'",
        "git commit -m \"document the `--token` option\"",
        "git commit --message='Authorization: is masked now'",
        "git commit -m 'support --token=TOKEN and --password <password> everywhere'",
        "git tag -a v1 -m 'docker login -p may be used again'",
        "git commit -m \"$(cat <<'EOF'\nfix: the --password option\n\nDon't say --token to it.\nEOF\n)\"",
        "git commit -F - <<'EOF'\nname --secret as it is\nEOF",
        "gh pr create --title 'the --token option' --body 'x --password and y'",
        "gh auth login --with-token < token.txt",
        "echo 'usage: x --token <token> [--password PASSWORD]'",
        "printf '%s\\n' 'give --password or --token'",
        "cat > README.md <<'EOF'\n--token is read from the environment.\nEOF",
        "grep -rn -- --token src",
        "rg -e --password docs && rg -- --api-key tests",
        "docker login --password-stdin registry.example <pw",
        "ansible-playbook --ask-become-pass site.yml",
        "adduser --disabled-password alice",
        "llm --max-tokens 200 'a question'",
        "vault write x --token-ttl 1h --token-type=batch",
    ] {
        assert_eq!(shown(text), text);
    }
}

#[test]
fn leaves_everything_else_as_it_is() {
    for text in [
        "  cd \"a b\" &&  ls -l 'x' >y 2>&1 ",
        "curl -u \"me:$PASSWORD\" x",
        "curl x; git push -u a:b",
        "mysql -p db; ssh -p 22 h | mkdir -p x",
        "x --token \"$TOKEN\" next",
        "echo 'it is \"so\"' \\; 'open",
        "echo ü‹›\u{a0}ä\n",
        "cat <<EOF >x\nno end of it",
        "a) b;; (c; `d`) ) ` <<",
        "x <<<\"$y\" $((1 + (2))) \"$(",
    ] {
        assert_eq!(shown(text), text);
    }
}

#[test]
fn a_text_that_is_no_shells_comes_to_an_end() {
    for text in
        ["git commit -m 'don't have a '.exe' extension'", "it's \"a '\" \"b\" c' d", "'\"'\"' '\""]
    {
        assert_eq!(shown(text), text);
    }
    let deep = ["$(", "\"$(", "`(", "x \"'"].map(|each| each.repeat(20_000));
    for text in deep {
        assert!(shown(&text).len() <= text.len() + 40);
    }
    let within = format!("{}x --token hunter2", "\"$(".repeat(200));
    assert!(!shown(&within).contains("hunter2"));
}
