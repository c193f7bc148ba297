# Everything that has a name of its own.

default: test

demo:
    cargo run --release -- demo

test:
    cargo test --workspace

ci:
    bash .ci/run

image:
    deploy/docker/build-image

bench:
    cargo build --release -p cli -p bench
    target/release/bench suite --bin target/release/drover
