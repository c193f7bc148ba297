# Two groups, each on a node of its own: what is printed about them does not depend on who came first.
variable "backs" {
  type    = number
  default = 1
}

variable "greeting" {
  type    = string
  default = "good morning"
}

job "shop" {
  namespace = "market"

  group "front" {
    count = 1

    constraint {
      attribute = "${node.unique.name}"
      value     = "client-1"
    }

    update {
      min_healthy_time = "100ms"
    }

    task "hello" {
      driver = "raw_exec"

      config {
        command = "/bin/sh"
        args    = ["-c", "echo ${var.greeting}; echo at your service; exec sleep 600"]
      }

      resources {
        cpu    = 40
        memory = 24
      }
    }
  }

  group "back" {
    count = var.backs

    constraint {
      attribute = "${node.unique.name}"
      value     = "client-2"
    }

    update {
      min_healthy_time = "100ms"
    }

    task "store" {
      driver = "raw_exec"

      config {
        command = "/bin/sh"
        args    = ["-c", "echo taking stock; exec sleep 600"]
      }

      resources {
        cpu    = 60
        memory = 32
      }
    }
  }
}
