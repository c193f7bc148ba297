//! Compiles the protobuf services with protox, so that no protoc has to be installed.

use std::error::Error;

fn main() -> Result<(), Box<dyn Error>> {
    let files = ["drover/v1/raft.proto", "drover/v1/server.proto", "drover/v1/node.proto"];
    for file in files {
        println!("cargo:rerun-if-changed={file}");
    }
    let descriptors = protox::compile(files, ["."])?;
    tonic_prost_build::configure().bytes(".").compile_fds(descriptors)?;
    Ok(())
}
