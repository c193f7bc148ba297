//! The program itself, built for the suites: `cargo test` then knows where it is.

fn main() -> std::process::ExitCode {
    cli::run(std::env::args_os().skip(1))
}
