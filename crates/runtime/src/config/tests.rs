//! Files from the field load, wrong ones are refused with file, line and key, and layers join as documented.

use super::*;
use std::path::Path;
use std::time::Duration;

fn hcl(text: &str) -> Result<Config, ConfigError> {
    parse(text, Path::new("agent.hcl"))
}

fn write(directory: &Path, name: &str, text: &str) -> PathBuf {
    let path = directory.join(name);
    std::fs::write(&path, text).unwrap();
    path
}

#[test]
fn the_same_configuration_in_both_syntaxes() {
    let text = r#"
        datacenter = "west"  data_dir = "/var/lib/drover"  log_level = "warn"
        http_api_response_headers { "Access-Control-Allow-Origin" = "*" }
        ports { http = 5646 }
        advertise { rpc = "10.0.0.1" }
        server {
          enabled = true
          bootstrap_expect = 3
          heartbeat_grace = "15s"
          server_join { retry_join = ["a", "b:4648"] retry_interval = "2s" retry_max = 3 }
          job_gc_threshold = 1000000000
        }
        client {
          enabled = true
          meta { rack = 7, ssd = true }
          options { "driver.raw_exec.enable" = "1" }
          reserved { cpu = 100, reserved_ports = "22,80" }
          host_volume "data" { path = "/data" }
        }
        plugin "raw_exec" { config { enabled = true } }
        telemetry { prometheus_metrics = true }
        limits { http_max_conns_per_client = 0 }
    "#;
    let json = r#"{
        "datacenter": "west", "data_dir": "/var/lib/drover", "log_level": "warn",
        "http_api_response_headers": {"Access-Control-Allow-Origin": "*"},
        "ports": [{"http": "5646"}], "advertise": {"rpc": "10.0.0.1"},
        "server": {"enabled": "true", "bootstrap_expect": 3, "heartbeat_grace": "15s",
            "server_join": {"retry_join": ["a", "b:4648"], "retry_interval": "2s", "retry_max": 3},
            "job_gc_threshold": "1s"},
        "client": {"enabled": true, "meta": {"rack": "7", "ssd": "1"}, "options": {"driver.raw_exec.enable": 1},
            "reserved": {"cpu": 100, "reserved_ports": "22,80"}, "host_volume": [{"data": [{"path": "/data"}]}]},
        "plugin": [{"raw_exec": {"config": {"enabled": true}}}],
        "telemetry": {"prometheus_metrics": true}, "limits": {"http_max_conns_per_client": 0}
    }"#;
    let config = hcl(text).unwrap();
    assert_eq!(config, parse(json, Path::new("agent.json")).unwrap());
    assert_eq!(config, parse(json, Path::new("agent")).unwrap());
    assert_eq!(config, parse(text, Path::new("agent")).unwrap());
    assert_eq!((config.ports.http, config.ports.rpc), (5646, 4647));
    assert_eq!(config.server.heartbeat_grace, Duration::from_secs(15));
    assert_eq!(config.server.job_gc_threshold, Duration::from_secs(1));
    assert_eq!(config.client.meta["ssd"], "1");
    assert_eq!(config.client.host_volume["data"].path, "/data");
    assert!(config.raw_exec_enabled());
    config.validate().unwrap();
}

#[test]
fn mistakes_name_file_line_and_key() {
    for (text, message) in [
        ("nosuch = 1", "agent.hcl:1: unexpected key nosuch"),
        (
            "server {\n enabled = true\n bootstrap_expct = 3\n}",
            "agent.hcl:3: unexpected key bootstrap_expct in block server",
        ),
        ("client {\n reserved { cpus = 1 } }", "agent.hcl:2: unexpected key cpus in block client.reserved"),
        ("ports { http = 70000 }", "agent.hcl:1: ports.http: invalid value: integer `70000`, expected u16"),
        ("ports { http = -1 }", "agent.hcl:1: ports.http: invalid value: integer `-1`, expected u16"),
        (
            "\nserver { heartbeat_grace = \"2d\" }",
            "agent.hcl:2: server.heartbeat_grace: time: unknown unit \"d\" in duration \"2d\"",
        ),
        (
            "server { eval_gc_threshold = \"-1s\" }",
            "agent.hcl:1: server.eval_gc_threshold: a duration cannot be negative (-1000000000 ns)",
        ),
        ("server = true", "agent.hcl:1: server: expected struct Server, found a boolean"),
        ("log_json = \"maybe\"", "agent.hcl:1: log_json: expected a boolean, found \"maybe\""),
        ("a = [", "agent.hcl:1: list opened on line 1 is never closed"),
        ("tls { http = true }", "agent.hcl: tls.http is not supported yet"),
        ("tls { rpc = true }", "agent.hcl: tls.rpc is not supported yet"),
        ("acl { enabled = true }", "agent.hcl: acl.enabled is not supported yet"),
        ("vault \"default\" { enabled = true }", "agent.hcl: vault.enabled is not supported yet"),
        ("consul { address = \"127.0.0.1:8500\" }", "agent.hcl: consul is not supported yet"),
        ("server { encrypt = \"a2V5\" }", "agent.hcl: server.encrypt is not supported yet"),
        ("sentinel { import \"a\" { path = \"b\" } }", "agent.hcl: sentinel is not supported yet"),
        ("audit { enabled = true }", "agent.hcl: audit.enabled is not supported yet"),
        (
            "telemetry { statsd_address = \"x:1\" }",
            "agent.hcl: telemetry.statsd_address is not supported yet",
        ),
    ] {
        assert_eq!(hcl(text).unwrap_err().to_string(), message, "{text}");
    }
    let error = parse("{\"server\": {\"nosuch\": 1}}", Path::new("a.json")).unwrap_err();
    assert_eq!(error.to_string(), "a.json: unexpected key nosuch in block server");
    let error = parse("{\n\"server\": ", Path::new("a.json")).unwrap_err();
    assert!(error.to_string().starts_with("a.json:2: "), "{error}");
}

#[test]
fn blocks_without_effect_are_accepted_and_named() {
    let directory = tempfile::tempdir().unwrap();
    let text = "ui { enabled = true }\nserver { raft_protocol = 3 }\nclient { template { disable_file_sandbox = true } }
        tls { http = false }\nvault { enabled = false }\nconsul { client_auto_join = false }\naudit { enabled = false }
        acl { enabled = false }\nautopilot { }";
    let path = write(directory.path(), "a.hcl", text);
    let loaded = load(std::slice::from_ref(&path), false).unwrap();
    let keys: Vec<&str> = loaded.warnings.iter().filter_map(|w| w.split(' ').nth(1)).collect();
    assert_eq!(keys, ["ui", "client.template", "server.raft_protocol"]);
    assert_eq!(loaded.config, Config::default());
}

#[test]
fn later_files_override_but_cannot_unset() {
    let directory = tempfile::tempdir().unwrap();
    let dir = directory.path().join("conf.d");
    std::fs::create_dir(&dir).unwrap();
    write(
        &dir,
        "20.hcl",
        "name = \"b\"\nregion = \"\"\nserver { enabled = false, retry_join = [\"y\"] }
        client { meta { two = \"2\" } options { a = \"2\" } }\nlimits { http_max_conns_per_client = 0 }",
    );
    write(
        &dir,
        "10.json",
        r#"{"name": "a", "region": "eu", "server": {"enabled": true, "retry_join": ["x"]},
        "client": {"meta": {"one": "1"}, "options": {"a": "1"}}, "limits": {"http_max_conns_per_client": 7}}"#,
    );
    write(&dir, "30.txt", "this is not read");
    write(&dir, ".40.hcl", "nor = \"this\"");
    std::fs::create_dir(dir.join("50.hcl")).unwrap();
    let first = write(directory.path(), "first.hcl", "name = \"z\"\ndatacenter = \"kept\"");
    let loaded = load(&[first.clone(), dir.clone()], false).unwrap();
    assert_eq!(loaded.files, [first, dir.join("10.json"), dir.join("20.hcl")]);
    let config = loaded.config;
    assert_eq!(
        (config.name.as_str(), config.region.as_str(), config.datacenter.as_str()),
        ("b", "eu", "kept")
    );
    assert!(config.server.enabled);
    assert_eq!(config.server.join().retry_join, ["x", "y"]);
    assert_eq!(config.client.meta.len(), 2);
    assert_eq!((config.client.options["a"].as_str(), config.limits.http_max_conns_per_client), ("2", 0));
    let missing = load(&[directory.path().join("none.hcl")], false).unwrap_err();
    assert!(missing.to_string().contains("none.hcl: No such file"), "{missing}");
}

#[test]
fn development_mode_is_a_base_that_files_and_flags_change() {
    let config = Config::dev();
    assert!(config.dev_mode && config.server.enabled && config.client.enabled && config.raw_exec_enabled());
    assert_eq!((config.bind_addr.as_str(), config.server.bootstrap_expect), ("127.0.0.1", 1));
    config.validate().unwrap();

    let directory = tempfile::tempdir().unwrap();
    let path = write(
        directory.path(),
        "dev",
        "ports { http = 0 }\nplugin \"raw_exec\" { config { enabled = false } }",
    );
    let mut config = load(&[path], true).unwrap().config;
    assert!(config.dev_mode && config.server.enabled && !config.raw_exec_enabled());
    assert_eq!(config.http_listen().unwrap()[0].to_string(), "127.0.0.1:0");
    let flags = Overrides {
        name: Some("n1".to_owned()),
        bind_addr: Some("127.0.0.2".to_owned()),
        server: Some(false),
        servers: vec!["127.0.0.1:4647".to_owned()],
        retry_join: vec!["s1".to_owned()],
        meta: BTreeMap::from([("k".to_owned(), "v".to_owned())]),
        ..Overrides::default()
    };
    flags.apply(&mut config);
    assert_eq!((config.node_name().as_str(), config.client.servers.len()), ("n1", 1));
    assert_eq!((config.client.server_join.retry_join.len(), config.client.meta["k"].as_str()), (1, "v"));
    assert_eq!(config.http_advertise(4646).unwrap(), "127.0.0.2:4646");
    assert_eq!(config.validate(), Err(ValidateError::ExpectWithoutServer));
}

#[test]
fn validation_says_what_to_change() {
    let base = "data_dir = \"/d\"\nbind_addr = \"127.0.0.1\"\nserver { enabled = true }\n";
    hcl(base).unwrap().validate().unwrap();
    for (text, part) in [
        ("data_dir = \"/d\"", "must specify either server, client or dev mode"),
        ("server { enabled = true }", "must specify \"data_dir\""),
        ("data_dir = \"d\"\nserver { enabled = true }", "data_dir must be given as an absolute path: got d"),
        (
            "data_dir = \"/d\"\nclient { enabled = true }\nserver { bootstrap_expect = 1 }",
            "requires server mode",
        ),
        ("data_dir = \"/d\"\nclient { enabled = true }", "client.servers is empty"),
        ("server { raft_election_min = \"1s\" }", "raft_election_min must be below raft_election_max"),
        ("server { raft_heartbeat = \"1s\" }", "raft_heartbeat must be above 0 and below"),
        ("server { raft_multiplier = 11 }", "must be 1 to 10"),
        ("server { enabled_schedulers = [\"x\"] }", "unknown kind of job"),
        ("ports { http = 4647 }", "ports.rpc is 4647, and so is ports.http"),
        ("bind_addr = \"{{ GetPrivateIP }}\"", "address templates are not supported yet"),
        ("bind_addr = \"300.1.1.1\"", "bind_addr: \"300.1.1.1\" is not an address"),
        ("advertise { rpc = \"a:b:c\" }", "expected host or host:port"),
        ("server { retry_join = [\"provider=aws\"] }", "cloud auto-join"),
        ("log_level = \"loud\"", "log_level must be one of"),
        ("client { enabled = true min_dynamic_port = 40000 }", "client.min_dynamic_port must be"),
        ("client { enabled = true host_volume \"v\" { path = \"rel\" } }", "needs an absolute path"),
    ] {
        let whole = if text.contains("enabled = true }") && !text.contains("host_volume")
            || text.starts_with("data_dir")
        {
            text.to_owned()
        } else {
            format!("{base}{text}")
        };
        let error = hcl(&whole).unwrap().validate().expect_err(text).to_string();
        assert!(error.contains(part), "{text}: {error}");
    }
    let even = hcl("server { enabled = true bootstrap_expect = 2 }").unwrap();
    assert_eq!(even.warnings().len(), 1);
}

#[test]
fn timings_scale_unless_they_are_set() {
    let config = hcl("server { raft_multiplier = 3, raft_heartbeat = \"50ms\" }").unwrap();
    let timing = config.server.raft_timing();
    assert_eq!(timing.heartbeat, Duration::from_millis(50));
    assert_eq!(timing.election_min, Duration::from_millis(900));
    assert_eq!(timing.election_max, Duration::from_millis(1800));
}

#[test]
fn the_api_sees_the_original_names() {
    let json = serde_json::to_value(Config::dev()).unwrap();
    assert_eq!((&json["Region"], &json["Ports"]["HTTP"]), (&"global".into(), &4646.into()));
    assert_eq!(json["Server"]["HeartbeatGrace"], 2_000_000_000);
    assert_eq!((&json["DevMode"], &json["ACL"]["Enabled"]), (&true.into(), &false.into()));
    assert_eq!(json["Client"]["GCMaxAllocs"], 50);
}

#[test]
fn random_texts_never_panic() {
    let words = [
        "server", "{", "}", "=", "[", "]", "\"", "\\", "<<E", "\n", "1", "true", ",", "${", "/*", "é", "E",
        "-",
    ];
    let mint = crate::Mint::seeded(3);
    for _ in 0..20_000 {
        let length = mint.below(12);
        let text: String = (0..length).map(|_| words[mint.below(words.len() as u64) as usize]).collect();
        let _either = hcl(&text);
    }
}
