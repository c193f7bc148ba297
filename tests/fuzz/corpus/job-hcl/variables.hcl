variable "n" {
  type = list(object({ name = string, port = number }))
  default = [{ name = "a", port = 80 }]
}
locals {
  m = { for v in var.n : v.name => v.port... }
}
job "v" {
  dynamic "group" {
    for_each = var.n
    labels = [group.value.name]
    content {
      task "t" {
        driver = "mock"
        template {
          data = <<-EOT
            %{ for k, v in local.m ~}
            ${k}=${jsonencode(v)}
            %{ endfor ~}
          EOT
          destination = "local/x"
        }
      }
    }
  }
}
