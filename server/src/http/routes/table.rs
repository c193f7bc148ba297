//! The table itself.

use super::Access::{Local, Read, Session, Write};
use super::Row;
use super::Verb::{Delete, Get, Other, Put};
use crate::http::{
    absent, agent, agent_actions, allocations, client, deployment_actions, deployments, eval_actions,
    evaluations, events, explain, fuzzy, job_actions, jobs, keyring, monitor, namespaces, node_actions,
    node_pools, nodes, openapi, operator, operator_config, parse, scaling, search, services, snapshot,
    statuses, system, validate, variables,
};

/// A handler takes the app, the request and the parts of the path that it names in brackets.
macro_rules! rows {
    ($($verb:ident $path:literal $access:ident $rights:literal => $module:ident :: $handler:ident ($($arg:ident),*);)+) => {
        &[$(Row {
            verb: $verb,
            path: $path,
            access: $access,
            rights: $rights,
            handler: |app, request, _args| {
                Box::pin($module::$handler(app, request $(, _args.get(stringify!($arg)))*))
            },
        }),+]
    };
}

#[rustfmt::skip]
pub(super) const ROWS: &[Row] = rows! {
    Get    "/v1/jobs"                            Read    "list-jobs"                        => jobs::list();
    Put    "/v1/jobs"                            Write   "submit-job|register-job"          => jobs::register();
    Get    "/v1/jobs/statuses"                   Read    "read-job"                         => statuses::list();
    Put    "/v1/jobs/statuses"                   Read    "read-job"                         => statuses::some();
    Put    "/v1/jobs/parse"                      Local   "parse-job|submit-job"             => parse::job_file();
    Get    "/v1/job/*job/summary"                Read    "read-job"                         => jobs::summary(job);
    Get    "/v1/job/*job/versions"               Read    "read-job"                         => jobs::versions(job);
    Get    "/v1/job/*job/action"                 Session "alloc-exec"                       => client::without_socket();
    Get    "/v1/job/*job/explain"                Read    "read-job"                         => explain::job(job);
    Get    "/v1/job/*job/services"               Read    "read-job"                         => services::of_job(job);
    Get    "/v1/job/*job/allocations"            Read    "read-job"                         => allocations::of_job(job);
    Get    "/v1/job/*job/evaluations"            Read    "read-job"                         => evaluations::of_job(job);
    Get    "/v1/job/*job/deployments"            Read    "read-job"                         => deployments::of_job(job);
    Get    "/v1/job/*job/deployment"             Read    "read-job"                         => deployments::latest_of_job(job);
    Get    "/v1/job/*job/submission"             Read    "read-job"                         => job_actions::submission(job);
    Put    "/v1/job/*job/dispatch/payload"       Write   "dispatch-job"                     => job_actions::dispatch_payload(job);
    Put    "/v1/job/*job/dispatch"               Write   "dispatch-job"                     => job_actions::dispatch(job);
    Put    "/v1/job/*job/revert"                 Write   "submit-job|revert-job"            => job_actions::revert(job);
    Put    "/v1/job/*job/stable"                 Write   "submit-job|stable-job"            => job_actions::stable(job);
    Put    "/v1/job/*job/plan"                   Write   "submit-job|plan-job"              => job_actions::plan(job);
    Put    "/v1/job/*job/evaluate"               Write   "submit-job|evaluate-job"          => job_actions::evaluate(job);
    Put    "/v1/job/*job/periodic/force"         Write   "submit-job|dispatch-job|force-periodic-job" => job_actions::force_periodic(job);
    Get    "/v1/job/*job/scale"                  Read    "read-job|read-job-scaling"        => scaling::status(job);
    Put    "/v1/job/*job/scale"                  Write   "submit-job|scale-job"             => job_actions::scale(job);
    Get    "/v1/job/*job/actions"                Read    "read-job"                         => job_actions::actions(job);
    Put    "/v1/job/*job/versions/:tag/tag"      Write   "submit-job|tag-job-version"       => job_actions::tag(job, tag);
    Delete "/v1/job/*job/versions/:tag/tag"      Write   "submit-job|tag-job-version"       => job_actions::untag(job, tag);
    Get    "/v1/job/*job"                        Read    "read-job"                         => jobs::read(job);
    Put    "/v1/job/*job"                        Write   "submit-job|register-job"          => jobs::update(job);
    Delete "/v1/job/*job"                        Write   "submit-job|deregister-job"        => jobs::deregister(job);

    Get    "/v1/allocations"                     Read    "read-job"                         => allocations::list();
    Get    "/v1/allocation/:alloc"               Read    "read-job"                         => allocations::read(alloc);
    Put    "/v1/allocation/:alloc/stop"          Write   "alloc-lifecycle"                  => allocations::stop(alloc);
    Get    "/v1/allocation/:alloc/services"      Read    "read-job"                         => services::of_alloc(alloc);
    Get    "/v1/allocation/:alloc/checks"        Session "read-job"                         => allocations::checks(alloc);
    Get    "/v1/allocation/:alloc/:what"         Local   ""                                 => client::no_resource();

    Get    "/v1/evaluations"                     Read    "read-job"                         => evaluations::list();
    Delete "/v1/evaluations"                     Write   "management"                       => eval_actions::delete();
    Get    "/v1/evaluations/count"               Read    "read-job"                         => eval_actions::count();
    Get    "/v1/evaluation/:eval/explain"        Read    "read-job"                         => explain::evaluation(eval);
    Get    "/v1/evaluation/*eval/allocations"    Read    "read-job"                         => allocations::of_eval(eval);
    Get    "/v1/evaluation/*eval"                Read    "read-job"                         => evaluations::read(eval);

    Get    "/v1/deployments"                     Read    "read-job"                         => deployments::list();
    Put    "/v1/deployment/fail/:deployment"     Write   "submit-job|fail-deployment"       => deployment_actions::fail(deployment);
    Put    "/v1/deployment/pause/:deployment"    Write   "submit-job|pause-deployment"      => deployment_actions::pause(deployment);
    Put    "/v1/deployment/promote/:deployment"  Write   "submit-job|promote-deployment"    => deployment_actions::promote(deployment);
    Put    "/v1/deployment/unblock/:deployment"  Write   "submit-job|unblock-deployment"    => deployment_actions::unblock(deployment);
    Put    "/v1/deployment/allocation-health/:deployment" Write "submit-job|set-alloc-health-deployment" => deployment_actions::health(deployment);
    Get    "/v1/deployment/allocations/:deployment" Read "read-job"                         => allocations::of_deployment(deployment);
    Get    "/v1/deployment/*deployment"          Read    "read-job"                         => deployments::read(deployment);

    Get    "/v1/namespaces"                      Read    ""                                 => namespaces::list();
    Put    "/v1/namespace"                       Write   "management"                       => namespaces::put();
    Get    "/v1/namespace/*namespace"            Read    ""                                 => namespaces::read(namespace);
    Put    "/v1/namespace/*namespace"            Write   "management"                       => namespaces::put_at(namespace);
    Delete "/v1/namespace/*namespace"            Write   "management"                       => namespaces::delete(namespace);

    Get    "/v1/node/pools"                      Read    ""                                 => node_pools::list();
    Put    "/v1/node/pools"                      Write   "node-pool:write"                  => node_pools::put();
    Get    "/v1/node/pool/*pool/nodes"           Read    "node:read"                        => node_pools::nodes(pool);
    Get    "/v1/node/pool/*pool/jobs"            Read    "read-job"                         => node_pools::jobs(pool);
    Get    "/v1/node/pool/*pool"                 Read    "node-pool:read"                   => node_pools::read(pool);
    Put    "/v1/node/pool/*pool"                 Write   "node-pool:write"                  => node_pools::put_at(pool);
    Delete "/v1/node/pool/*pool"                 Write   "node-pool:delete"                 => node_pools::delete(pool);

    Get    "/v1/nodes"                           Read    "node:read"                        => nodes::list();
    Get    "/v1/node/:node/allocations"          Read    "node:read"                        => allocations::of_node(node);
    Put    "/v1/node/:node/drain"                Write   "node:write"                       => node_actions::drain(node);
    Put    "/v1/node/:node/eligibility"          Write   "node:write"                       => node_actions::eligibility(node);
    Put    "/v1/node/:node/evaluate"             Write   "node:write"                       => node_actions::evaluate(node);
    Put    "/v1/node/:node/purge"                Write   "node:write"                       => node_actions::purge(node);
    Get    "/v1/node/*node"                      Read    "node:read"                        => nodes::read(node);

    Get    "/v1/services"                        Read    "read-job"                         => services::list();
    Get    "/v1/service/:name"                   Read    "read-job"                         => services::read(name);
    Delete "/v1/service/:name/:id"               Write   "submit-job"                       => services::delete(name, id);

    Get    "/v1/client/fs/logs/:alloc"           Session "read-logs"                        => client::logs(alloc);
    Get    "/v1/client/fs/:what/:alloc"          Session "read-fs"                          => client::fs(what, alloc);
    Get    "/v1/client/fs/:what"                 Session "read-fs"                          => client::fs_of_nothing(what);
    Get    "/v1/client/stats"                    Session "node:read"                        => client::stats();
    Get    "/v1/client/gc"                       Session "node:write"                       => client::of_node();
    Put    "/v1/client/gc"                       Session "node:write"                       => client::of_node();
    Get    "/v1/client/metadata"                 Session "node:read"                        => client::of_node();
    Put    "/v1/client/metadata"                 Session "node:write"                       => client::apply_metadata();
    Get    "/v1/client/allocation/:alloc/stats"  Session "read-job"                         => client::of_alloc(alloc);
    Get    "/v1/client/allocation/:alloc/checks" Session "read-job"                         => client::of_alloc(alloc);
    Put    "/v1/client/allocation/:alloc/signal" Session "alloc-lifecycle"                  => client::signal(alloc);
    Get    "/v1/client/allocation/:alloc/restart" Session "alloc-lifecycle"                 => client::restart(alloc);
    Put    "/v1/client/allocation/:alloc/restart" Session "alloc-lifecycle"                 => client::restart(alloc);
    Get    "/v1/client/allocation/:alloc/exec"   Session "alloc-exec"                       => client::without_socket();
    Get    "/v1/client/allocation/:alloc/gc"     Session "submit-job"                       => client::of_alloc(alloc);
    Put    "/v1/client/allocation/:alloc/gc"     Session "submit-job"                       => client::of_alloc(alloc);
    Get    "/v1/client/allocation/:alloc/snapshot" Session "management"                     => client::not_built();
    Put    "/v1/client/allocation/:alloc/pause"  Session "submit-job"                       => client::not_built();
    Get    "/v1/client/allocation/:alloc/:what"  Local   ""                                 => client::no_resource();
    Put    "/v1/client/allocation/:alloc/:what"  Local   ""                                 => client::no_resource();
    Get    "/v1/client/allocation/:alloc"        Local   ""                                 => client::no_resource();

    Put    "/v1/validate/job"                    Read    "read-job"                         => validate::job();

    Get    "/v1/scaling/policies"                Read    "list-scaling-policies"            => scaling::policies();
    Get    "/v1/scaling/policy/:policy"          Read    "read-scaling-policy"              => scaling::policy(policy);

    Get    "/v1/status/leader"                   Local   ""                                 => operator::leader();
    Get    "/v1/status/peers"                    Local   ""                                 => operator::peers();
    Get    "/v1/openapi.json"                    Local   ""                                 => openapi::document();
    Get    "/v1/regions"                         Local   ""                                 => operator::regions();
    Get    "/v1/agent/self"                      Local   "agent:read"                       => agent::own();
    Get    "/v1/agent/health"                    Local   ""                                 => agent::health();
    Get    "/v1/agent/members"                   Local   "node:read"                        => agent::members();
    Get    "/v1/agent/servers"                   Local   "agent:read"                       => agent_actions::servers();
    Put    "/v1/agent/servers"                   Local   "agent:write"                      => agent_actions::set_servers();
    Put    "/v1/agent/join"                      Local   "agent:write"                      => agent_actions::join();
    Put    "/v1/agent/force-leave"               Write   "agent:write"                      => agent_actions::force_leave();
    Get    "/v1/agent/schedulers"                Local   "agent:read"                       => agent_actions::schedulers();
    Get    "/v1/agent/schedulers/config"         Local   "agent:read"                       => agent_actions::schedulers_config();
    Get    "/v1/agent/monitor"                   Local   "agent:read"                       => monitor::stream();
    Get    "/v1/agent/host"                      Local   "agent:read"                       => absent::profiling();
    Get    "/v1/agent/pprof/*rest"               Local   "agent:read"                       => absent::profiling();
    Get    "/v1/event/stream"                    Local   ""                                 => events::stream();
    Get    "/v1/operator/raft/configuration"     Local   "management"                       => operator::raft_configuration();
    Other  "/v1/operator/raft/configuration"     Local   ""                                 => absent::silent_wrong_method();
    Delete "/v1/operator/raft/peer"              Write   "management"                       => system::remove_peer();
    Other  "/v1/operator/raft/peer"              Local   ""                                 => absent::not_found_method();
    Put    "/v1/operator/raft/transfer-leadership" Write "management"                       => system::transfer();
    Other  "/v1/operator/raft/transfer-leadership" Local ""                                 => absent::wrong_method();
    Other  "/v1/operator/raft/*rest"             Local   ""                                 => absent::not_found_method();
    Get    "/v1/operator/license"                Local   ""                                 => absent::license();
    Put    "/v1/operator/license"                Local   ""                                 => absent::enterprise();
    Put    "/v1/operator/utilization"            Local   ""                                 => absent::enterprise();
    Put    "/v1/system/gc"                       Write   "management"                       => system::gc();
    Put    "/v1/system/reconcile/summaries"      Write   "management"                       => system::reconcile();

    Other  "/v1/quotas"                          Local   ""                                 => absent::enterprise();
    Other  "/v1/quota-usages"                    Local   ""                                 => absent::enterprise();
    Other  "/v1/quota"                           Local   ""                                 => absent::enterprise();
    Other  "/v1/quota/*rest"                     Local   ""                                 => absent::enterprise();
    Other  "/v1/sentinel/*rest"                  Local   ""                                 => absent::enterprise();
    Other  "/v1/recommendations"                 Local   ""                                 => absent::enterprise();
    Other  "/v1/recommendations/*rest"           Local   ""                                 => absent::enterprise();
    Other  "/v1/recommendation"                  Local   ""                                 => absent::enterprise();
    Other  "/v1/recommendation/*rest"            Local   ""                                 => absent::enterprise();

    Get    "/v1/volumes"                         Read    ""                                 => absent::volumes();
    Put    "/v1/volumes"                         Local   ""                                 => absent::put_volumes();
    Get    "/v1/volume/csi/:volume"              Read    ""                                 => absent::volume();
    Put    "/v1/volume/csi/:volume"              Local   ""                                 => absent::put_volumes();
    Delete "/v1/volume/csi/:volume"              Local   ""                                 => absent::delete_volume(volume);
    Get    "/v1/volume/host/:volume"             Read    ""                                 => absent::host_volume();
    Delete "/v1/volume/host/:volume"             Local   ""                                 => absent::delete_host_volume(volume);
    Other  "/v1/volume/csi/:volume/:endpoint"    Local   ""                                 => absent::no_resource();
    Get    "/v1/plugins"                         Read    ""                                 => absent::plugins();
    Get    "/v1/plugin/csi/:plugin"              Read    ""                                 => absent::plugin();

    Get    "/v1/acl/token/self"                  Local   ""                                 => absent::acl_token_self();
    Other  "/v1/acl/token/self"                  Local   ""                                 => absent::acl();
    Get    "/v1/acl/policy/self"                 Local   ""                                 => absent::acl_policy_self();
    Other  "/v1/acl/policy/self"                 Local   ""                                 => absent::acl();
    Put    "/v1/acl/identity/client-introduction-token" Local "node:write"                 => keyring::introduction();
    Other  "/v1/acl/*rest"                       Local   ""                                 => absent::acl();

    Get    "/ui/*rest"                           Local   ""                                 => absent::ui();

    Put    "/v1/operator/whatif"                 Read    "operator:read"                    => explain::what_if();
    Get    "/v1/operator/scheduler/configuration" Read   "operator:read"                    => operator_config::scheduler();
    Put    "/v1/operator/scheduler/configuration" Write  "operator:write"                   => operator_config::set_scheduler();
    Get    "/v1/operator/autopilot/configuration" Read   "operator:read"                    => operator_config::autopilot();
    Put    "/v1/operator/autopilot/configuration" Write  "operator:write"                   => operator_config::set_autopilot();
    Other  "/v1/operator/autopilot/configuration" Local  ""                                 => operator_config::unknown_method();
    Get    "/v1/operator/autopilot/health"       Local   "operator:read"                    => operator_config::autopilot_health();
    Other  "/v1/operator/autopilot/health"       Local   ""                                 => operator_config::unknown_method();
    Get    "/v1/operator/snapshot"               Read    "management|operator:snapshot-save" => snapshot::save();
    Put    "/v1/operator/snapshot"               Write   "management"                       => snapshot::restore();
    Get    "/v1/metrics"                         Local   ""                                 => operator::metrics();
    Get    "/.well-known/jwks.json"              Read    ""                                 => keyring::jwks();
    Get    "/.well-known/openid-configuration"   Local   ""                                 => keyring::discovery();
    Get    "/v1/operator/keyring/keys"           Read    "management"                       => keyring::list();
    Put    "/v1/operator/keyring/rotate"         Write   "management"                       => keyring::rotate();
    Delete "/v1/operator/keyring/key/:key"       Write   "management"                       => keyring::delete(key);
    Other  "/v1/operator/keyring/*rest"          Local   ""                                 => absent::wrong_method();

    Put    "/v1/search"                          Read    ""                                 => search::by_prefix();
    Put    "/v1/search/fuzzy"                    Read    ""                                 => fuzzy::anywhere();

    Get    "/v1/vars"                            Read    ""                                 => variables::list();
    Get    "/v1/var/*variable"                   Read    "variables:read"                   => variables::read(variable);
    Put    "/v1/var/*variable"                   Write   "variables:write"                  => variables::put(variable);
    Delete "/v1/var/*variable"                   Write   "variables:destroy"                => variables::delete(variable);
    Other  "/v1/var/*variable"                   Local   ""                                 => variables::unknown_method();
};

/// Documented paths that are not built yet: they answer 501, which says so.
pub(super) const LATER: &[&str] = &[
    "/v1/agent/keyring/*rest",
    "/v1/agent/reload",
    "/v1/operator/upgrade-check/*rest",
    "/v1/client/*rest",
    "/v1/volume/*rest",
];
