//! `drover`: see `cli::run`. Nothing is decided here.

/// A server makes and drops hundreds of thousands of small objects in threads that come and go; the system's allocator
/// asks the kernel for every page of them one by one.
#[global_allocator]
static ALLOCATOR: mimalloc::MiMalloc = mimalloc::MiMalloc;

fn main() -> std::process::ExitCode {
    cli::run(std::env::args_os().skip(1))
}
