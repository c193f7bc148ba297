//! The Validate page.

use crate::job::Job;
use crate::shape::shape;

shape! {
    /// Body of a validation.
    JobValidateRequest { "Job" job: Option<Job>, "Namespace" namespace: String, "Region" region: String }
    /// What is wrong with a job.
    JobValidateResponse {
        "DriverConfigValidated" driver_config_validated: bool,
        "Error" error: String,
        "ValidationErrors" validation_errors: Option<Vec<String>>,
        "Warnings" warnings: String,
    }
}
