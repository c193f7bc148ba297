//! Files that a task finds in its directory: rendered, or fetched.

use crate::wire::{Dict, List, Ns, wire};

wire! {
    /// A file rendered from a template.
    Template {
        "ChangeMode" change_mode: Option<String>,
        "ChangeScript" change_script: Option<ChangeScript>,
        "ChangeSignal" change_signal: Option<String>,
        "DestPath" dest_path: String,
        "EmbeddedTmpl" embedded_tmpl: String,
        "Envvars" envvars: bool,
        "ErrMissingKey" err_missing_key: bool,
        "Gid" gid: Option<i64>,
        "LeftDelim" left_delim: Option<String>,
        "Once" once: bool,
        "Perms" perms: Option<String>,
        "RightDelim" right_delim: Option<String>,
        "SourcePath" source_path: String,
        "Splay" splay: Option<Ns>,
        "Uid" uid: Option<i64>,
        "VaultGrace" vault_grace: Ns,
        "Wait" wait: Option<WaitConfig>,
    }
    /// Run when a rendered file changes.
    ChangeScript {
        "Args" args: List<String>,
        "Command" command: String,
        "FailOnError" fail_on_error: bool,
        "RunOnFirstRender" run_on_first_render: bool,
        "Timeout" timeout: Option<Ns>,
    }
    /// How long changes are gathered before rendering.
    WaitConfig { "Max" max: Option<Ns>, "Min" min: Option<Ns> }
    /// A file that is fetched.
    Artifact {
        "Chown" chown: bool,
        "GetterHeaders" getter_headers: Dict,
        "GetterInsecure" getter_insecure: bool,
        "GetterMode" getter_mode: Option<String>,
        "GetterOptions" getter_options: Dict,
        "GetterSource" getter_source: String,
        "RelativeDest" relative_dest: Option<String>,
    }
}
