# More than any node has, and a place where no node is.
job "palace" {
  namespace = "market"
  type      = "batch"

  group "hall" {
    constraint {
      attribute = "${node.unique.name}"
      value     = "client-2"
    }

    task "dance" {
      driver = "raw_exec"

      config {
        command = "/bin/true"
      }

      resources {
        cpu    = 100
        memory = 64000000
      }
    }
  }

  group "tower" {
    constraint {
      attribute = "${meta.hill}"
      value     = "yes"
    }

    task "watch" {
      driver = "raw_exec"

      config {
        command = "/bin/true"
      }
    }
  }
}
