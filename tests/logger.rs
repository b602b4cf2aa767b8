//! The library inside an application that has a logger of its own: a process has one, so this test has a
//! process to itself.

use std::{
    io::{self, Write},
    path::Path,
    sync::{Arc, Mutex, PoisonError},
};

use log::{LevelFilter, Log, Metadata, Record};
use probity::{
    embedded,
    engine::{Engine, StopSignal},
    result::CaseResult,
    session, suite,
};
use tracing_log::LogTracer;
use tracing_subscriber::util::SubscriberInitExt as _;

/// What was logged.
#[derive(Clone, Default)]
struct Page(Arc<Mutex<Vec<u8>>>);

impl Page {
    fn text(&self) -> String {
        let bytes = self.0.lock().unwrap_or_else(PoisonError::into_inner);
        String::from_utf8_lossy(&bytes).into_owned()
    }
}

impl Write for Page {
    fn write(&mut self, bytes: &[u8]) -> io::Result<usize> {
        let mut page = self.0.lock().unwrap_or_else(PoisonError::into_inner);
        page.extend_from_slice(bytes);
        Ok(bytes.len())
    }

    fn flush(&mut self) -> io::Result<()> {
        Ok(())
    }
}

/// `env_logger`, and the bridge that hands every record on to `tracing`.
struct Application {
    env: env_logger::Logger,
    bridge: LogTracer,
}

impl Log for Application {
    fn enabled(&self, _: &Metadata<'_>) -> bool {
        true
    }

    fn log(&self, record: &Record<'_>) {
        self.env.log(record);
        self.bridge.log(record);
    }

    fn flush(&self) {
        self.env.flush();
    }
}

#[tokio::test]
async fn an_application_with_env_logger_and_a_tracing_bridge_runs_rows_and_keeps_its_log() {
    let (page, traced) = (Page::default(), Page::default());
    let env = env_logger::Builder::new()
        .filter_level(LevelFilter::Trace)
        .target(env_logger::Target::Pipe(Box::new(page.clone())))
        .build();
    let bridge = LogTracer::new();
    let writer = traced.clone();
    tracing_subscriber::fmt()
        .with_max_level(tracing_subscriber::filter::LevelFilter::TRACE)
        .with_writer(move || writer.clone())
        .finish()
        .init();
    log::set_boxed_logger(Box::new(Application { env, bridge })).expect("the only logger");
    log::set_max_level(LevelFilter::Trace);

    let root = Path::new(env!("CARGO_MANIFEST_DIR"));
    let mut suite = suite::load(root, Some(&root.join("tenants/mock.yaml")));
    let mut target = suite.target.take().expect("a target");
    let _mocks = embedded::start_all(&mut target, 0)
        .await
        .expect("the mocks start");
    let mut cases = suite.plan.cases.clone();
    cases.retain(|case| case.id.starts_with("ciam/skip-update/headers/"));
    assert!(cases.len() > 5);
    let contracts: Arc<[_]> = suite.contracts.into();
    // Two in one process, as an application may have them.
    for _ in 0..2 {
        let engine = Engine::new(Arc::clone(&contracts), &cases, target.clone(), false);
        let engine = Arc::new(engine.expect("an engine"));
        let stop = StopSignal::never();
        let results = session::run(&engine, &cases, 4, stop, &mut |_: &CaseResult| {}).await;
        for result in &results {
            assert!(
                result.verdict.is_pass(),
                "{}: {:?}",
                result.id,
                result.detail
            );
        }
    }

    assert_eq!(log::max_level(), LevelFilter::Trace);
    log::info!("said by the application itself");
    for page in [page, traced] {
        assert!(page.text().contains("said by the application itself"));
    }
}
