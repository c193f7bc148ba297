//! Watching a deployment until it ends: a block for every change, or on a terminal one block that is drawn over.

use crate::console::{Console, Failure};
use crate::http::{ApiClient, path_segment};
use crate::session::terminal;
use crate::{output, view};
use api::allocations::AllocStub;
use api::deployments::Deployment;
use std::time::Duration;

/// Pause between two looks.
const PAUSE: Duration = Duration::from_millis(500);
const SPINNER: [&str; 10] = ["⠋", "⠙", "⠹", "⠸", "⠼", "⠴", "⠦", "⠧", "⠇", "⠏"];

/// How often the deployment of a roll-back is looked for.
const ROLL_BACK_LOOKS: usize = 10;
/// What a failed deployment says whose job goes back to an earlier version.
const ROLLS_BACK: &str = "rolling back to job version";

/// Watch until the deployment has ended, and the one that rolls it back. Gives whether the first ended well.
pub async fn watch(client: &ApiClient, console: Console, id: &str, verbose: bool) -> Result<bool, Failure> {
    let ended = until_ended(client, console, id, verbose).await?;
    if ended.status == "failed"
        && ended.status_description.contains(ROLLS_BACK)
        && let Some(next) = roll_back(client, &ended).await?
    {
        console.line("");
        until_ended(client, console, &next, verbose).await?;
    }
    Ok(ended.status == "successful")
}

/// The deployment that leads back, which comes a moment later; nothing when the version before needs none.
async fn roll_back(client: &ApiClient, ended: &Deployment) -> Result<Option<String>, Failure> {
    let path = format!("/v1/job/{}/deployment", path_segment(&ended.job_id));
    for _ in 0..ROLL_BACK_LOOKS {
        let (latest, _) = client
            .shape::<Option<Deployment>>(&path, &[])
            .await
            .map_err(|e| Failure::because("Error fetching deployment of previous job version", &e))?;
        if let Some(latest) = latest.filter(|latest| latest.id != ended.id) {
            return Ok(Some(latest.id));
        }
        tokio::time::sleep(PAUSE).await;
    }
    Ok(None)
}

async fn until_ended(
    client: &ApiClient,
    console: Console,
    id: &str,
    verbose: bool,
) -> Result<Deployment, Failure> {
    let mut screen = Screen::new(console);
    loop {
        let failed = |e: &_| Failure::because("Error fetching deployment", e);
        let path = format!("/v1/deployment/{id}");
        let (deployment, _) = client.shape::<Deployment>(&path, &[]).await.map_err(|e| failed(&e))?;
        let allocs = if verbose {
            let path = format!("/v1/deployment/allocations/{id}");
            let answer = client.shape::<Vec<AllocStub>>(&path, &[]).await;
            answer.map_err(|e| failed(&e))?.0
        } else {
            Vec::new()
        };
        let now_ns = runtime::Clock::system().now_ns();
        let mut block = view::deployment::whole(console, &deployment, verbose);
        if verbose {
            block.push_str(&format!(
                "\n\n{}\n{}",
                console.heading("Allocations"),
                view::alloc::list(&allocs, true, now_ns)
            ));
        }
        let ended = matches!(deployment.status.as_str(), "successful" | "failed" | "cancelled" | "blocked");
        screen.show(&deployment, &block, ended, now_ns);
        if ended {
            return Ok(deployment);
        }
        tokio::time::sleep(PAUSE).await;
    }
}

/// What is on the screen.
struct Screen {
    console: Console,
    shown: String,
    /// Lines of the last drawing, to go back over.
    height: usize,
    turn: usize,
}

impl Screen {
    fn new(console: Console) -> Screen {
        Screen { console, shown: String::new(), height: 0, turn: 0 }
    }

    fn show(&mut self, deployment: &Deployment, block: &str, ended: bool, now_ns: i64) {
        if self.console.terminal() {
            let size = terminal::size().unwrap_or(terminal::SIZE_DEFAULT);
            let text = self.drawing(deployment, block, ended, now_ns, size);
            self.console.write(text.as_bytes());
        } else if self.shown != block {
            block.clone_into(&mut self.shown);
            self.console.line(format!("    \n{}\n{block}", output::absolute(now_ns)));
        }
    }

    /// The whole picture with what it takes to put it over the last one.
    fn drawing(
        &mut self,
        deployment: &Deployment,
        block: &str,
        ended: bool,
        now_ns: i64,
        (height, width): (u16, u16),
    ) -> String {
        let title = match deployment.status.as_str() {
            "successful" => format!("✓ Deployment {:?} successful", short(deployment)),
            status if ended => format!("! Deployment {:?} {status}", short(deployment)),
            _ => {
                self.turn = (self.turn + 1) % SPINNER.len();
                format!("{} Deployment {:?} in progress...", SPINNER[self.turn], short(deployment))
            }
        };
        let mut text = format!("  {title}\n\n  {}\n", output::absolute(now_ns));
        for line in block.lines() {
            text.push_str(&format!("  {line}\n"));
        }
        if !ended {
            // What is drawn over has to fit: one cannot go back to lines that were scrolled away.
            text = fitting(&text, usize::from(height), usize::from(width));
        }
        let up = if self.height > 0 { format!("\u{1b}[{}A\u{1b}[J", self.height) } else { String::new() };
        self.height = text.lines().count();
        format!("{up}{text}")
    }
}

/// The lines that a terminal has room for, none of which it breaks.
fn fitting(text: &str, height: usize, width: usize) -> String {
    let lines = text.lines().take(height.saturating_sub(1));
    let cut = |line: &str| match line.contains('\u{1b}') {
        // Headings: they are short, and their colors must end.
        true => format!("{line}\n"),
        false => line.chars().take(width).chain(['\n']).collect(),
    };
    lines.map(cut).collect()
}

fn short(deployment: &Deployment) -> &str {
    output::id(&deployment.id, false)
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn a_drawing_fits_into_its_terminal() {
        let text = "0123456789\nb\n\u{1b}[1mheading\u{1b}[0m\nd\n";
        assert_eq!(fitting(text, 4, 5), "01234\nb\n\u{1b}[1mheading\u{1b}[0m\n");
        assert_eq!(fitting(text, 0, 0), "");
    }

    #[test]
    fn a_drawing_goes_over_the_last_one() {
        let mut screen = Screen::new(Console::plain());
        let mut deployment = Deployment {
            id: "6c9aa227-0000-0000-0000-000000000000".to_owned(),
            status: "running".to_owned(),
            ..Deployment::default()
        };
        let first = screen.drawing(&deployment, "a\nb", false, 0, (24, 80));
        assert_eq!(first, "  ⠙ Deployment \"6c9aa227\" in progress...\n\n  N/A\n  a\n  b\n");
        deployment.status = "successful".to_owned();
        let last = screen.drawing(&deployment, "c", true, 0, (24, 80));
        assert_eq!(last, "\u{1b}[5A\u{1b}[J  ✓ Deployment \"6c9aa227\" successful\n\n  N/A\n  c\n");
    }
}
