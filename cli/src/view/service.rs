//! Registered services.

use crate::output;
use api::services::{NamespaceServices, ServiceRegistration};

fn tags(tags: &[String]) -> String {
    format!("[{}]", tags.join(","))
}

/// The table of services.
pub fn list(all: &[NamespaceServices], all_namespaces: bool) -> String {
    let mut heading = vec!["Service Name".to_owned()];
    if all_namespaces {
        heading.push("Namespace".to_owned());
    }
    heading.push("Tags".to_owned());
    let mut rows = vec![heading];
    for one in all {
        for service in &one.services {
            let mut row = vec![service.service_name.clone()];
            if all_namespaces {
                row.push(one.namespace.clone());
            }
            row.push(tags(&service.tags));
            rows.push(row);
        }
    }
    // The heading stays where it is.
    rows[1..].sort();
    output::list(&rows)
}

/// The table of the registrations of one service, by job.
pub fn table(registrations: &[ServiceRegistration]) -> String {
    let mut rows = vec![["Job ID", "Address", "Tags", "Node ID", "Alloc ID"].map(str::to_owned)];
    rows.extend(registrations.iter().map(|one| {
        [
            one.job_id.clone(),
            address(one),
            tags(&one.tags),
            output::id(&one.node_id, false).to_owned(),
            output::id(&one.alloc_id, false).to_owned(),
        ]
    }));
    rows[1..].sort_by(|a, b| a[0].cmp(&b[0]));
    output::list(&rows)
}

/// Everything about one registration.
pub fn block(one: &ServiceRegistration) -> String {
    output::key_values(&[
        ("ID", one.id.clone()),
        ("Service Name", one.service_name.clone()),
        ("Namespace", one.namespace.clone()),
        ("Job ID", one.job_id.clone()),
        ("Alloc ID", one.alloc_id.clone()),
        ("Node ID", one.node_id.clone()),
        ("Datacenter", one.datacenter.clone()),
        ("Address", address(one)),
        ("Tags", tags(&one.tags)),
    ])
}

/// An address of version 6 stands in brackets before its port; a service without a port has none.
fn address(one: &ServiceRegistration) -> String {
    match (one.port, one.address.contains(':')) {
        (port, _) if port <= 0 => one.address.clone(),
        (port, true) => format!("[{}]:{port}", one.address),
        (port, false) => format!("{}:{port}", one.address),
    }
}

#[cfg(test)]
mod tests {
    use super::*;
    use api::services::ServiceStub;

    #[test]
    fn as_recorded() {
        let stub = |name: &str, tags: &[&str]| ServiceStub {
            service_name: name.to_owned(),
            tags: tags.iter().map(|tag| (*tag).to_owned()).collect(),
        };
        let all = [NamespaceServices {
            namespace: "default".to_owned(),
            services: vec![stub("web-svc", &["a", "b"]), stub("api", &[])],
        }];
        assert_eq!(list(&all, false), "Service Name  Tags\napi           []\nweb-svc       [a,b]");
        assert_eq!(
            list(&all, true),
            "Service Name  Namespace  Tags\napi           default    []\nweb-svc       default    [a,b]"
        );
        let one = ServiceRegistration {
            job_id: "svc".to_owned(),
            address: "127.0.0.1".to_owned(),
            port: 29_971,
            node_id: "b08ef1e9-44c3-05be-dc50-951a897f323e".to_owned(),
            alloc_id: "42c4a94d-058c-561c-f68a-4990b19dead3".to_owned(),
            tags: vec!["a".to_owned(), "b".to_owned()],
            ..ServiceRegistration::default()
        };
        assert_eq!(
            table(std::slice::from_ref(&one)),
            "Job ID  Address          Tags   Node ID   Alloc ID\nsvc     127.0.0.1:29971  [a,b]  b08ef1e9  42c4a94d"
        );
        assert!(
            block(&one)
                .ends_with("\nDatacenter   = <none>\nAddress      = 127.0.0.1:29971\nTags         = [a,b]")
        );
        let six = ServiceRegistration { address: "::1".to_owned(), ..one };
        assert_eq!(address(&six), "[::1]:29971");
        assert_eq!(address(&ServiceRegistration { port: 0, ..six }), "::1");
    }
}
