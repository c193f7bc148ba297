//! `service …`.

use super::{Format, General, Page, Shown};
use clap::{Args, Subcommand};

/// Commands of the group `service`.
#[derive(Debug, Clone, PartialEq, Subcommand)]
pub enum ServiceCommand {
    /// Display all registered services
    #[command(override_usage = "drover service list [options]")]
    List(Shown),
    /// Display a registered service
    #[command(override_usage = "drover service info [options] <service_name>")]
    Info(ServiceInfo),
    /// Remove one registration of a service
    #[command(override_usage = "drover service delete [options] <service_name> <service_id>")]
    Delete(ServiceDelete),
}

/// `service info`.
#[derive(Debug, Clone, PartialEq, Args)]
pub struct ServiceInfo {
    /// Connection and output options.
    #[command(flatten)]
    pub general: General,
    /// JSON or a template in place of a table.
    #[command(flatten)]
    pub format: Format,
    /// Which part of the list.
    #[command(flatten)]
    pub page: Page,
    /// Display full information
    #[arg(long)]
    pub verbose: bool,
    /// Name or prefix.
    #[arg(hide = true)]
    pub name: String,
}

/// `service delete`.
#[derive(Debug, Clone, PartialEq, Args)]
pub struct ServiceDelete {
    /// Connection and output options.
    #[command(flatten)]
    pub general: General,
    /// Name of the service.
    #[arg(hide = true)]
    pub name: String,
    /// Id of the registration.
    #[arg(hide = true)]
    pub id: String,
}
