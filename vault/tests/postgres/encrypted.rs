//! TLS to the server: used when asked for, and only with a server that is what its certificate says.

use std::{fs, net::TcpListener, path::PathBuf};

use crate::{certificate::certificate, private_postgres::Server};
use tempfile::TempDir;
use vault::store::{
    Store as _,
    postgres::{Certificates, OpenError, PostgresAddress, PostgresStore},
};

/// A port that was free a moment ago.
fn free_port() -> u16 {
    TcpListener::bind("127.0.0.1:0").unwrap().local_addr().unwrap().port()
}

fn file(dir: &TempDir, name: &str, text: &str) -> Certificates {
    let path: PathBuf = dir.path().join(name);
    fs::write(&path, text).unwrap();
    Certificates::File(path)
}

#[tokio::test(flavor = "multi_thread", worker_threads = 2)]
async fn a_server_is_believed_only_with_its_certificate_and_name() {
    let (own, key) = certificate(31);
    let (foreign, _) = certificate(32);
    let port = free_port();
    let server = Server::start_encrypted(port, &own, &key);
    let database = server.database().await;
    let dir = TempDir::new().unwrap();
    let open = async |host: &str, certificates: Certificates| {
        let url = format!("postgres://vault@{host}:{port}/{database}?sslmode=require");
        PostgresStore::open(&PostgresAddress::parse(&url, certificates).unwrap()).await
    };
    let own = file(&dir, "own.pem", &own);
    let store = open("localhost", own.clone()).await.unwrap();
    store.check().await.unwrap();
    let encrypted = "SELECT count(*) FROM pg_stat_ssl JOIN pg_stat_activity USING (pid)
                     WHERE ssl AND application_name = 'tessera-vault'";
    let client = server.client(&database).await;
    let connections: i64 = client.query_one(encrypted, &[]).await.unwrap().get(0);
    assert!(connections > 0);

    let unnamed = open("127.0.0.1", own).await.err().unwrap();
    let unknown = open("localhost", file(&dir, "foreign.pem", &foreign)).await.err().unwrap();
    for refusal in [unnamed, unknown] {
        assert!(matches!(refusal, OpenError::Unreachable(_)), "{refusal}");
        assert!(refusal.to_string().contains("certificate"), "{refusal}");
    }
    let nothing = open("localhost", file(&dir, "nothing.pem", "")).await.err().unwrap();
    assert!(matches!(nothing, OpenError::Tls(_)), "{nothing}");
}
