name = "a"
region = "global"
datacenter = "dc1"
data_dir = "/tmp/x"
bind_addr = "0.0.0.0"
ports {
  http = 4646
  rpc = 4647
}
server {
  enabled = true
  bootstrap_expect = 3
  heartbeat_grace = "10s"
  server_join {
    retry_join = ["10.0.0.1", "10.0.0.2:4647"]
    retry_interval = "15s"
  }
}
telemetry {
  prometheus_metrics = true
}
