//! The running emulator: binds, serves, and stops when it is dropped.

use super::deliver::deliver;
use super::wire::{Scissors, Wires};
use crate::emulator::world::{Recorded, Request, World};
use axum::Router;
use axum::body::to_bytes;
use axum::extract::{ConnectInfo, Query, Request as HttpRequest, State};
use axum::http::{HeaderMap, request::Parts};
use axum::response::Response;
use std::net::SocketAddr;
use std::sync::{Arc, Mutex, MutexGuard, PoisonError};
use std::{fmt, io};
use tokio::net::TcpListener;
use tokio::sync::watch;

/// The largest body that is read.
const MOST_BYTES: usize = 1 << 20;

type Shared = Arc<Mutex<World>>;

/// A world that is served over HTTP until this is dropped.
#[must_use]
pub struct Emulator {
    address: SocketAddr,
    world: Shared,
    stop: watch::Sender<bool>,
}

impl Emulator {
    /// Binds an address and serves a world from there, in a task of the current runtime.
    ///
    /// # Errors
    /// The address cannot be bound.
    pub async fn start(world: World, listen: SocketAddr) -> io::Result<Self> {
        let listener = TcpListener::bind(listen).await?;
        let address = listener.local_addr()?;
        let (stop, stopped) = watch::channel(false);
        let world = Arc::new(Mutex::new(world));
        let state = Served { world: Arc::clone(&world), stopped: stopped.clone() };
        let service = Router::new().fallback(handle).with_state(state);
        let service = service.into_make_service_with_connect_info::<Scissors>();
        let serving = axum::serve(Wires(listener), service).with_graceful_shutdown(until(stopped));
        tokio::spawn(async move {
            if let Err(error) = serving.await {
                tracing::error!(%error, "the emulator stopped");
            }
        });
        Ok(Self { address, world, stop })
    }

    /// The address that it listens on.
    #[must_use]
    pub fn addr(&self) -> SocketAddr {
        self.address
    }

    /// The base address for a client.
    #[must_use]
    pub fn base_url(&self) -> String {
        format!("http://{}/client/v4", self.address)
    }

    /// The world as it is now.
    #[must_use]
    pub fn world(&self) -> World {
        lock(&self.world).clone()
    }

    /// Changes the world between two requests.
    pub fn edit<T>(&self, change: impl FnOnce(&mut World) -> T) -> T {
        change(&mut lock(&self.world))
    }

    /// The requests so far, the oldest first.
    #[must_use]
    pub fn requests(&self) -> Vec<Recorded> {
        lock(&self.world).requests().to_vec()
    }
}

impl fmt::Debug for Emulator {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.debug_struct("Emulator").field("address", &self.address).finish_non_exhaustive()
    }
}

impl Drop for Emulator {
    fn drop(&mut self) {
        self.stop.send_replace(true);
    }
}

#[derive(Clone)]
struct Served {
    world: Shared,
    stopped: watch::Receiver<bool>,
}

/// A lock that a panic elsewhere cannot poison for good.
fn lock(world: &Shared) -> MutexGuard<'_, World> {
    world.lock().unwrap_or_else(PoisonError::into_inner)
}

async fn until(mut stopped: watch::Receiver<bool>) {
    // It fails when the emulator is gone, which is the same.
    drop(stopped.wait_for(|stopped| *stopped).await);
}

async fn handle(
    State(served): State<Served>,
    ConnectInfo(scissors): ConnectInfo<Scissors>,
    request: HttpRequest,
) -> Response {
    let (parts, body) = request.into_parts();
    let body = to_bytes(body, MOST_BYTES).await.ok().map(Vec::from);
    let request = request_of(&parts, body);
    let answer = lock(&served.world).answer(&request);
    tracing::info!(method = %request.method, path = %request.path, status = answer.status, "answered");
    deliver(answer, &scissors, served.stopped).await
}

fn request_of(parts: &Parts, body: Option<Vec<u8>>) -> Request {
    let query = Query::<Vec<(String, String)>>::try_from_uri(&parts.uri);
    Request {
        method: parts.method.to_string(),
        path: parts.uri.path().to_owned(),
        query: query.map(|Query(query)| query).unwrap_or_default(),
        authorization: header(&parts.headers, "authorization"),
        email: header(&parts.headers, "x-auth-email"),
        key: header(&parts.headers, "x-auth-key"),
        content_type: header(&parts.headers, "content-type"),
        body,
        now: jiff::Timestamp::now(),
    }
}

/// A header as text; what is no text becomes something that no check takes.
fn header(headers: &HeaderMap, name: &str) -> Option<String> {
    headers.get(name).map(|value| String::from_utf8_lossy(value.as_bytes()).into_owned())
}
