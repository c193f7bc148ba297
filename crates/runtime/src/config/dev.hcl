# The base of `agent -dev`: one agent that is server and client, on the loopback address.
bind_addr    = "127.0.0.1"
log_level    = "DEBUG"
enable_debug = true

server {
  enabled          = true
  bootstrap_expect = 1
}

client {
  enabled = true
  options = {
    "driver.raw_exec.enable" = "true"
  }
  # The machine may well be full; a developer's tasks stay until they are removed.
  gc_disk_usage_threshold  = 99
  gc_inode_usage_threshold = 99
}

telemetry {
  prometheus_metrics         = true
  publish_allocation_metrics = true
  publish_node_metrics       = true
}
