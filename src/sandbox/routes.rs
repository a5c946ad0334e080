//! The endpoints, and what every call goes through first.

use super::connection::Connection;
use super::faults::Fault;
use super::refusal::Refused;
use super::world::World;
use super::{page, session_data, sessions, spoil, upload};
use crate::bankconnect::wire::ErrorCode;
use axum::Router;
use axum::extract::{ConnectInfo, DefaultBodyLimit, Request, State};
use axum::http::{HeaderMap, Method};
use axum::middleware::{self, Next};
use axum::response::{IntoResponse, Response};
use axum::routing::{get, post};
use std::sync::Arc;

/// Where uploads arrive; faults hit them first.
const UPLOAD: &str = "/bank-connect/v1/statement/upload_session/";
/// The path under which all endpoints are.
const ROOT: &str = "/bank-connect/";

/// All endpoints of one sandbox.
pub(super) fn router(world: Arc<World>) -> Router {
    let about = "/bank-connect/v1/session_data/{id}";
    Router::new()
        .route("/", get(page::overview))
        .route("/journey", get(page::journey))
        .route(
            "/bank-connect/v1/session/",
            post(sessions::create).fallback(wrong_method),
        )
        .route(UPLOAD, post(upload::upload).fallback(wrong_method))
        .route(
            &format!("{about}/session_upload_status/"),
            get(session_data::uploads),
        )
        .route(
            &format!("{about}/initiate_processing/"),
            post(session_data::process),
        )
        .route(&format!("{about}/progress/"), get(session_data::progress))
        .route(
            &format!("{about}/session_status/"),
            get(session_data::report),
        )
        .route(
            "/bank-connect/v1/banks/catalogue/",
            get(session_data::catalogue),
        )
        .layer(middleware::from_fn_with_state(
            Arc::clone(&world),
            misbehave,
        ))
        .layer(DefaultBodyLimit::disable())
        .with_state(world)
}

/// Lets calls to the API fail as planned.
async fn misbehave(
    State(world): State<Arc<World>>,
    ConnectInfo(connection): ConnectInfo<Connection>,
    mut request: Request,
    next: Next,
) -> Response {
    let path = request.uri().path();
    if !path.starts_with(ROOT) {
        return next.run(request).await;
    }
    let planned = world.next_fault(path == UPLOAD);
    let answer = match planned {
        Some(fault) if !fault.acts() => {
            spoil::take_in(fault, &mut request).await;
            Response::default()
        }
        _ => next.run(request).await,
    };
    // An upload can also be scripted to go wrong.
    match planned.or_else(|| answer.extensions().get::<Fault>().copied()) {
        Some(fault) => spoil::spoil(fault, &connection, answer).await,
        None => answer,
    }
}

/// Whether a header holds the secret that is wanted.
pub(super) fn has_secret(headers: &HeaderMap, name: &str, wanted: &str) -> bool {
    headers
        .get(name)
        .is_some_and(|value| value.as_bytes() == wanted.as_bytes())
}

async fn wrong_method(method: Method) -> Response {
    let message = format!("Method {method} not allowed.");
    Refused::session(405, ErrorCode::MethodNotAllowed, message).into_response()
}
