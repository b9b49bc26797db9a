//! A real `PostgreSQL`, started by the tests themselves.
//!
//! One server is shared by all test processes; each test has a database of its own in
//! it. It ends when nobody used it for a while. A test that stops the server has one of
//! its own. It listens on a socket in a directory that only its user can enter, and
//! runs as another user where we are root, as it insists.

use nix::unistd::Uid;
use sqlx::postgres::{PgConnectOptions, PgConnection};
use sqlx::{AssertSqlSafe, Connection as _};
use std::fs::{self, File};
use std::os::unix::fs::PermissionsExt as _;
use std::path::{Path, PathBuf};
use std::process::{Command, Stdio};
use std::sync::atomic::{AtomicU32, Ordering};

/// How long the shared server stays when nobody uses it.
const KEPT_SECS: u32 = 20;

/// A server, for as long as this is held.
pub(crate) struct Postgres {
    directory: PathBuf,
    held: Held,
}

enum Held {
    /// The lock that tells that somebody uses it.
    Shared(File),
    Own(tempfile::TempDir),
}

impl Postgres {
    /// Uses the server that all tests share, which is started if it does not run.
    pub(crate) fn shared() -> Self {
        let owner = Uid::current();
        let directory = PathBuf::from(format!("/tmp/airlock-exec-tests-postgres-{owner}"));
        fs::create_dir_all(&directory).expect("a directory");
        let starting = File::create(directory.join("starting")).expect("a lock");
        starting.lock().expect("locked");
        let used = File::create(directory.join("used")).expect("a lock");
        used.lock_shared().expect("locked");
        if !answers(&directory) {
            let _ = fs::remove_dir_all(directory.join("server"));
            initialize(&directory);
            control(&directory, &["start"]);
            end_when_unused(&directory);
        }
        Self { directory, held: Held::Shared(used) }
    }

    /// Starts a server that only this test uses.
    pub(crate) fn own() -> Self {
        let directory = tempfile::Builder::new().prefix("airlock-pg").tempdir_in("/tmp");
        let directory = directory.expect("a directory");
        let path = directory.path().to_owned();
        fs::set_permissions(&path, fs::Permissions::from_mode(0o711)).expect("opened");
        initialize(&path);
        control(&path, &["start"]);
        Self { directory: path, held: Held::Own(directory) }
    }

    /// Makes an empty database and returns its URL.
    pub(crate) async fn database(&self) -> String {
        static MADE: AtomicU32 = AtomicU32::new(0);
        let number = MADE.fetch_add(1, Ordering::SeqCst);
        let name = format!("test_{}_{number}", std::process::id());
        let mut connection = self.connect("postgres").await;
        // Somebody with our process id may have left one.
        let statements = [
            format!("DROP DATABASE IF EXISTS {name} WITH (FORCE)"),
            format!("CREATE DATABASE {name} STRATEGY file_copy"),
        ];
        for statement in statements {
            sqlx::query(AssertSqlSafe(statement)).execute(&mut connection).await.expect("made");
        }
        let socket = self.server().to_str().expect("UTF-8").replace('/', "%2F");
        format!("postgres://airlock@{socket}/{name}")
    }

    /// Connects to a database as its owner.
    pub(crate) async fn connect(&self, database: &str) -> PgConnection {
        let options = PgConnectOptions::new_without_pgpass();
        let options = options.socket(self.server()).username("airlock").database(database);
        PgConnection::connect_with(&options).await.expect("connects")
    }

    /// Stops the server as if its machine were switched off.
    pub(crate) fn crash(&self) {
        control(&self.directory, &["stop", "-m", "immediate"]);
    }

    /// Starts it again.
    pub(crate) fn start(&self) {
        control(&self.directory, &["start"]);
    }

    fn server(&self) -> PathBuf {
        self.directory.join("server")
    }
}

impl Drop for Postgres {
    fn drop(&mut self) {
        if matches!(self.held, Held::Own(_)) {
            let _ = as_its_user(&program("pg_ctl"))
                .args(["-D", data(&self.directory).as_str(), "-m", "immediate", "stop"])
                .stdout(Stdio::null())
                .stderr(Stdio::null())
                .status();
        }
    }
}

fn data(directory: &Path) -> String {
    directory.join("server/data").to_str().expect("UTF-8").to_owned()
}

fn answers(directory: &Path) -> bool {
    let socket = directory.join("server");
    let mut asked = as_its_user(&program("pg_isready"));
    asked.args(["-q", "-h", socket.to_str().expect("UTF-8")]);
    socket.exists() && asked.status().expect("runs").success()
}

fn initialize(directory: &Path) {
    let server = directory.join("server");
    fs::create_dir(&server).expect("made");
    if Uid::current().is_root() {
        let user = nix::unistd::User::from_name(user()).expect("users").expect("that user");
        std::os::unix::fs::chown(&server, Some(user.uid.as_raw()), Some(user.gid.as_raw()))
            .expect("given away");
    }
    fs::set_permissions(&server, fs::Permissions::from_mode(0o700)).expect("closed");
    let mut made = as_its_user(&program("initdb"));
    made.args(["-D", &data(directory), "-U", "airlock", "-A", "trust", "-E", "UTF8"]);
    made.args(["--locale", "C", "--no-sync", "--no-instructions"]);
    let output = made.output().expect("runs");
    assert!(output.status.success(), "initdb: {}", String::from_utf8_lossy(&output.stderr));
}

fn control(directory: &Path, action: &[&str]) {
    let server = directory.join("server");
    let server = server.to_str().expect("UTF-8");
    let options = format!(
        "-k {server} -c listen_addresses= -c max_connections=500 -c shared_buffers=32MB \
         -c fsync=off -c full_page_writes=off -c autovacuum=off"
    );
    let log = format!("{server}/log");
    let mut control = as_its_user(&program("pg_ctl"));
    control.args(["-D", &data(directory), "-l", &log, "-w", "-o", &options]).args(action);
    // A server that kept our pipes would keep the test from ending.
    control.stdin(Stdio::null()).stdout(Stdio::null()).stderr(Stdio::null());
    let status = control.status().expect("runs");
    assert!(status.success(), "pg_ctl {action:?}: {}", fs::read_to_string(log).unwrap_or_default());
}

/// Leaves a process behind that ends the server when nobody used it for a while.
#[expect(clippy::disallowed_methods, reason = "tests start programs")]
fn end_when_unused(directory: &Path) {
    let script = "cd / && while sleep \"$3\"; do
        flock --exclusive --nonblock --conflict-exit-code 9 \"$1/used\" \"$0\" -D \"$2\" -m fast stop \
            && exit; done";
    let script = if Uid::current().is_root() {
        script.replace("\"$0\" -D", &format!("setpriv {} -- \"$0\" -D", privileges()))
    } else {
        script.to_owned()
    };
    Command::new("setsid")
        .args(["--fork", "sh", "-c", &script])
        .arg(program("pg_ctl"))
        .arg(directory)
        .args([data(directory), KEPT_SECS.to_string()])
        .stdin(Stdio::null())
        .stdout(Stdio::null())
        .stderr(Stdio::null())
        .status()
        .expect("setsid runs");
}

/// Finds a program of the newest release that Debian installed.
fn program(name: &str) -> PathBuf {
    let releases = fs::read_dir("/usr/lib/postgresql").into_iter().flatten().flatten();
    let number = |path: &PathBuf| -> Option<u32> { path.file_name()?.to_str()?.parse().ok() };
    let newest = releases.map(|entry| entry.path()).max_by_key(number);
    let found = newest.map(|release| release.join("bin").join(name));
    found.filter(|path| path.exists()).expect("PostgreSQL; tests/run installs it")
}

/// Who runs the server when we are root.
fn user() -> &'static str {
    let users = fs::read_to_string("/etc/passwd").expect("users");
    if users.lines().any(|line| line.starts_with("postgres:")) { "postgres" } else { "nobody" }
}

fn privileges() -> String {
    format!("--reuid={user} --regid=$(id -g {user}) --clear-groups", user = user())
}

#[expect(clippy::disallowed_methods, reason = "tests start programs")]
fn as_its_user(program: &Path) -> Command {
    let mut command = if Uid::current().is_root() {
        let user = nix::unistd::User::from_name(user()).expect("users").expect("that user");
        let mut command = Command::new("setpriv");
        command.arg(format!("--reuid={}", user.uid));
        command.arg(format!("--regid={}", user.gid));
        command.args(["--clear-groups", "--"]).arg(program);
        command
    } else {
        Command::new(program)
    };
    command.current_dir("/");
    command
}
