//! `demo`: a whole cluster on this machine, to look at and to break.
//!
//! Three servers and two client agents run as processes of this same program with durable directories in a temporary
//! place. A service and a batch job are registered through a server that does not lead, and a picture shows what runs
//! where. Everything is ended and removed with the demonstration. It uses nothing that a real cluster does not use:
//! configuration files, signals, the HTTP API.

mod cluster;
mod jobs;
mod picture;
mod process;
mod screen;

use crate::args::DemoArgs;
use crate::console::{Console, Failure};
use crate::http::ApiClient;
use cluster::Cluster;
use picture::Picture;
use runtime::shutdown::{self, Reason};
use runtime::{Clock, Shutdown, Ticks};
use screen::Screen;
use serde_json::Value;
use std::time::Duration;

/// Time from the start until everything runs.
const LIMIT: Duration = Duration::from_secs(60);
/// Pause between two looks.
const PAUSE: Duration = Duration::from_millis(400);

/// Run the demonstration until it is interrupted, or with `-exit` until all runs. Gives the exit status.
pub async fn run(args: &DemoArgs) -> u8 {
    let console = Console::of(&crate::args::General::default());
    let shutdown = Shutdown::new();
    let hangups = shutdown::reloads();
    if let Err(error) = shutdown.end_on_signals() {
        console.error(format!("Error listening for signals: {error}"));
        return 1;
    }
    if let Ok(mut hangups) = hangups {
        // A terminal that goes away must not leave a cluster behind.
        let shutdown = shutdown.clone();
        tokio::spawn(async move {
            hangups.next().await;
            shutdown.trigger(Reason::Terminate);
        });
    }
    let mut cluster = match Cluster::start() {
        Ok(cluster) => cluster,
        Err(error) => {
            console.error(format!("Error starting the cluster: {error}"));
            return 1;
        }
    };
    let shown = tokio::select! {
        shown = show(&mut cluster, console, args.exit) => shown,
        // Interrupting is how a demonstration ends, but not one that was to end by itself.
        reason = shutdown.triggered() => match args.exit {
            true => Err(Failure::new(format!("Interrupted ({reason:?}) before all ran."))),
            false => Ok(()),
        },
    };
    let status = match shown {
        Ok(()) => 0,
        Err(failure) => {
            console.error(&failure.message);
            console.error(cluster.last_words());
            failure.exit
        }
    };
    console.line("\nEnding the cluster: tasks, agents, directories.");
    cluster.stop().await;
    status
}

/// Bring the cluster to work and show it. Ends by itself only with `exit`.
async fn show(cluster: &mut Cluster, console: Console, exit: bool) -> Result<(), Failure> {
    let clock = Clock::system();
    let began = clock.ticks();
    let mut screen = Screen::new(console);
    screen.say(&format!(
        "Starting {} servers and {} client agents in {}",
        cluster::SERVERS,
        cluster::CLIENTS,
        cluster.dir().display()
    ));
    let mut registered = false;
    loop {
        let picture = Picture::look(cluster).await;
        // A cluster that ends at once leaves nothing to try.
        let hints = if exit { Vec::new() } else { cluster.hints(&picture) };
        screen.show(&picture, &hints);
        if !registered && picture.is_ready() {
            register(&picture, &mut screen).await?;
            registered = true;
        }
        if registered && picture.is_done() && exit {
            screen.say(&format!("All runs, after {:.1} s.", clock.ticks().since(began).as_secs_f64()));
            return Ok(());
        }
        overdue(&clock, began, registered && (!exit || picture.is_done()))?;
        tokio::time::sleep(PAUSE).await;
    }
}

fn overdue(clock: &Clock, began: Ticks, achieved: bool) -> Result<(), Failure> {
    if achieved || clock.ticks().since(began) < LIMIT {
        return Ok(());
    }
    Err(Failure::new(format!("The cluster did not come to work within {} s.", LIMIT.as_secs())))
}

/// Register the example jobs through a server that follows, which passes them on to the leader.
async fn register(picture: &Picture, screen: &mut Screen) -> Result<(), Failure> {
    let (name, address) = picture.follower().ok_or_else(|| Failure::new("no server follows"))?;
    let client = ApiClient::at(&address).map_err(|e| Failure::because("Error initializing client", &e))?;
    for job in [jobs::service(), jobs::batch()] {
        let id = job["ID"].as_str().unwrap_or_default().to_owned();
        let body = serde_json::json!({ "Job": job });
        client
            .put::<_, Value>("/v1/jobs", &[], &body)
            .await
            .map_err(|e| Failure::because(&format!("Error registering {id} through {name}"), &e))?;
        screen.say(&format!("Registered job {id} through {name}, which follows."));
    }
    Ok(())
}
