//! Real command lines, and what is found in them.

use super::super::table;
use super::*;

fn reading(command: &str) -> Reading {
    let words: Vec<OsString> =
        shell_words::split(command).unwrap().into_iter().map(OsString::from).collect();
    read(table::tool(words[0].to_str().unwrap()).unwrap(), &words[1..])
}

fn files(command: &str) -> Vec<String> {
    let found = reading(command);
    assert_eq!(found.source, Source::Files, "{command}");
    found.files.iter().map(|path| path.to_str().unwrap().to_owned()).collect()
}

#[test]
fn finds_the_script_behind_the_options() {
    for command in [
        "bash x.py a b",
        "sh -e x.py",
        "sh -- x.py",
        "bash - x.py",
        "bash -euo pipefail x.py -c",
        "bash +o posix -O extglob x.py",
        "bash -oe pipefail x.py",
        "bash -Oe extglob x.py",
        "sh +oe posix x.py",
        "zsh -oextendedglob x.py",
        "tcsh -f x.py",
        "python x.py -c 1",
        "python3.11 -u x.py",
        "python3 -W ignore -Xdev -- x.py",
        "node --max-old-space-size=4096 x.py",
        "node -C dev x.py",
        "perl -w -I lib x.py",
        "perl -Ilib -MData::Dumper x.py",
        "ruby -I lib -W0 x.py",
        "php -d a=b x.py",
        "php -f x.py",
        "awk -F: -f x.py data",
        "sed -n -fx.py data",
        "deno run --allow-net x.py",
        "go run x.py",
        "ansible-playbook -i hosts x.py",
        "pwsh -File x.py",
        "java -cp lib -jar x.py",
        "make -fx.py all",
        "make all --file=x.py",
        "make --makef x.py all",
        "kubectl -n prod apply -f x.py",
        "docker build . -t name -f x.py",
        "docker buildx build -f x.py .",
    ] {
        assert_eq!(files(command), ["x.py"], "{command}");
    }
}

#[test]
fn finds_each_file_that_options_name() {
    assert_eq!(files("bash --rcfile rc x.sh"), ["rc", "x.sh"]);
    assert_eq!(files("node -r ./a.js --require=./b.js c.js"), ["./a.js", "./b.js", "c.js"]);
    assert_eq!(files("docker compose -f a.yml -f b.yml up"), ["a.yml", "b.yml"]);
}

#[test]
fn finds_no_file_where_the_program_is_text_or_a_module() {
    for command in [
        "sh -c 'echo x' name",
        "bash -ec 'echo x'",
        "python -c 'print(1)' x.py",
        "python -Ic 'print(1)'",
        "perl -lne 'print' x.py",
        "perl -0777 -pi.bak -e 's/a/b/' x.py",
        "ruby -ne 'puts 1' x.py",
        "node -e '1' x.py",
        "node -pe '1'",
        "php -r 'echo 1;'",
    ] {
        let found = reading(command);
        assert_eq!((found.source, found.files.len()), (Source::Text, 0), "{command}");
    }
    assert_eq!(reading("python3 -m http.server 80").source, Source::Module);
}

#[test]
fn tells_when_the_program_comes_through_standard_input() {
    for command in [
        "sh",
        "bash -s a b",
        "bash -es a",
        "bash -",
        "bash --",
        "bash --login",
        "bash /dev/stdin",
        "python",
        "python -",
        "python3 -u - a b",
        "node -",
        "node",
        "perl",
        "perl - a",
        "ruby -W0",
        "php",
        "make -f -",
        "sed -f - data",
        "kubectl apply -f -",
    ] {
        assert_eq!(reading(command).source, Source::Input, "{command}");
    }
}

#[test]
fn leaves_standard_input_alone_where_it_is_data() {
    for command in [
        "bash --version",
        "python -V",
        "python3 --help",
        "node -v",
        "perl -v",
        "awk '{print}'",
        "sed s/a/b/",
        "jq .",
        "psql db",
        "make",
        "npm test",
        "docker run -i image sh",
        "kubectl get pods",
    ] {
        assert_eq!(reading(command).source, Source::Files, "{command}");
    }
}

#[test]
fn finds_the_command_inside() {
    for command in [
        "env A=1 B=2 sh x",
        "env -i -u HOME sh x",
        "env -S 'sh x'",
        "timeout -k 5 10 sh x",
        "nice -n 5 sh x",
        "sudo -u root A=1 sh x",
        "stdbuf -oL sh x",
        "nohup sh x",
        "flock -w 5 lock sh x",
        "xargs -0 -n1 -I {} sh x",
        "setpriv --reuid 1000 sh x",
        "unshare -r sh x",
        "prlimit --nofile=10 sh x",
        "watch -n 5 sh x",
        "timeout --kill 5 10 sh x",
        "env - A=1 sh x",
        "uv run --with requests sh x",
    ] {
        assert_eq!(reading(command).command, ["sh", "x"], "{command}");
    }
}

#[test]
fn knows_where_the_command_inside_is_looked_up() {
    let set = |path: &str| Some(SearchPath::Set(path.into()));
    for (command, path) in [
        ("env A=1 tool", None),
        ("env PATH=/a:/b tool", set("/a:/b")),
        ("env PATH=/a PATH=/b tool", set("/b")),
        ("env -i tool", Some(SearchPath::Unset)),
        ("env - tool", Some(SearchPath::Unset)),
        ("env --ignore-env A=1 tool", Some(SearchPath::Unset)),
        ("env -u PATH tool", Some(SearchPath::Unset)),
        ("env -uPATH tool", Some(SearchPath::Unset)),
        ("env --unset=PATH tool", Some(SearchPath::Unset)),
        ("env -u HOME tool", None),
        ("env -i PATH=/a tool", set("/a")),
        ("sudo PATH=/a tool", set("/a")),
    ] {
        let found = reading(command);
        assert_eq!((found.command, found.path), (vec!["tool".into()], path), "{command}");
    }
}

#[test]
fn follows_the_directory_it_is_sent_to() {
    let found = reading("make -C a -f x --directory=b");
    assert_eq!((found.directory, found.files), ("a/b".into(), vec!["x".into()]));
    assert_eq!(reading("env -C a make").directory, PathBuf::from("a"));
    assert_eq!(reading("docker build -t x ctx").place, Some("ctx".into()));
}

#[test]
fn finds_every_file_where_several_run() {
    assert_eq!(files("go run a.go b.go c d.go"), ["a.go", "b.go"]);
    assert_eq!(files("go run ./cmd b.go c"), ["./cmd", "b.go"]);
    assert_eq!(files("ansible-playbook -i hosts a.yml b.yml"), ["a.yml", "b.yml"]);
    assert_eq!(files("java -cp lib F.java a.java"), ["F.java"]);
    assert_eq!(files("java -cp lib Main a.java").len(), 0);
    assert_eq!(files("lua -l m f.lua a.lua"), ["f.lua"]);
}

#[test]
fn a_text_that_runs_beside_a_file_does_not_hide_it() {
    for (command, source) in [
        ("lua -e x f.lua", Source::Text),
        ("lua -i f.lua", Source::Input),
        ("lua -e x -i f.lua", Source::Input),
    ] {
        let found = reading(command);
        assert_eq!((found.source, found.files), (source, vec!["f.lua".into()]), "{command}");
    }
    assert_eq!(reading("lua -e x").source, Source::Text);
    assert_eq!(reading("lua -e x -").source, Source::Input);
    assert_eq!(reading("lua").source, Source::Input);
}

#[test]
fn every_operand_may_be_the_file_behind_an_option_that_nobody_knows() {
    let candidates = |command| reading(command).candidates;
    for command in ["node --odd x a.js", "python --odd x a.js", "ruby --odd x a.js"] {
        assert_eq!(candidates(command), [PathBuf::from("x"), "a.js".into()], "{command}");
    }
    assert_eq!(candidates("bun f.js x"), [PathBuf::from("f.js")]);
    assert_eq!(candidates("uv run f.py x"), [PathBuf::from("f.py")]);
    for command in ["node --odd=x a.js b", "node --no-warnings a.js b", "bun install", "uv run x"] {
        assert!(candidates(command).is_empty(), "{command}");
    }
}
