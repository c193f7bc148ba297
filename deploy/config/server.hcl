# One of three servers. Its name comes from the command line, its address from the container's own.
data_dir  = "/var/lib/drover"
bind_addr = "0.0.0.0"

server {
  enabled          = true
  bootstrap_expect = 3

  server_join {
    retry_join = ["server1", "server2", "server3:4648"]
  }
}

telemetry {
  prometheus_metrics = true
}

# Load tests come from one address.
limits {
  http_max_conns_per_client = 0
}
