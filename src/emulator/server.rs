//! The running emulator: binds an address, passes requests to a world, delivers its answers (whole, cut off or never),
//! and stops when it is dropped.

use super::world::{Answer, Body as Content, Delivery, Recorded, Request, World};
use axum::Router;
use axum::body::{Body, Bytes, to_bytes};
use axum::extract::connect_info::Connected;
use axum::extract::{ConnectInfo, Query, Request as HttpRequest, State};
use axum::http::header::CONTENT_LENGTH;
use axum::http::{HeaderMap, HeaderValue, StatusCode, request::Parts};
use axum::response::Response;
use axum::serve::{IncomingStream, Listener};
use futures_util::stream;
use std::net::{Ipv4Addr, Ipv6Addr, SocketAddr};
use std::pin::Pin;
use std::sync::atomic::{AtomicBool, Ordering};
use std::sync::{Arc, Mutex, MutexGuard, PoisonError};
use std::task::{Context, Poll};
use std::time::Duration;
use std::{fmt, io};
use tokio::io::{AsyncRead, AsyncWrite, ReadBuf};
use tokio::net::{TcpListener, TcpStream};
use tokio::sync::watch;

/// The maximum size of a request body.
const MOST_BYTES: usize = 1 << 20;

/// The time between the headers of a cut reply and its end: without it a client only sees a reset, without headers.
const BEFORE_THE_CUT: Duration = Duration::from_millis(20);

/// The health check, which answers as soon as the world is served; it does not count as an API request.
const HEALTH: &str = "/healthz";

type Shared = Arc<Mutex<World>>;

/// A world that is served over HTTP until this is dropped.
///
/// ```
/// use botform::catalogue::{Value, Variant, find};
/// use botform::emulator::{Emulator, World, ZoneSeed};
/// use serde_json::json;
///
/// # let runtime = tokio::runtime::Builder::new_current_thread().enable_all().build()?;
/// # runtime.block_on(async {
/// let blocked = find("ai_search").map(|setting| (setting, Value::Word("block")));
/// let world = World::matching([ZoneSeed::new("shop.example.com", Variant::SbfmPro).with(blocked)]);
/// let emulator = Emulator::start(world, "127.0.0.1:0".parse()?).await?;
///
/// // Any client will do. Without `tokens` in the world, so will any token.
/// # rustls::crypto::ring::default_provider().install_default().ok();
/// let zones = format!("{}/zones", emulator.base_url());
/// let reply = reqwest::Client::new().get(zones).bearer_auth("any-token").send().await?;
/// assert_eq!(reply.status(), 200);
/// assert_eq!(emulator.requests()[0].path, "/client/v4/zones");
///
/// // Somebody edits the zone in the dashboard, and the reply to the next PUT will be cut off.
/// let fault = json!({"on": "PUT", "nth": 1, "do": "cut_after_write"});
/// emulator.edit(|world| {
///     assert!(world.set("shop.example.com", "ai_search", Some(json!("disabled"))));
///     world.script(Some("shop.example.com"), &fault).unwrap();
/// });
/// assert_eq!(emulator.world().object("shop.example.com").unwrap()["ai_search"], "disabled");
/// # Ok::<(), Box<dyn std::error::Error>>(())
/// # })?;
/// # Ok::<(), Box<dyn std::error::Error>>(())
/// ```
#[must_use]
pub struct Emulator {
    address: SocketAddr,
    world: Shared,
    /// Notified of each request and each edit.
    changes: watch::Sender<()>,
    stop: watch::Sender<bool>,
}

impl Emulator {
    /// Binds an address and serves a world from there, in a task of the current runtime.
    ///
    /// # Errors
    /// The address cannot be bound.
    pub async fn start(world: World, listen: SocketAddr) -> io::Result<Self> {
        Self::observed(world, listen, |_| ()).await
    }

    /// The same with an observer, which is called with each request before its reply is sent.
    ///
    /// # Errors
    /// The address cannot be bound.
    pub async fn observed(
        world: World,
        listen: SocketAddr,
        observer: impl Fn(&Recorded) + Send + Sync + 'static,
    ) -> io::Result<Self> {
        let listener = TcpListener::bind(listen).await?;
        let address = listener.local_addr()?;
        let (stop, stopped) = watch::channel(false);
        let world = Arc::new(Mutex::new(world));
        let changes = watch::Sender::new(());
        let state = Served {
            world: Arc::clone(&world),
            observer: Arc::new(observer),
            changes: changes.clone(),
            stopped: stopped.clone(),
        };
        let service = Router::new().fallback(handle).with_state(state);
        let service = service.into_make_service_with_connect_info::<Cutter>();
        let serving = axum::serve(Connections(listener), service).with_graceful_shutdown(until(stopped));
        tokio::spawn(async move {
            if let Err(error) = serving.await {
                tracing::error!(%error, "the emulator stopped");
            }
        });
        Ok(Self { address, world, changes, stop })
    }

    /// The address that it listens on.
    #[must_use]
    pub fn addr(&self) -> SocketAddr {
        self.address
    }

    /// The base address for a client on this machine.
    #[must_use]
    pub fn base_url(&self) -> String {
        let mut address = self.address;
        if address.ip().is_unspecified() {
            // An unspecified address is not loopback, and clients accept plain HTTP only on loopback.
            address.set_ip(if address.is_ipv4() {
                Ipv4Addr::LOCALHOST.into()
            } else {
                Ipv6Addr::LOCALHOST.into()
            });
        }
        format!("http://{address}/client/v4")
    }

    /// The world as it is now.
    #[must_use]
    pub fn world(&self) -> World {
        lock(&self.world).clone()
    }

    /// Changes the world between two requests.
    pub fn edit<T>(&self, change: impl FnOnce(&mut World) -> T) -> T {
        let result = change(&mut lock(&self.world));
        self.changes.send_replace(());
        result
    }

    /// Waits until the world meets a condition, which is tried after each request and each edit.
    pub async fn until(&self, mut condition: impl FnMut(&World) -> bool) {
        let mut changes = self.changes.subscribe();
        while !condition(&lock(&self.world)) {
            // This only fails when the emulator is dropped, which the borrow rules out.
            drop(changes.changed().await);
        }
    }

    /// The requests so far, oldest first.
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
    observer: Arc<dyn Fn(&Recorded) + Send + Sync>,
    changes: watch::Sender<()>,
    stopped: watch::Receiver<bool>,
}

/// A lock that a panic elsewhere cannot poison for good.
fn lock(world: &Shared) -> MutexGuard<'_, World> {
    world.lock().unwrap_or_else(PoisonError::into_inner)
}

async fn until(mut stopped: watch::Receiver<bool>) {
    // An error means that the emulator was dropped: stop as well.
    drop(stopped.wait_for(|stopped| *stopped).await);
}

async fn handle(
    State(served): State<Served>,
    ConnectInfo(cutter): ConnectInfo<Cutter>,
    request: HttpRequest,
) -> Response {
    if request.uri().path() == HEALTH {
        return Response::new(Body::from("ok\n"));
    }
    let (parts, body) = request.into_parts();
    let body = to_bytes(body, MOST_BYTES).await.ok().map(Vec::from);
    let request = request_of(&parts, body);
    let answer = {
        let mut world = lock(&served.world);
        let answer = world.answer(&request);
        // Under the lock, so that the observer sees requests in the world's order.
        world.requests().last().into_iter().for_each(|recorded| (served.observer)(recorded));
        answer
    };
    served.changes.send_replace(());
    tracing::info!(method = %request.method, path = %request.path, status = answer.status, "answered");
    deliver(answer, &cutter, served.stopped).await
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
        agent: header(&parts.headers, "user-agent"),
        body,
        now: jiff::Timestamp::now(),
    }
}

/// A header as text; invalid text becomes a value that no check accepts.
fn header(headers: &HeaderMap, name: &str) -> Option<String> {
    headers.get(name).map(|value| String::from_utf8_lossy(value.as_bytes()).into_owned())
}

/// Delivers an answer; a silent one blocks until the server stops.
async fn deliver(answer: Answer, cutter: &Cutter, mut stopped: watch::Receiver<bool>) -> Response {
    if !answer.delay.is_zero() {
        tokio::time::sleep(answer.delay).await;
    }
    let delivery = answer.delivery;
    let (mut response, bytes) = head(answer);
    match delivery {
        Delivery::Whole => *response.body_mut() = Body::from(bytes),
        Delivery::Cut => {
            response.headers_mut().insert(CONTENT_LENGTH, HeaderValue::from(bytes.len().max(2)));
            *response.body_mut() = half(&bytes);
        }
        Delivery::Silent => {
            // An error means that the server was dropped: stop as well.
            drop(stopped.wait_for(|stopped| *stopped).await);
            cutter.cut();
        }
        Delivery::Reset => cutter.cut(),
    }
    response
}

fn head(answer: Answer) -> (Response, Vec<u8>) {
    let bytes = match answer.body {
        Content::Json(json) => json.to_string().into_bytes(),
        Content::Html(page) => page.into_bytes(),
        Content::Empty => Vec::new(),
    };
    let mut response = Response::new(Body::empty());
    *response.status_mut() = StatusCode::from_u16(answer.status).unwrap_or(StatusCode::INTERNAL_SERVER_ERROR);
    for (name, value) in answer.headers {
        if let Ok(value) = HeaderValue::try_from(value) {
            response.headers_mut().insert(name, value);
        }
    }
    (response, bytes)
}

/// The first half of a body, followed by an error that ends the connection.
fn half(bytes: &[u8]) -> Body {
    let half = Bytes::copy_from_slice(&bytes[..bytes.len() / 2]);
    Body::from_stream(stream::unfold(Some(half), |half| async {
        if let Some(half) = half {
            return Some((Ok(half), None));
        }
        tokio::time::sleep(BEFORE_THE_CUT).await;
        Some((Err(io::Error::from(io::ErrorKind::ConnectionReset)), None))
    }))
}

/// Cuts the connection that a request came on: nothing more is written to it.
#[derive(Clone, Debug, Default)]
pub(super) struct Cutter(Arc<AtomicBool>);

impl Cutter {
    pub(super) fn cut(&self) {
        self.0.store(true, Ordering::Release);
    }
}

impl Connected<IncomingStream<'_, Connections>> for Cutter {
    fn connect_info(stream: IncomingStream<'_, Connections>) -> Self {
        stream.io().cutter.clone()
    }
}

/// Accepts connections.
pub(super) struct Connections(pub(super) TcpListener);

impl Listener for Connections {
    type Io = Connection;
    type Addr = SocketAddr;

    async fn accept(&mut self) -> (Connection, SocketAddr) {
        let (stream, address) = Listener::accept(&mut self.0).await;
        // Without TCP_NODELAY, Nagle's algorithm and delayed ACKs add 40 ms for some clients.
        drop(stream.set_nodelay(true));
        (Connection { stream, cutter: Cutter::default() }, address)
    }

    fn local_addr(&self) -> io::Result<SocketAddr> {
        self.0.local_addr()
    }
}

pub(super) struct Connection {
    stream: TcpStream,
    cutter: Cutter,
}

impl Connection {
    fn check(&self) -> io::Result<()> {
        let is_cut = self.cutter.0.load(Ordering::Acquire);
        if is_cut { Err(io::ErrorKind::ConnectionReset.into()) } else { Ok(()) }
    }
}

impl AsyncRead for Connection {
    fn poll_read(
        mut self: Pin<&mut Self>,
        cx: &mut Context<'_>,
        buf: &mut ReadBuf<'_>,
    ) -> Poll<io::Result<()>> {
        Pin::new(&mut self.stream).poll_read(cx, buf)
    }
}

impl AsyncWrite for Connection {
    fn poll_write(mut self: Pin<&mut Self>, cx: &mut Context<'_>, buf: &[u8]) -> Poll<io::Result<usize>> {
        match self.check() {
            Ok(()) => Pin::new(&mut self.stream).poll_write(cx, buf),
            Err(cut) => Poll::Ready(Err(cut)),
        }
    }

    fn poll_flush(mut self: Pin<&mut Self>, cx: &mut Context<'_>) -> Poll<io::Result<()>> {
        Pin::new(&mut self.stream).poll_flush(cx)
    }

    fn poll_shutdown(mut self: Pin<&mut Self>, cx: &mut Context<'_>) -> Poll<io::Result<()>> {
        Pin::new(&mut self.stream).poll_shutdown(cx)
    }
}
