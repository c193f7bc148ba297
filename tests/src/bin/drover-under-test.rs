//! The program itself, built for the suites: `cargo test` then knows where it is.

fn main() -> std::process::ExitCode {
    #[cfg(feature = "planted")]
    if let Ok(name) = std::env::var("DROVER_PLANTED") {
        let Some(bug) = model::planted::Bug::named(&name) else {
            eprintln!("there is no bug {name}");
            return std::process::ExitCode::FAILURE;
        };
        model::planted::plant(Some(bug));
    }
    cli::run(std::env::args_os().skip(1))
}
