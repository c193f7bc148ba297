job "a" {
  group "g" {
    count = 1 + 2 * 3
    task "t" {
      driver = "raw_exec"
      config {
        command = "/bin/${lower("TRUE")}"
        args = [for x in range(3) : format("%02d", x) if x > 0]
      }
    }
  }
}
