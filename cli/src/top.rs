//! `top`: the cluster, its jobs and its allocations, drawn anew every second until somebody has seen enough.
//!
//! Without a terminal it is one picture, for files and pipes.

mod keys;
mod picture;
mod screen;

use crate::args::TopArgs;
use crate::console::{Console, Failure, client};
use crate::http::ApiClient;
use crate::session::terminal::{self, Raw};
use keys::{Key, Keys};
use picture::Picture;
use screen::Screen;
use std::time::Duration;
use tokio::signal::unix::{SignalKind, signal};

/// The alternate screen without a cursor, and back.
const ENTER: &str = "\u{1b}[?1049h\u{1b}[?25l";
const LEAVE: &str = "\u{1b}[?25h\u{1b}[?1049l";

/// Show it.
pub async fn run(args: &TopArgs, console: Console) -> Result<u8, Failure> {
    let mut general = args.general.clone();
    if client(&general)?.connection().namespace.is_empty() {
        // Who does not say which wants to see all.
        general.namespace = Some("*".to_owned());
    }
    let client = client(&general)?;
    let first = picture::look(&client).await?;
    if args.once || !terminal::both_ways() {
        console.write(Screen::new(args.verbose).whole(&first).as_bytes());
        return Ok(0);
    }
    let pause = Duration::from_secs(args.interval.unwrap_or(1).clamp(1, 3_600));
    let Some(raw) = Raw::enter() else {
        return Err(Failure::new("The terminal cannot be drawn on; try -once"));
    };
    console.write(ENTER.as_bytes());
    let done = draw(&client, console, first, pause, args.verbose).await;
    console.write(LEAVE.as_bytes());
    drop(raw);
    done.map(|()| 0)
}

async fn draw(
    client: &ApiClient,
    console: Console,
    first: Picture,
    pause: Duration,
    verbose: bool,
) -> Result<(), Failure> {
    let failed = |error: std::io::Error| Failure::new(format!("Listening to the terminal: {error}"));
    let mut resized = signal(SignalKind::window_change()).map_err(failed)?;
    let mut ended = signal(SignalKind::terminate()).map_err(failed)?;
    let mut keys = Keys::listen();
    let mut screen = Screen::new(verbose);
    let mut picture = first;
    let mut clock = tokio::time::interval(pause);
    clock.set_missed_tick_behavior(tokio::time::MissedTickBehavior::Delay);
    loop {
        let size = terminal::size().unwrap_or(terminal::SIZE_DEFAULT);
        console.write(screen.drawing(&picture, size).as_bytes());
        tokio::select! {
            _ = clock.tick() => match picture::look(client).await {
                Ok(now) => picture = now,
                // What was seen last stays, with a word about why nothing new is seen.
                Err(failure) => picture.trouble = failure.message,
            },
            key = keys.next() => match key {
                Some(Key::Quit) | None => return Ok(()),
                Some(key) => screen.press(key),
            },
            _ = resized.recv() => {}
            _ = ended.recv() => return Ok(()),
        }
    }
}
