//! A proxy before PostgreSQL that cuts connections around COMMIT. It understands as much of the protocol as it
//! takes to see one: every message of a client but the first begins with its sort and its length.

use std::{
    collections::VecDeque,
    net::SocketAddr,
    path::PathBuf,
    sync::{
        Arc, Mutex,
        atomic::{AtomicUsize, Ordering},
    },
};

use tokio::{
    io::{self, AsyncReadExt as _, AsyncWriteExt as _},
    net::{TcpListener, TcpStream, UnixStream},
    sync::Notify,
};

/// Where a connection is cut.
#[derive(Clone, Copy, Debug)]
pub(crate) enum Cut {
    /// The COMMIT never reaches the server.
    BeforeCommit,
    /// The server has answered, and the answer never reaches the client.
    BeforeAnswer,
    /// The client is cut off as the COMMIT is passed on.
    AtOnce,
    /// The client is cut off, and the COMMIT reaches the server only after the client has begun to ask what
    /// became of it.
    AfterQuestion,
}

impl Cut {
    pub(crate) const ALL: [Self; 4] =
        [Self::BeforeCommit, Self::BeforeAnswer, Self::AtOnce, Self::AfterQuestion];
}

/// A proxy on a port of this machine.
pub(crate) struct Proxy {
    pub(crate) address: SocketAddr,
    shared: Arc<Shared>,
}

#[derive(Default)]
struct Shared {
    armed: Mutex<VecDeque<Cut>>,
    cuts: AtomicUsize,
    asked: Notify,
}

impl Proxy {
    pub(crate) async fn start(socket: PathBuf) -> Self {
        let listener = TcpListener::bind("127.0.0.1:0").await.unwrap();
        let address = listener.local_addr().unwrap();
        let shared = Arc::new(Shared::default());
        let serving = Arc::clone(&shared);
        tokio::spawn(async move {
            while let Ok((client, _)) = listener.accept().await {
                let (shared, socket) = (Arc::clone(&serving), socket.clone());
                // An error is the end of one of the two sides.
                tokio::spawn(async move { drop(serve(client, socket, &shared).await) });
            }
        });
        Self { address, shared }
    }

    /// The next COMMIT is cut, unless one is to be cut already.
    pub(crate) fn arm(&self, cut: Cut) {
        let mut armed = self.shared.armed.lock().unwrap();
        if armed.is_empty() {
            armed.push_back(cut);
        }
    }

    /// How many were cut.
    pub(crate) fn cuts(&self) -> usize {
        self.shared.cuts.load(Ordering::SeqCst)
    }
}

async fn serve(mut client: TcpStream, socket: PathBuf, shared: &Shared) -> io::Result<()> {
    client.set_nodelay(true)?;
    let mut server = UnixStream::connect(socket).await?;
    let (mut asked, mut answered) = (Vec::new(), vec![0; 65536]);
    let mut is_first = true;
    loop {
        tokio::select! {
            read = client.read_buf(&mut asked) => {
                if read? == 0 {
                    return Ok(());
                }
                while let Some(message) = next_message(&mut asked, &mut is_first) {
                    let is_commit = message.first() == Some(&b'Q') && message.get(5..) == Some(b"COMMIT\0");
                    let cut = if is_commit { shared.armed.lock().unwrap().pop_front() } else { None };
                    let Some(cut) = cut else {
                        server.write_all(&message).await?;
                        if message.first() == Some(&b'B') {
                            shared.asked.notify_waiters();
                        }
                        continue;
                    };
                    shared.cuts.fetch_add(1, Ordering::SeqCst);
                    return sever(cut, client, server, &message, shared).await;
                }
            }
            read = server.read(&mut answered) => {
                let read = read?;
                if read == 0 {
                    return Ok(());
                }
                client.write_all(&answered[..read]).await?;
            }
        }
    }
}

async fn sever(
    cut: Cut,
    client: TcpStream,
    mut server: UnixStream,
    commit: &[u8],
    shared: &Shared,
) -> io::Result<()> {
    match cut {
        Cut::BeforeCommit => {}
        Cut::BeforeAnswer => {
            server.write_all(commit).await?;
            server.read_exact(&mut [0]).await?;
        }
        Cut::AtOnce => {
            drop(client);
            server.write_all(commit).await?;
            server.read_exact(&mut [0]).await?;
        }
        Cut::AfterQuestion => {
            let asked = shared.asked.notified();
            tokio::pin!(asked);
            asked.as_mut().enable();
            drop(client);
            asked.await;
            server.write_all(commit).await?;
            server.read_exact(&mut [0]).await?;
        }
    }
    Ok(())
}

/// Takes a whole message out of what was read.
fn next_message(read: &mut Vec<u8>, is_first: &mut bool) -> Option<Vec<u8>> {
    let sort = usize::from(!*is_first);
    let length = u32::from_be_bytes(read.get(sort..sort + 4)?.try_into().unwrap());
    let length = sort + usize::try_from(length).unwrap();
    if read.len() < length {
        return None;
    }
    *is_first = false;
    let rest = read.split_off(length);
    Some(std::mem::replace(read, rest))
}
