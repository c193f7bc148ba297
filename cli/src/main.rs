//! `drover`: see `cli::run`. Nothing is decided here.

fn main() -> std::process::ExitCode {
    cli::run(std::env::args_os().skip(1))
}
