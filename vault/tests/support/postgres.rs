//! A private PostgreSQL: one server for a test program, one database for a test. It runs as somebody who is not
//! root, listens on a socket in a temporary directory, syncs to the disk as a real one does, and is gone when
//! the test program is, however that ends.

#![allow(dead_code, reason = "each test program uses its own part of this")]
#![allow(
    clippy::expect_used,
    clippy::indexing_slicing,
    clippy::panic,
    clippy::unwrap_used,
    reason = "a test that cannot go on has failed"
)]

use std::{
    fs,
    io::{BufRead as _, BufReader, Write as _},
    os::unix::fs::{MetadataExt as _, PermissionsExt as _, chown},
    path::{Path, PathBuf},
    process::{Child, ChildStdin, ChildStdout, Command, Stdio},
    sync::{
        Mutex, OnceLock,
        atomic::{AtomicU32, Ordering},
    },
};

use tempfile::TempDir;
use tokio_postgres::{Client, NoTls};
use vault::{
    keyring::{AuditKey, RowKey},
    random::SystemRandom,
    store::{
        Store as _,
        postgres::{Certificates, PostgresAddress, PostgresStore},
    },
};

/// Keeps the server and obeys line by line. The end of its input is the end of the test program: then it stops
/// the server and leaves nothing behind.
const KEEPER: &str = r#"
bin=$1 dir=$2 settings=$3
trap '' INT
cd "$dir"
start() { "$bin/pg_ctl" -D data -w -t 60 -s -l server.log -o "$settings" start </dev/null >pg_ctl.log 2>&1; }
# The children of a killed server hold its memory until they have noticed; a start before that is refused.
restart() { for try in $(seq 50); do start && return 0; sleep 0.2; done; return 1; }
stop() { "$bin/pg_ctl" -D data -w -t 60 -s -m immediate stop </dev/null >pg_ctl.log 2>&1; }
answer() { if [ "$1" = 0 ]; then echo done; else echo failed; fi; }
while read -r command; do
    case $command in
        init) "$bin/initdb" -D data -U vault -A trust -E UTF8 --locale=C.UTF-8 --locale-provider=icu \
            --icu-locale=en-US --no-sync </dev/null >initdb.log 2>&1; answer $? ;;
        start) start; answer $? ;;
        restart) restart; answer $? ;;
        kill) kill -9 "$(head -n 1 data/postmaster.pid)"; answer $? ;;
        stop) stop; answer $? ;;
        copy\ *) "$bin/pg_basebackup" -D data -R -c fast -X stream -h "${command#copy }" -U vault \
            </dev/null >pg_basebackup.log 2>&1; answer $? ;;
        promote) "$bin/pg_ctl" -D data -w -t 60 -s promote </dev/null >pg_ctl.log 2>&1; answer $? ;;
    esac
done
stop
cd /
rm -rf "$dir"
"#;

/// The number in the name of a server's socket.
const DEFAULT_PORT: u16 = 5432;

/// A server.
pub(crate) struct Server {
    dir: PathBuf,
    port: u16,
    // Its input is what it lives by.
    keeper: Mutex<Keeper>,
    databases: AtomicU32,
}

struct Keeper {
    orders: ChildStdin,
    answers: BufReader<ChildStdout>,
    // Ends by itself, after its input.
    _process: Child,
}

/// The server of this test program, started at the first call.
pub(crate) fn server() -> &'static Server {
    static SERVER: OnceLock<Server> = OnceLock::new();
    SERVER.get_or_init(Server::start)
}

/// A store on an empty database.
pub(crate) async fn fresh_store() -> PostgresStore {
    let database = server().database().await;
    open(&server().url(&database)).await
}

/// A store on an empty database whose transactions are of another isolation than PostgreSQL's own, as on other
/// engines.
pub(crate) async fn fresh_store_at(isolation: &str) -> PostgresStore {
    let database = server().database().await;
    let isolate = format!("ALTER DATABASE {database} SET default_transaction_isolation = '{isolation}'");
    server().client(&database).await.batch_execute(&isolate).await.unwrap();
    open(&server().url(&database)).await
}

/// A store on a database, with an audit log.
pub(crate) async fn open(url: &str) -> PostgresStore {
    let store = PostgresStore::open(&address(url)).await.unwrap();
    store.record_with(audit_key());
    store.guard_with(row_key());
    store
}

/// The key of the audit logs of this test program.
pub(crate) fn audit_key() -> AuditKey {
    static KEY: OnceLock<AuditKey> = OnceLock::new();
    KEY.get_or_init(|| AuditKey::generate(&SystemRandom).unwrap()).clone()
}

/// The key of the rows' hashes of this test program.
pub(crate) fn row_key() -> RowKey {
    static KEY: OnceLock<RowKey> = OnceLock::new();
    KEY.get_or_init(|| RowKey::generate(&SystemRandom).unwrap()).clone()
}

/// Where a URL leads.
pub(crate) fn address(url: &str) -> PostgresAddress {
    PostgresAddress::parse(url, Certificates::System).unwrap()
}

impl Server {
    /// Starts a server of one's own.
    pub(crate) fn start() -> Self {
        Self::start_with("")
    }

    /// Starts a server with further settings, each as `-c name=value`.
    pub(crate) fn start_with(settings: &str) -> Self {
        let server = Self::prepare(settings);
        server.order("init");
        server.order("start");
        server
    }

    /// Starts a server that also listens on a port of this machine and speaks TLS there.
    pub(crate) fn start_encrypted(port: u16, certificate: &str, key: &str) -> Self {
        let mut server = Self::prepare(&format!(
            "-c listen_addresses=127.0.0.1 -c port={port} -c ssl=on \
             -c ssl_cert_file=../certificate.pem -c ssl_key_file=../key.pem"
        ));
        server.port = port;
        let owner = fs::metadata(&server.dir).unwrap();
        for (name, text) in [("certificate.pem", certificate), ("key.pem", key)] {
            let path = server.dir.join(name);
            fs::write(&path, text).unwrap();
            fs::set_permissions(&path, fs::Permissions::from_mode(0o600)).unwrap();
            chown(&path, Some(owner.uid()), Some(owner.gid())).unwrap();
        }
        server.order("init");
        server.order("start");
        server
    }

    /// Starts a standby of another server: a copy that follows it.
    pub(crate) fn follow(primary: &Self, settings: &str) -> Self {
        let server = Self::prepare(settings);
        server.order(&format!("copy {}", primary.dir.display()));
        server.order("start");
        server
    }

    /// The directory in which the server's socket lies.
    pub(crate) fn dir(&self) -> &Path {
        &self.dir
    }

    /// The path of the server's socket.
    pub(crate) fn socket(&self) -> PathBuf {
        self.dir.join(format!(".s.PGSQL.{}", self.port))
    }

    /// The URL of a database, through the socket.
    pub(crate) fn url(&self, database: &str) -> String {
        format!("postgres://vault@{}:{}/{database}", self.host(), self.port)
    }

    /// The server as the host of a URL.
    pub(crate) fn host(&self) -> String {
        self.dir.display().to_string().replace('/', "%2F")
    }

    /// Makes an empty database and returns its name.
    pub(crate) async fn database(&self) -> String {
        let name = format!("test_{}", self.databases.fetch_add(1, Ordering::SeqCst));
        self.client("postgres").await.batch_execute(&format!("CREATE DATABASE {name}")).await.unwrap();
        name
    }

    /// A plain connection to a database.
    pub(crate) async fn client(&self, database: &str) -> Client {
        let (client, connection) = tokio_postgres::connect(&self.url(database), NoTls).await.unwrap();
        // It ends with the client, or with the server.
        tokio::spawn(async move { drop(connection.await) });
        client
    }

    /// Stops the server as a power cut would: nothing is finished, nobody is told.
    pub(crate) fn stop_at_once(&self) {
        self.order("stop");
    }

    /// Kills the server's first process, which its children only find out.
    pub(crate) fn kill(&self) {
        self.order("kill");
    }

    /// Starts the server again, and waits until it has recovered.
    pub(crate) fn start_again(&self) {
        self.order("restart");
    }

    /// Makes a standby a primary.
    pub(crate) fn promote(&self) {
        self.order("promote");
    }

    fn prepare(settings: &str) -> Self {
        let bin = programs();
        let dir = TempDir::with_prefix("vault-pg-").unwrap().keep();
        let is_root = fs::metadata("/proc/self").unwrap().uid() == 0;
        let mut command = if is_root {
            let (uid, gid) = nobody();
            chown(&dir, Some(uid), Some(gid)).unwrap();
            let mut command = Command::new("setpriv");
            command.args([
                &format!("--reuid={uid}"),
                &format!("--regid={gid}"),
                "--clear-groups",
                "--",
                "sh",
            ]);
            command
        } else {
            Command::new("sh")
        };
        let settings = format!(
            "-k {} -c listen_addresses= -c max_connections=400 -c shared_buffers=64MB {settings}",
            dir.display()
        );
        let mut process = command
            .args(["-c", KEEPER, "keeper"])
            .args([bin.as_os_str(), dir.as_os_str()])
            .arg(settings)
            .stdin(Stdio::piped())
            .stdout(Stdio::piped())
            .spawn()
            .expect("PostgreSQL is run as somebody else than root with setpriv, of the package util-linux");
        let keeper = Keeper {
            orders: process.stdin.take().unwrap(),
            answers: BufReader::new(process.stdout.take().unwrap()),
            _process: process,
        };
        Self { dir, port: DEFAULT_PORT, keeper: Mutex::new(keeper), databases: AtomicU32::new(0) }
    }

    /// Gives an order and waits until it has been carried out.
    fn order(&self, order: &str) {
        let mut keeper = self.keeper.lock().unwrap();
        writeln!(keeper.orders, "{order}").unwrap();
        let mut answer = String::new();
        keeper.answers.read_line(&mut answer).unwrap();
        assert_eq!(answer.trim(), "done", "PostgreSQL did not {order}: {}", self.logs());
    }

    fn logs(&self) -> String {
        ["initdb.log", "pg_basebackup.log", "pg_ctl.log", "server.log"]
            .iter()
            .filter_map(|name| fs::read_to_string(self.dir.join(name)).ok())
            .collect()
    }
}

/// Where the newest PostgreSQL of this machine has its programs.
fn programs() -> PathBuf {
    let debian = fs::read_dir("/usr/lib/postgresql").into_iter().flatten().flatten();
    let mut versions: Vec<(u32, PathBuf)> = debian
        .filter_map(|entry| Some((entry.file_name().to_str()?.parse().ok()?, entry.path().join("bin"))))
        .filter(|(_, bin)| bin.join("initdb").is_file())
        .collect();
    versions.sort();
    let path = std::env::var_os("PATH").unwrap_or_default();
    let on_path = std::env::split_paths(&path).find(|bin| bin.join("initdb").is_file());
    versions.pop().map(|(_, bin)| bin).or(on_path).expect(
        "PostgreSQL is missing: install Debian's package `postgresql` (`cargo xtask test` does so), or put \
         initdb and pg_ctl on PATH",
    )
}

/// User and group that may run PostgreSQL, which refuses to be run by root.
fn nobody() -> (u32, u32) {
    let users = fs::read_to_string("/etc/passwd").unwrap();
    let ids = |name: &str| {
        let line = users.lines().find(|line| line.split(':').next() == Some(name))?;
        let mut fields = line.split(':').skip(2);
        Some((fields.next()?.parse().ok()?, fields.next()?.parse().ok()?))
    };
    ids("postgres").or_else(|| ids("nobody")).expect("there is a user postgres or nobody")
}
