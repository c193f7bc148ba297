//! The Services page.

use crate::shape::shape;

shape! {
    /// A service as one allocation stands for it.
    ServiceRegistration {
        "Address" address: String,
        "AllocID" alloc_id: String,
        "CreateIndex" create_index: u64,
        "Datacenter" datacenter: String,
        "ID" id: String,
        "JobID" job_id: String,
        "ModifyIndex" modify_index: u64,
        "Namespace" namespace: String,
        "NodeID" node_id: String,
        "Port" port: i64,
        "ServiceName" service_name: String,
        "Tags" tags: Vec<String>,
    }
    /// The services of one namespace.
    NamespaceServices {
        "Namespace" namespace: String,
        "Services" services: Vec<ServiceStub>,
    }
    /// A service in a list, with the tags of all of its registrations.
    ServiceStub {
        "ServiceName" service_name: String,
        "Tags" tags: Vec<String>,
    }
}

impl From<&model::ServiceRegistration> for ServiceRegistration {
    fn from(registration: &model::ServiceRegistration) -> Self {
        ServiceRegistration {
            address: registration.address.clone(),
            alloc_id: registration.alloc_id.text(),
            create_index: registration.create_index,
            datacenter: registration.datacenter.clone(),
            id: registration.id.clone(),
            job_id: registration.job_id.clone(),
            modify_index: registration.modify_index,
            namespace: registration.namespace.clone(),
            node_id: registration.node_id.text(),
            port: registration.port,
            service_name: registration.service_name.clone(),
            tags: registration.tags.clone(),
        }
    }
}
