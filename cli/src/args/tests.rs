//! Lines as users type them, against what the original answers.

use super::*;

fn line(words: &str) -> Result<Invocation, Refusal> {
    parse(words.split_whitespace().map(|w| OsString::from(if w == "''" { "" } else { w })))
}

fn command(words: &str) -> Command {
    line(words).unwrap_or_else(|refusal| panic!("{words}: {refusal:?}")).command
}

fn refused(words: &str) -> Refusal {
    line(words).expect_err(words)
}

#[test]
fn the_grammar_is_sound() {
    <Line as clap::CommandFactory>::command().debug_assert();
}

#[test]
fn flags_are_written_in_every_way_of_go() {
    for words in [
        "job run -address=http://x:1 -detach -eval-priority 7 -var a=b -var=c=d x.hcl",
        "job run --address http://x:1 --detach=true --eval-priority=7 -var a=b --var c=d -- x.hcl",
        "run -address=http://y -address http://x:1 -detach=1 -eval-priority=9 -eval-priority=7 -var=a=b -var=c=d x.hcl",
    ] {
        let Command::Job(JobCommand::Run(run)) = command(words) else { panic!("{words}") };
        assert_eq!(
            (run.general.address.as_deref(), run.detach, run.eval_priority),
            (Some("http://x:1"), true, Some(7))
        );
        assert_eq!((run.source.var.join(" ").as_str(), run.path.as_str()), ("a=b c=d", "x.hcl"));
    }
    let Command::Job(JobCommand::Run(run)) =
        command("job run -detach -detach=false -hcl2-strict=f -address '' -")
    else {
        panic!("not a job run")
    };
    assert_eq!((run.detach, run.source.hcl2_strict, run.path.as_str()), (false, Some(false), "-"));
    assert_eq!(run.general.connection(|_| None).address, "http://127.0.0.1:4646");
    let Command::Alloc(AllocCommand::Logs(logs)) = command("alloc logs -tail -n 2 -c=-3 -f abc -x") else {
        panic!("not alloc logs")
    };
    let part = logs.part.part;
    assert_eq!((part.n, logs.part.c, part.f), (Some(2), Some(-3), true));
    assert_eq!(logs.targets, ["abc", "-x"]);
}

#[test]
fn mistakes_are_said_in_the_words_of_go() {
    for (words, stderr, exit) in [
        ("job run -nosuch", "flag provided but not defined: -nosuch\n", 1),
        ("job run --nosuch=1 x", "flag provided but not defined: -nosuch\n", 1),
        ("job run -detach=maybe x", "invalid boolean value \"maybe\" for -detach: parse error\n", 1),
        ("job run -eval-priority=x x", "invalid value \"x\" for flag -eval-priority: parse error\n", 1),
        ("job run -check-index", "flag needs an argument: -check-index\n", 1),
        ("job run ---x", "bad flag syntax: ---x\n", 1),
    ] {
        let refusal = refused(words);
        assert_eq!((refusal.stderr.as_str(), refusal.exit), (stderr, exit), "{words}");
        assert!(refusal.stdout.starts_with("Usage: drover job run [options] <path>\n"), "{}", refusal.stdout);
    }
    for (words, stderr) in [
        (
            "job run",
            "This command takes one argument: <path>\nFor additional help try 'drover job run -help'\n",
        ),
        (
            "job status a b",
            "This command takes either no arguments or one: <job>\nFor additional help try 'drover status -help'\n",
        ),
        (
            "stop",
            "This command takes at least one argument: <job>\nFor additional help try 'drover job stop -help'\n",
        ),
        (
            "node status a -json",
            "This command takes either one or no arguments\nFor additional help try 'drover node status -help'\n",
        ),
        ("alloc logs", "An allocation ID is required\nFor additional help try 'drover alloc logs -help'\n"),
        (
            "alloc logs -job a -task b",
            "This command takes one or two arguments\nFor additional help try 'drover alloc logs -help'\n",
        ),
        (
            "server members x",
            "This command takes no arguments\nFor additional help try 'drover server members -help'\n",
        ),
        ("volume create x", "drover volume create is not supported yet\n"),
        ("operator raft info", "drover operator raft info is not supported yet\n"),
    ] {
        let refusal = refused(words);
        assert_eq!(
            (refusal.stderr.as_str(), refusal.exit, refusal.stdout.as_str()),
            (stderr, 1, ""),
            "{words}"
        );
    }
    // Status 1 of a plan means that it would change something.
    for words in ["job plan", "plan -nosuch x"] {
        assert_eq!(refused(words).exit, 255, "{words}");
    }
    assert_eq!(refused("job plan -help").exit, 0);
    assert!(refused("-address=x job status").stderr.starts_with("Invalid flags before the subcommand"));
}

#[test]
fn some_values_are_read_by_functions_with_words_of_their_own() {
    let set = |words: &str| match command(&format!("operator scheduler set-config {words}")) {
        Command::Operator(OperatorCommand::Scheduler(SchedulerCommand::SetConfig(args))) => args,
        other => panic!("{words}: {other:?}"),
    };
    // A boolean of this kind takes the next word.
    let args = set("-memory-oversubscription true -pause-eval-broker=F -scheduler-algorithm spread");
    assert_eq!(args.memory_oversubscription, Some(GoBool(true)));
    assert_eq!(args.pause_eval_broker, Some(GoBool(false)));
    assert_eq!(args.preempt_batch_scheduler, None);
    for (words, stderr) in [
        (
            "operator scheduler set-config -pause-eval-broker maybe",
            "invalid value \"maybe\" for flag -pause-eval-broker: strconv.ParseBool: parsing \"maybe\": invalid syntax\n",
        ),
        (
            "operator autopilot set-config -max-trailing-logs=-1",
            "invalid value \"-1\" for flag -max-trailing-logs: strconv.ParseUint: parsing \"-1\": invalid syntax\n",
        ),
        (
            "operator autopilot set-config -last-contact-threshold 5",
            "invalid value \"5\" for flag -last-contact-threshold: time: missing unit in duration \"5\"\n",
        ),
        ("service info -per-page x web", "invalid value \"x\" for flag -per-page: parse error\n"),
    ] {
        assert_eq!(refused(words).stderr, stderr, "{words}");
    }
}

#[test]
fn groups_take_their_arguments_as_the_original_does() {
    let Command::Var(VarCommand::Lock(lock)) = command("var lock -ttl 1m app/x sleep -v 1") else {
        panic!("not var lock")
    };
    assert_eq!((lock.ttl.as_deref(), lock.arguments.join(" ")), (Some("1m"), "app/x sleep -v 1".to_owned()));
    let Command::Var(VarCommand::Put(put)) = command("var put -in hcl -force -") else {
        panic!("not var put")
    };
    assert_eq!(
        (put.input.as_deref(), put.force, put.arguments.as_slice()),
        (Some("hcl"), true, &["-".to_owned()][..])
    );
    let Command::Operator(OperatorCommand::Api(api)) = command("operator api -X PUT -H A:b -H C:d /v1/x")
    else {
        panic!("not operator api")
    };
    assert_eq!((api.method.as_deref(), api.header.len(), api.path.as_str()), (Some("PUT"), 2, "/v1/x"));
    for (words, sentence, exit) in [
        ("job scale x", "Command requires at least two arguments and no more than three\n", 1),
        (
            "system gc x",
            "This command takes no arguments\nFor additional help try 'drover system gc -help'\n",
            0,
        ),
        (
            "node pool delete",
            "This command takes one argument: <node-pool>\nFor additional help try 'drover node pool delete -help'\n",
            1,
        ),
        (
            "var lock a",
            "Not enough arguments (expected >2, got 1)\nFor additional help try 'drover var lock -help'\n",
            1,
        ),
    ] {
        let refusal = refused(words);
        assert_eq!((refusal.stderr.as_str(), refusal.exit), (sentence, exit), "{words}");
    }
}

#[test]
fn help_goes_to_standard_output() {
    for (words, usage, exit) in [
        ("", "Usage: drover [-version] [-help] [-autocomplete-(un)install] <command> [args]\n", 127),
        (
            "frobnicate",
            "Usage: drover [-version] [-help] [-autocomplete-(un)install] <command> [args]\n",
            127,
        ),
        ("-help", "Usage: drover [-version] [-help] [-autocomplete-(un)install] <command> [args]\n", 0),
        ("job", "Usage: drover job <subcommand> [options] [args]\n", 1),
        ("job frobnicate", "Usage: drover job <subcommand> [options] [args]\n", 1),
        ("job -h", "Usage: drover job <subcommand> [options] [args]\n", 0),
        ("job run --help", "Usage: drover job run [options] <path>\n", 0),
        ("job run x -h", "Usage: drover job run [options] <path>\n", 0),
        ("operator raft", "Usage: drover operator raft <subcommand> [options]\n", 1),
    ] {
        let refusal = refused(words);
        assert!(refusal.stdout.starts_with(usage), "{words}: {}", refusal.stdout);
        assert_eq!((refusal.exit, refusal.stderr.as_str()), (exit, ""), "{words}");
    }
    let text = refused("job run -h").stdout;
    for part in [
        "\n  Run a new job",
        "\nGeneral Options:\n\n  -address=<addr>\n    The address",
        "\nOptions:\n",
        "\n  -detach\n",
    ] {
        assert!(text.contains(part), "{part:?} in {text}");
    }
    assert!(text.lines().all(|l| l.len() <= 80), "{text}");
    assert!(!refused("-h").stdout.contains("supervisor"));
}

#[test]
fn other_spellings() {
    for words in ["version", "-v", "-version", "--version", "version x"] {
        assert!(matches!(command(words), Command::Version(_)), "{words}");
    }
    assert!(matches!(command("node-status"), Command::Node(NodeCommand::Status(_))));
    assert!(matches!(command("alloc-status a"), Command::Alloc(AllocCommand::Status(_))));
    assert!(matches!(command("logs a b"), Command::Alloc(AllocCommand::Logs(_))));
    assert!(matches!(command("inspect -version 3 a"), Command::Job(JobCommand::Inspect(_))));
    assert!(matches!(
        command("operator raft list-peers -stale"),
        Command::Operator(OperatorCommand::Raft(_))
    ));
    assert!(
        matches!(command("status a b"), Command::Status(StatusArgs { identifiers, .. }) if identifiers.len() == 2)
    );
    assert!(matches!(command("demo -exit"), Command::Demo(DemoArgs { exit: true })));
    let old = line("server-members -verbose").unwrap();
    assert!(old.warning.starts_with("WARNING! The \"drover server-members\" command is deprecated."));
    assert_eq!(line("server members").unwrap().warning, "");
    let Command::Supervisor(supervisor) = command("supervisor --fd 3 -- -h") else {
        panic!("not a supervisor")
    };
    assert_eq!(supervisor.words, ["--fd", "3", "--", "-h"]);
}

#[test]
fn agent_flags_become_overrides() {
    let words = "agent -dev -config a.hcl -config=b -server -client=false -bootstrap-expect 3 -meta a=b -meta c=d=e \
                 -servers x:1,y:2 -servers z -join j -retry-join=r -dc west -node n -log-level debug -data-dir /d";
    let Command::Agent(agent) = command(words) else { panic!("not an agent") };
    assert!(agent.dev && agent.config.len() == 2);
    let overrides = agent.overrides().unwrap();
    assert_eq!(
        (overrides.server, overrides.client, overrides.bootstrap_expect),
        (Some(true), Some(false), Some(3))
    );
    assert_eq!(overrides.servers, ["x:1", "y:2", "z"]);
    assert_eq!(overrides.meta["c"], "d=e");
    assert_eq!((overrides.start_join.len(), overrides.retry_join.len()), (1, 1));
    let overrides = |words| match command(words) {
        Command::Agent(agent) => agent.overrides(),
        _ => panic!("{words}"),
    };
    assert_eq!(overrides("agent -encrypt k"), Err("-encrypt is not supported yet".to_owned()));
    assert_eq!(overrides("agent -meta x"), Err("Error parsing Client.Meta value: x".to_owned()));
}

#[test]
fn flags_win_over_the_environment() {
    let environment = |name: &str| match name {
        "NOMAD_ADDR" => Some("http://env".to_owned()),
        "NOMAD_TOKEN" => Some("secret".to_owned()),
        "NO_COLOR" => Some("1".to_owned()),
        _ => None,
    };
    let general =
        General { address: Some(String::new()), region: Some("r".to_owned()), ..General::default() };
    let connection = general.connection(environment);
    assert_eq!((connection.address.as_str(), connection.region.as_str()), ("http://env", "r"));
    assert_eq!((connection.token.as_str(), connection.namespace.as_str()), ("secret", ""));
    assert!(!format!("{connection:?}").contains("secret"));
    assert!(
        !general.color(true, environment) && general.color(true, |_| None) && !general.color(false, |_| None)
    );
    let forced = General { force_color: true, ..General::default() };
    assert!(forced.color(false, environment));
    assert!(!General { no_color: true, ..forced }.color(true, |_| None));
}

#[test]
fn random_lines_never_panic() {
    let words = [
        "job",
        "run",
        "status",
        "-",
        "--",
        "-h",
        "-address",
        "-var=a",
        "--detach=x",
        "-n",
        "=",
        "-=",
        "",
        "é",
        "agent",
        "alloc",
        "logs",
        "-eval-priority",
        "9999999999999",
        "supervisor",
        "-t={{",
        "version",
        "-meta",
        "operator",
        "raft",
    ];
    let mint = runtime::Mint::seeded(11);
    for _ in 0..3_000 {
        let line: Vec<OsString> =
            (0..mint.below(6)).map(|_| words[mint.below(words.len() as u64) as usize].into()).collect();
        match parse(line.clone()) {
            Ok(_) => {}
            Err(refusal) => assert!(!(refusal.stdout.is_empty() && refusal.stderr.is_empty()), "{line:?}"),
        }
    }
}
