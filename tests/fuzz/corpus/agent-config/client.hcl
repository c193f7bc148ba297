client {
  enabled = true
  servers = ["127.0.0.1:4647"]
  meta {
    rack = "r1"
  }
  reserved {
    cpu = 500
    memory = 512
    reserved_ports = "22,80,8500-8600"
  }
  host_volume "data" {
    path = "/srv"
    read_only = false
  }
  host_network "lan" {
    cidr = "10.0.0.0/8"
  }
}
plugin "raw_exec" {
  config {
    enabled = true
  }
}
limits {
  http_max_conns_per_client = 0
}
http_api_response_headers {
  X-A = "b"
}
