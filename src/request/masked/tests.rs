//! Words of commands, with and without secrets.

use super::*;

fn line(words: &[&str]) -> String {
    let words: Vec<OsString> = words.iter().map(OsString::from).collect();
    masked(&words, &Marker::for_tests()).join(" ")
}

#[test]
fn hides_what_a_program_takes_as_a_secret() {
    for (words, shown) in [
        (&["curl", "-u", "me:hunter2", "x"][..], "curl -u me:@ x"),
        (&["curl", "-ume:hunter2", "x"], "curl -ume:@ x"),
        (&["curl", "-sSfu", "me:hunter2"], "curl -sSfu me:@"),
        (&["/usr/bin/curl", "--user", "me:hunter2"], "/usr/bin/curl --user me:@"),
        (&["curl", "--user=me:hunter2"], "curl --user=me:@"),
        (&["curl", "-U", "me:hunter2"], "curl -U me:@"),
        (&["curl", "--proxy-user", "me:hunter2"], "curl --proxy-user me:@"),
        (&["curl", "-u", ":hunter2"], "curl -u :@"),
        (&["curl", "-u", "me:-hunter2"], "curl -u me:@"),
        (&["sshpass", "-p", "hunter2", "ssh", "-p", "22", "h"], "sshpass -p @ ssh -p 22 h"),
        (&["sshpass", "-vphunter2", "ssh"], "sshpass -vp@ ssh"),
        (&["sshpass", "-P", "word:", "-p", "hunter2", "x"], "sshpass -P word: -p @ x"),
        (&["sshpass", "-p", "hunter2", "mysql", "-phunter2"], "sshpass -p @ mysql -p@"),
        (&["mysql", "-uroot", "-phunter2", "db"], "mysql -uroot -p@ db"),
        (&["mysql", "--password=hunter2", "db"], "mysql --password=@ db"),
        (&["sudo", "mysqldump", "-phunter2"], "sudo mysqldump -p@"),
        (&["docker", "exec", "db", "mariadb", "-phunter2"], "docker exec db mariadb -p@"),
        (&["redis-cli", "-h", "h", "-a", "hunter2", "ping"], "redis-cli -h h -a @ ping"),
        (&["redis-cli", "--pass", "hunter2"], "redis-cli --pass @"),
        (&["docker", "login", "-u", "me", "-p", "hunter2", "r.io"], "docker login -u me -p @ r.io"),
        (&["podman", "login", "-phunter2", "r.io"], "podman login -p@ r.io"),
        (&["docker", "login", "--password", "hunter2"], "docker login --password @"),
        (&["psql", "postgres://me:hunter2@h/db"], "psql postgres://@@h/db"),
        (&["psql", "host=h password=hunter2 user=me"], "psql host=h password=@ user=me"),
        (&["smbclient", "//h/s", "-U", "me%hunter2"], "smbclient //h/s -U me%@"),
        (&["openssl", "rsa", "-passin", "pass:hunter2"], "openssl rsa -passin pass:@"),
        (&["zip", "-rP", "hunter2", "x.zip", "x"], "zip -rP @ x.zip x"),
        (&["7z", "a", "-phunter2", "x.7z"], "7z a -p@ x.7z"),
        (&["ldapsearch", "-xw", "hunter2", "-W"], "ldapsearch -xw @ -W"),
    ] {
        assert_eq!(without_marks(&line(words)), shown, "{words:?}");
    }
}

/// Puts a plain sign in the place of each mark.
fn without_marks(text: &str) -> String {
    let pieces = text.split('‹').map(|each| each.split_once('›').map_or(each, |each| each.1));
    pieces.collect::<Vec<_>>().join("@")
}

#[test]
fn hides_secrets_wherever_they_usually_stand() {
    let token = "ghp_0123456789abcdefghijABCDEFGHIJ012345";
    for words in [
        &["x", "--token", "hunter2"][..],
        &["x", "--password=hunter2"],
        &["env", "API_KEY=hunter2", "make"],
        &["x", "--api-key", "hunter2"],
        &["curl", "-H", "Authorization: Bearer hunter2"],
        &["curl", "-HAuthorization: Bearer hunter2"],
        &["curl", "--header=x-api-key: hunter2"],
        &["git", "clone", "https://me:hunter2@example.org/x"],
    ] {
        let shown = line(words);
        assert!(!shown.contains("hunter2") && shown.contains("redacted"), "{shown}");
    }
    for text in [token.to_owned(), format!("curl -d '{token}' x"), format!("a={token};")] {
        assert!(!line(&["sh", "-c", &text]).contains(token), "{text}");
    }
}

#[test]
fn an_address_shows_whatever_could_be_run() {
    let marker = Marker::for_tests();
    let shown = |text: &str| address(OsStr::new(text), &marker);
    assert!(!shown("https://me:hunter2@example.org/x").contains("hunter2"));
    for text in ["ext::sh -c 'x --token ;evil'", "ext::curl -u a:evil x", "password=evil"] {
        assert_eq!(shown(text), text);
    }
}

#[test]
fn leaves_program_options_hosts_and_paths() {
    for words in [
        &["git", "push", "--force", "origin", "main"][..],
        &["ssh", "me@example.org", "ls", "/etc/tokens"],
        &["curl", "https://example.org/a?b=c", "--output", "x"],
        &["x", "--token-file", "/run/secret"],
        &["x", "--token=", "/run/secret"],
        &["rm", "--password", "--verbose"],
        &["mysql", "-u", "root", "-p", "db"],
        &["mysql", "-p", "--verbose", "-P", "3306"],
        &["ssh", "-p", "22", "h"],
        &["sshpass", "-e", "ssh", "-p", "22", "h"],
        &["sshpass", "-f", "/run/secret", "ssh", "-p22", "h"],
        &["mkdir", "-p", "x"],
        &["docker", "run", "-p", "80:80", "nginx"],
        &["docker", "run", "--name", "mysql", "-p", "80:80", "mysql:8"],
        &["docker", "login", "-u", "me", "--password-stdin"],
        &["curl", "-u", "user", "https://example.org"],
        &["curl", "-u", ":", "--negotiate", "https://example.org"],
        &["curl", "-XPUT", "-o", "u:v", "https://example.org/a:b"],
        &["curl", "--url", "http://h:80/x", "-H", "Accept: a/b"],
        &["git", "push", "-u", "origin", "a:b"],
        &["git", "clone", "https://github.com/curl/curl", "-u", "a"],
        &["python3", "-u", "a:b"],
        &["redis-cli", "-p", "6379", "--askpass"],
        &["openssl", "rsa", "-passin", "file:/run/secret", "-in", "pass:x"],
        &["7z", "a", "-p", "x.7z"],
        &["unzip", "-p", "x.zip"],
        &["zip", "-r", "x.zip", "P"],
    ] {
        assert_eq!(line(words), words.join(" "));
    }
}
