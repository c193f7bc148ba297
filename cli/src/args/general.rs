//! The flags every command with a connection has, and the environment variables behind them.
//!
//! A flag wins over its variable; an empty flag counts as not given.

use clap::Args;

/// Where a command looks when neither flag nor variable says so.
const DEFAULT_ADDRESS: &str = "http://127.0.0.1:4646";

/// General flags.
#[derive(Debug, Clone, Default, PartialEq, Eq, Args)]
pub struct General {
    /// The address of the agent, or several with commas between them: the next is asked when one does not answer.
    /// Overrides the NOMAD_ADDR environment variable if set. Default = http://127.0.0.1:4646
    #[arg(long, value_name = "addr")]
    pub address: Option<String>,
    /// The region of the servers to forward commands to. Overrides the NOMAD_REGION environment variable if set.
    #[arg(long, value_name = "region")]
    pub region: Option<String>,
    /// The target namespace for queries and actions bound to a namespace. Overrides the NOMAD_NAMESPACE environment
    /// variable if set. '*' stands for all namespaces where the command allows it.
    #[arg(long, value_name = "namespace")]
    pub namespace: Option<String>,
    /// Disables colored command output. NOMAD_CLI_NO_COLOR may be set as well.
    #[arg(long)]
    pub no_color: bool,
    /// Forces colored command output. NOMAD_CLI_FORCE_COLOR may be set as well.
    #[arg(long)]
    pub force_color: bool,
    /// Path to a PEM encoded CA certificate. Overrides the NOMAD_CACERT environment variable if set.
    #[arg(long, value_name = "path")]
    pub ca_cert: Option<String>,
    /// Path to a directory of PEM encoded CA certificates. Overrides the NOMAD_CAPATH environment variable if set.
    #[arg(long, value_name = "path")]
    pub ca_path: Option<String>,
    /// Path to a PEM encoded client certificate. Overrides the NOMAD_CLIENT_CERT environment variable if set.
    #[arg(long, value_name = "path")]
    pub client_cert: Option<String>,
    /// Path to the key of the client certificate. Overrides the NOMAD_CLIENT_KEY environment variable if set.
    #[arg(long, value_name = "path")]
    pub client_key: Option<String>,
    /// The server name of the TLS connection. Overrides the NOMAD_TLS_SERVER_NAME environment variable if set.
    #[arg(long, value_name = "value")]
    pub tls_server_name: Option<String>,
    /// Do not verify the TLS certificate. NOMAD_SKIP_VERIFY may be set as well.
    #[arg(long)]
    pub tls_skip_verify: bool,
    /// The SecretID of an ACL token. Overrides the NOMAD_TOKEN environment variable if set.
    #[arg(long, value_name = "token")]
    pub token: Option<String>,
}

/// How to reach the API, after flags and environment.
#[derive(Clone, PartialEq, Eq)]
pub struct Connection {
    /// With its scheme.
    pub address: String,
    /// Empty: the agent's own region.
    pub region: String,
    /// Empty: `default`.
    pub namespace: String,
    /// Empty: anonymous.
    pub token: String,
    /// `user:password` for a proxy in front of the API; empty for none.
    pub http_auth: String,
}

impl std::fmt::Debug for Connection {
    fn fmt(&self, f: &mut std::fmt::Formatter<'_>) -> std::fmt::Result {
        // Token and password stay out of logs.
        f.debug_struct("Connection")
            .field("address", &self.address)
            .field("region", &self.region)
            .field("namespace", &self.namespace)
            .finish_non_exhaustive()
    }
}

impl General {
    /// Flags over environment over defaults. `environment` looks a variable up.
    pub fn connection(&self, environment: impl Fn(&str) -> Option<String>) -> Connection {
        let pick = |flag: &Option<String>, variable: &str| {
            let flag = flag.clone().filter(|text| !text.is_empty());
            flag.or_else(|| environment(variable)).unwrap_or_default()
        };
        let mut address = pick(&self.address, "NOMAD_ADDR");
        if address.is_empty() {
            DEFAULT_ADDRESS.clone_into(&mut address);
        }
        Connection {
            address,
            region: pick(&self.region, "NOMAD_REGION"),
            namespace: pick(&self.namespace, "NOMAD_NAMESPACE"),
            token: pick(&self.token, "NOMAD_TOKEN"),
            http_auth: environment("NOMAD_HTTP_AUTH").unwrap_or_default(),
        }
    }

    /// Whether output may be colored; `terminal` says whether it goes to one. No color wins over forced color.
    pub fn color(&self, terminal: bool, environment: impl Fn(&str) -> Option<String>) -> bool {
        let set = |variable: &str| environment(variable).is_some_and(|value| !value.is_empty());
        if self.no_color || set("NOMAD_CLI_NO_COLOR") {
            return false;
        }
        if self.force_color || set("NOMAD_CLI_FORCE_COLOR") {
            return true;
        }
        terminal && !set("NO_COLOR")
    }
}
