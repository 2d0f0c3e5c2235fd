//! An emulator and a plain client of it.

use botform::emulator::{Emulator, World};
use reqwest::{Client, Method, RequestBuilder, Response};
use serde_json::{Value, json};

/// A running emulator and a plain client without retries or checks.
pub(crate) struct Api {
    pub(crate) emulator: Emulator,
    pub(crate) client: Client,
}

impl Api {
    pub(crate) async fn serve(world: Value) -> Self {
        Self::of(World::read(&world).unwrap_or_else(|errors| panic!("{errors:?}"))).await
    }

    pub(crate) async fn of(world: World) -> Self {
        rustls::crypto::ring::default_provider().install_default().ok();
        let emulator = Emulator::start(world, "127.0.0.1:0".parse().unwrap()).await.unwrap();
        let client = Client::builder().no_proxy().build().unwrap();
        Self { emulator, client }
    }

    /// A world of one zone, `a.example`.
    pub(crate) async fn zone(plan: &str, mut zone: Value) -> Self {
        zone["name"] = json!("a.example");
        zone["plan"] = json!(plan);
        Self::serve(json!({ "zones": [zone] })).await
    }

    /// A request in which `ZONE` stands for the id of `a.example`.
    pub(crate) fn request(&self, method: Method, path: &str) -> RequestBuilder {
        let id = self.emulator.edit(|world| world.zone_id("a.example").unwrap_or_default().to_owned());
        let path = path.replace("ZONE", &id);
        self.client.request(method, format!("{}{path}", self.emulator.base_url())).bearer_auth("abc")
    }

    pub(crate) async fn get(&self, path: &str) -> (u16, Value) {
        read(self.request(Method::GET, path).send().await.unwrap()).await
    }

    pub(crate) async fn live(&self) -> Value {
        self.get("/zones/ZONE/bot_management").await.1["result"].take()
    }

    pub(crate) async fn send_put(&self, body: &Value) -> reqwest::Result<Response> {
        self.request(Method::PUT, "/zones/ZONE/bot_management").json(body).send().await
    }

    pub(crate) async fn put(&self, body: Value) -> (u16, Value) {
        read(self.send_put(&body).await.unwrap()).await
    }
}

/// The status and the body of a reply.
pub(crate) async fn read(response: Response) -> (u16, Value) {
    let status = response.status().as_u16();
    let text = response.text().await.unwrap();
    (status, serde_json::from_str(&text).unwrap_or(Value::String(text)))
}

/// The status, code and message of a refusal.
pub(crate) fn refusal(reply: &(u16, Value)) -> String {
    let error = &reply.1["errors"][0];
    format!("{} {} {}", reply.0, error["code"], error["message"].as_str().unwrap_or_default())
}
