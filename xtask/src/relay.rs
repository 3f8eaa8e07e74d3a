//! Stands between a browser and the server of wasm-bindgen's test runner, and makes a connection of every request.
//!
//! That server (tiny_http 0.12) hands each connection to a thread for as long as it is open. When connections come faster
//! than its first four threads wake up, it queues one more behind them instead of starting a thread. Browsers keep six open,
//! so a page that loads many modules can wait for ever. With one request each, connections end and the queue moves on.

use std::fs;
use std::io::{self, BufRead, BufReader, Read, Write};
use std::net::{Ipv4Addr, Shutdown, SocketAddr, TcpListener, TcpStream};
use std::path::{Path, PathBuf};
use std::thread;

use crate::failure::{Attempt, Failure};

/// No request of a test page has a longer head.
const MAX_HEAD_BYTES: u64 = 64 * 1024;

/// Runs until the program ends.
#[derive(Clone, Copy, Debug)]
pub(crate) struct Relay {
    address: SocketAddr,
}

impl Relay {
    /// Listens on a free port of this machine.
    ///
    /// # Errors
    /// When there is none.
    pub(crate) fn start() -> Result<Self, Failure> {
        let listener = TcpListener::bind((Ipv4Addr::LOCALHOST, 0)).attempt("a free port")?;
        let address = listener.local_addr().attempt("a free port")?;
        thread::spawn(move || {
            for browser in listener.incoming().filter_map(Result::ok) {
                // Whoever asked sees a connection that ends early.
                thread::spawn(move || drop(relay(browser)));
            }
        });
        Ok(Self { address })
    }

    /// Tells the runner in `directory` to start browsers that ask here, until the answer is dropped.
    ///
    /// # Errors
    /// When the file cannot be written.
    pub(crate) fn configure(self, directory: &Path) -> Result<Configured, Failure> {
        let path = directory.join("webdriver.json");
        let proxy = format!("--proxy-server=http://{}", self.address);
        let arguments = [
            proxy.as_str(),
            // Without this, Chromium asks servers of its own machine itself.
            "--proxy-bypass-list=<-loopback>",
            "--disable-background-networking",
            "--disable-component-update",
            "--disable-sync",
            "--no-first-run",
        ];
        let text = serde_json::json!({
            "timeouts": { "pageLoad": 90_000 },
            "goog:chromeOptions": { "args": arguments },
        });
        fs::write(&path, text.to_string()).attempt(path.display())?;
        Ok(Configured(path))
    }
}

/// The file by which a runner knows.
#[derive(Debug)]
pub(crate) struct Configured(PathBuf);

impl Drop for Configured {
    fn drop(&mut self) {
        // It is not committed and counts for nothing elsewhere.
        drop(fs::remove_file(&self.0));
    }
}

/// Passes one request on, and the answer back.
fn relay(mut browser: TcpStream) -> io::Result<()> {
    let mut asked = BufReader::new(browser.try_clone()?);
    let mut request = String::new();
    (&mut asked).take(MAX_HEAD_BYTES).read_line(&mut request)?;
    let (method, rest) = request.split_once(' ').ok_or(io::ErrorKind::InvalidData)?;
    let rest = rest.strip_prefix("http://").ok_or(io::ErrorKind::InvalidData)?;
    let (host, path) = rest.split_once('/').ok_or(io::ErrorKind::InvalidData)?;
    let mut server = TcpStream::connect(host)?;
    write!(server, "{method} /{path}Connection: close\r\n")?;
    copy_head(&mut asked, &mut server)?;

    let mut answer = BufReader::new(server.try_clone()?);
    let body = thread::spawn(move || {
        io::copy(&mut asked, &mut server)?;
        server.shutdown(Shutdown::Write)
    });
    let mut status = String::new();
    answer.read_line(&mut status)?;
    write!(browser, "{status}Connection: close\r\n")?;
    copy_head(&mut answer, &mut browser)?;
    io::copy(&mut answer, &mut browser)?;
    // Also ends the thread that waits for more of the request.
    browser.shutdown(Shutdown::Both)?;
    body.join().unwrap_or(Ok(()))
}

/// Copies the lines up to the empty one, except those that speak of the connection.
fn copy_head(from: &mut impl BufRead, to: &mut impl Write) -> io::Result<()> {
    let mut head = from.take(MAX_HEAD_BYTES);
    loop {
        let mut line = String::new();
        head.read_line(&mut line)?;
        let name = line.split(':').next().unwrap_or_default().to_ascii_lowercase();
        if !["connection", "keep-alive", "proxy-connection"].contains(&name.as_str()) {
            to.write_all(line.as_bytes())?;
        }
        if line.trim().is_empty() {
            return to.flush();
        }
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn a_request_gets_a_connection_of_its_own() {
        let server = TcpListener::bind((Ipv4Addr::LOCALHOST, 0)).unwrap();
        let address = server.local_addr().unwrap();
        let served = thread::spawn(move || {
            let (mut connection, _) = server.accept().unwrap();
            let mut asked = String::new();
            let mut reader = BufReader::new(connection.try_clone().unwrap());
            while !asked.ends_with("\r\n\r\n") {
                reader.read_line(&mut asked).unwrap();
            }
            let mut body = [0; 4];
            reader.read_exact(&mut body).unwrap();
            connection
                .write_all(b"HTTP/1.1 200 OK\r\nConnection: keep-alive\r\nContent-Length: 2\r\n\r\nhi")
                .unwrap();
            (asked, body)
        });
        let relay = Relay::start().unwrap();
        let mut browser = TcpStream::connect(relay.address).unwrap();
        write!(
            browser,
            "POST http://{address}/a?b HTTP/1.1\r\nHost: x\r\nProxy-Connection: keep-alive\r\n\
             Content-Length: 4\r\n\r\nbody"
        )
        .unwrap();
        let mut answer = String::new();
        browser.read_to_string(&mut answer).unwrap();
        let (asked, body) = served.join().unwrap();
        assert_eq!(answer, "HTTP/1.1 200 OK\r\nConnection: close\r\nContent-Length: 2\r\n\r\nhi");
        assert_eq!(asked, "POST /a?b HTTP/1.1\r\nConnection: close\r\nHost: x\r\nContent-Length: 4\r\n\r\n");
        assert_eq!(&body, b"body");
    }

    #[test]
    fn the_runners_file_is_there_only_as_long_as_it_is_used() {
        let directory = tempfile::tempdir().unwrap();
        let path = directory.path().join("webdriver.json");
        let configured = Relay::start().unwrap().configure(directory.path()).unwrap();
        assert!(fs::read_to_string(&path).unwrap().contains("--proxy-server=http://127.0.0.1:"));
        drop(configured);
        assert!(!path.exists());
    }
}
