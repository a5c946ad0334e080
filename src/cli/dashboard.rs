//! `bankscreen [PATH]...`: the dashboard on a terminal.

use super::ExitStatus;
use super::args::{DashboardArgs, ScreeningArgs};
use super::context::Context;
use crate::connection::ConnectionOptions;
use crate::dashboard::Setup;
use crate::dashboard::model::{Appearance, FirstOffer, SessionSource};
use crate::dashboard::runtime::{self, DashboardEnd, DashboardOptions};
use crate::error::AppError;
use crate::screening_run::{Compared, InputOptions, PeriodUse, learnt_forms, rule_uses};
use crate::settings::{Settings, environment, note_languages, secrets};
use crate::statement::DateRange;
use crate::uploads::{check_request, default_period, session_request};

/// Runs the dashboard until the user leaves.
pub(super) fn run(
    screening: &ScreeningArgs,
    args: &DashboardArgs,
    context: &Context,
) -> Result<ExitStatus, AppError> {
    if let Some(obstacle) = environment::dashboard_obstacle() {
        return Err(AppError::usage(
            format!("the dashboard needs a terminal: {obstacle}"),
            "screen without it: bankscreen --check PATH",
        ));
    }
    // Passwords and details can be typed.
    secrets::forbid_core_dumps()?;
    let settings = &context.settings;
    let mut policy = screening
        .policy(PeriodUse::Session)
        .build(settings, &context.notices)?;
    let inputs = screening.inputs(PeriodUse::Session);
    let (inputs, cases) = if inputs.is_empty() {
        (Vec::new(), None)
    } else {
        // The dashboard opens empty: files can be added there.
        let inputs = InputOptions {
            allow_empty: true,
            ..inputs
        };
        let files = inputs.resolve(settings, &policy, &context.notices)?;
        (files.inputs, files.cases)
    };
    policy.rule_uses = rule_uses(&policy, &inputs, screening.report().compared);
    policy.learnt_forms = learnt_forms(screening.report().compared);
    let guard = context.guard_inputs(&inputs)?;
    let connection = ConnectionOptions::from(&args.connection);
    let range = policy.requested_period;
    let link_id = secrets::link_id(args.link_id.as_deref(), connection.sandbox);
    let setup = Setup {
        appearance: Appearance {
            symbols: settings.symbols(),
            colors: Settings::terminal_colors(screening.color.into()),
            palette: settings.profile.dashboard.palette,
        },
        keys: settings.profile.dashboard.keys.clone(),
        ends_with_connection: environment::ends_with_connection(),
        profile: settings.profile.name.clone(),
        server: server(&connection, settings),
        requested_period: range,
        severities: policy.severities.clone(),
        banks: policy.banks.clone(),
        rules: settings.rules.clone(),
        cases: cases.unwrap_or_default(),
        notes: note_languages(&settings.rules)?,
        include_warnings: settings.include_warnings(),
        files_only: screening.report().compared == Compared::Alone,
        show_amounts: screening.show_amounts,
        today: environment::today(),
        time_zone: environment::time_zone(),
        initial_session: requested_session(args, range)?,
        first_offer: if settings.has_api_key(connection.api_key_file.as_deref()) {
            FirstOffer::Service
        } else {
            FirstOffer::Sandbox
        },
        has_server_hash: settings.has_server_hash(),
        link_id: link_id.unwrap_or_default(),
        // Known once the state folder was read.
        interrupted_queue: None,
        alerts: settings.profile.dashboard.alerts,
    };
    let options = DashboardOptions {
        setup,
        policy,
        jobs: screening.jobs(),
        connection,
        concurrency: usize::from(args.concurrency),
        upload_type: args.upload_type(),
        archive: screening.archive,
        mouse: args.mouse || settings.mouse(),
        settings: settings.clone(),
        notices: context.notices.clone(),
        log: context.log.clone(),
        guard,
    };
    Ok(match runtime::run(options, inputs)? {
        DashboardEnd::Signal(signal) => ExitStatus::Interrupted(signal),
        DashboardEnd::AllUploaded => ExitStatus::Passed,
        DashboardEnd::SomeFailed => ExitStatus::Failed,
    })
}

/// Returns the name of the server that uploads would go to.
fn server(connection: &ConnectionOptions, settings: &Settings) -> Option<String> {
    if !settings.has_api_key(connection.api_key_file.as_deref()) {
        return None;
    }
    // An invalid address is reported when a session is opened.
    let base = secrets::base_url(connection.base_url.as_deref()).ok()?;
    Some(base.server_name())
}

/// Returns the session that the arguments request, if any.
fn requested_session(
    args: &DashboardArgs,
    range: Option<DateRange>,
) -> Result<Option<SessionSource>, AppError> {
    if args.connection.sandbox {
        if let Some(range) = range {
            let period = (range.from, range.to);
            check_request(&session_request("sandbox".to_owned(), period, None))?;
        }
        return Ok(Some(SessionSource::Sandbox(range)));
    }
    if let Some(id) = &args.session_id {
        return Ok(Some(SessionSource::Existing(id.clone())));
    }
    let Some(link_id) = &args.link_id else {
        return Ok(None);
    };
    let period = range.map_or_else(default_period, |range| (range.from, range.to));
    let request = session_request(link_id.clone(), period, None);
    check_request(&request)?;
    Ok(Some(SessionSource::New(Box::new(request))))
}
