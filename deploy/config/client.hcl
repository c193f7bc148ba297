# A client agent that runs plain processes.
data_dir  = "/var/lib/drover"
bind_addr = "0.0.0.0"

client {
  enabled = true
  servers = ["server1", "server2", "server3"]
}

plugin "raw_exec" {
  config {
    enabled = true
  }
}
