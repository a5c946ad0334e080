//! Routes requests to the endpoints, refuses unwanted ones and applies planned faults.

use super::connection::ResetHandle;
use super::endpoints::{API_ROOT, MAX_UPLOAD_BYTES, SESSION_PATH, UPLOAD_PATH, WEBHOOK_PATH};
use super::error_response::ErrorResponse;
use super::faults::{CallKind, Fault};
use super::state::ServerState;
use super::{
    create_session, fault_injection, insights, request_guard, session_data, upload, web_pages,
    webhook,
};
use crate::bankconnect::wire::ErrorCode;
use axum::Router;
use axum::extract::{ConnectInfo, DefaultBodyLimit, Request, State};
use axum::http::Method;
use axum::middleware::{self, Next};
use axum::response::{IntoResponse, Response};
use axum::routing::{get, post};
use std::sync::Arc;

/// Builds the router for the API endpoints and the web pages.
pub(super) fn router(state: Arc<ServerState>) -> Router {
    let session = "/bank-connect/v1/session_data/{id}";
    Router::new()
        .route("/", get(web_pages::overview))
        .route("/journey", get(web_pages::journey))
        .route(
            SESSION_PATH,
            post(create_session::create_session).fallback(method_not_allowed),
        )
        .route(
            UPLOAD_PATH,
            post(upload::upload)
                .fallback(method_not_allowed)
                .layer(DefaultBodyLimit::max(MAX_UPLOAD_BYTES)),
        )
        .route(
            &format!("{session}/session_upload_status/"),
            get(session_data::upload_status),
        )
        .route(
            &format!("{session}/initiate_processing/"),
            post(session_data::initiate_processing),
        )
        .route(&format!("{session}/progress/"), get(session_data::progress))
        .route(
            &format!("{session}/session_status/"),
            get(session_data::session_status),
        )
        .route(&format!("{session}/insights/"), get(insights::insights))
        .route("/report/{token}", get(insights::spreadsheet))
        .route(
            WEBHOOK_PATH,
            post(webhook::update_webhook).fallback(method_not_allowed),
        )
        .route(
            "/bank-connect/v1/banks/catalogue/",
            get(session_data::bank_catalogue),
        )
        // From the last to the first: who sends it, then the faults, which break requests before
        // or while their bodies are read, then the bodies.
        .layer(middleware::from_fn(request_guard::bound_body))
        .layer(middleware::from_fn_with_state(
            Arc::clone(&state),
            inject_faults,
        ))
        .layer(middleware::from_fn_with_state(
            Arc::clone(&state),
            request_guard::check_sender,
        ))
        .with_state(state)
}

/// Applies the planned fault, if any, to an API call. Web pages are exempt.
async fn inject_faults(
    State(state): State<Arc<ServerState>>,
    ConnectInfo(connection): ConnectInfo<ResetHandle>,
    mut request: Request,
    next: Next,
) -> Response {
    let path = request.uri().path();
    if !path.starts_with(API_ROOT) {
        return next.run(request).await;
    }
    let kind = if path == UPLOAD_PATH {
        CallKind::Upload
    } else {
        CallKind::Other
    };
    let planned = state.next_fault(kind);
    let response = match planned {
        Some(fault) if !fault.is_processed() => {
            // Read what the fault requires, then discard the request: no handler sees it.
            fault_injection::read_request(fault, &mut request).await;
            Response::default()
        }
        _ => next.run(request).await,
    };
    // The script can assign a fault to an upload; the handler passes it on as an extension.
    match planned.or_else(|| response.extensions().get::<Fault>().copied()) {
        Some(fault) => fault_injection::apply(fault, &connection, response).await,
        None => response,
    }
}

/// Responds with the service's JSON error; the default 405 response has no body.
async fn method_not_allowed(method: Method) -> Response {
    let message = format!("Method {method} not allowed.");
    ErrorResponse::session(405, ErrorCode::MethodNotAllowed, message).into_response()
}
