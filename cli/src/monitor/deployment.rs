//! Watching a deployment until it ends: a block for every change, or on a terminal one block that is drawn over.

use crate::console::{Console, Failure};
use crate::http::ApiClient;
use crate::{output, view};
use api::allocations::AllocStub;
use api::deployments::Deployment;
use std::time::Duration;

/// Pause between two looks.
const PAUSE: Duration = Duration::from_millis(500);
const SPINNER: [&str; 10] = ["⠋", "⠙", "⠹", "⠸", "⠼", "⠴", "⠦", "⠧", "⠇", "⠏"];

/// Watch until the deployment has ended. Gives whether it ended well.
pub async fn watch(client: &ApiClient, console: Console, id: &str, verbose: bool) -> Result<bool, Failure> {
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
            return Ok(deployment.status == "successful");
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
            let text = self.drawing(deployment, block, ended, now_ns);
            self.console.write(text.as_bytes());
        } else if self.shown != block {
            block.clone_into(&mut self.shown);
            self.console.line(format!("    \n{}\n{block}", output::absolute(now_ns)));
        }
    }

    /// The whole picture with what it takes to put it over the last one.
    fn drawing(&mut self, deployment: &Deployment, block: &str, ended: bool, now_ns: i64) -> String {
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
        let up = if self.height > 0 { format!("\u{1b}[{}A\u{1b}[J", self.height) } else { String::new() };
        self.height = text.lines().count();
        format!("{up}{text}")
    }
}

fn short(deployment: &Deployment) -> &str {
    output::id(&deployment.id, false)
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn a_drawing_goes_over_the_last_one() {
        let mut screen = Screen::new(Console::plain());
        let mut deployment = Deployment {
            id: "6c9aa227-0000-0000-0000-000000000000".to_owned(),
            status: "running".to_owned(),
            ..Deployment::default()
        };
        let first = screen.drawing(&deployment, "a\nb", false, 0);
        assert_eq!(first, "  ⠙ Deployment \"6c9aa227\" in progress...\n\n  N/A\n  a\n  b\n");
        deployment.status = "successful".to_owned();
        let last = screen.drawing(&deployment, "c", true, 0);
        assert_eq!(last, "\u{1b}[5A\u{1b}[J  ✓ Deployment \"6c9aa227\" successful\n\n  N/A\n  c\n");
    }
}
