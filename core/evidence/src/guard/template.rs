//! The templates: which controls a pack is indexed by, and what speaks for each (05 §11.1, §11.6).

use gait_base::text::trim_fold;

use super::document::{Control, PackEntry};

/// A set of controls.
#[derive(Clone, Copy, Debug, Default, PartialEq, Eq, Hash)]
pub enum Template {
    /// SOC 2.
    #[default]
    Soc2,
    /// PCI DSS.
    Pci,
    /// The reconstruction of an incident.
    IncidentResponse,
}

/// What speaks for a control: entries of some types, and those with one of some texts in their path.
struct Rule {
    id: &'static str,
    title: &'static str,
    types: &'static [&'static str],
    path_parts: &'static [&'static str],
}

const SOC2: &[Rule] = &[
    Rule {
        id: "CC6.6",
        title: "Change Management Evidence",
        types: &["trace", "evidence"],
        path_parts: &["approval_audit_", "credential_evidence_"],
    },
    Rule {
        id: "CC7.2",
        title: "Operational Monitoring",
        types: &["report"],
        path_parts: &["regress_summary.json", "trace_summary.json"],
    },
    Rule {
        id: "CC8.1",
        title: "Incident Evidence Integrity",
        types: &["runpack", "evidence"],
        path_parts: &["runpack_summary.json", "referenced_runpacks.json"],
    },
];

const PCI: &[Rule] = &[
    Rule {
        id: "PCI-10",
        title: "Audit Trail and Monitoring",
        types: &["trace", "report"],
        path_parts: &["trace_summary.json"],
    },
    Rule {
        id: "PCI-7",
        title: "Access and Approval Controls",
        types: &["evidence"],
        path_parts: &["approval_audit_", "credential_evidence_"],
    },
    Rule {
        id: "PCI-12",
        title: "Incident Handling Evidence",
        types: &["runpack", "report"],
        path_parts: &["runpack_summary.json", "regress_summary.json"],
    },
];

const INCIDENT_RESPONSE: &[Rule] = &[
    Rule {
        id: "IR-CHAIN",
        title: "Reconstruction Chain",
        types: &["runpack", "trace", "evidence"],
        path_parts: &["runpack_summary.json", "trace_summary.json", "approval_audit_", "credential_evidence_"],
    },
    Rule {
        id: "IR-ROOTCAUSE",
        title: "Root Cause and Regression",
        types: &["report"],
        path_parts: &["regress_summary.json", "policy_digests.json"],
    },
];

impl Template {
    /// Every template.
    pub const ALL: [Self; 3] = [Self::Soc2, Self::Pci, Self::IncidentResponse];

    /// The template that a person names: blank is SOC 2, and what is unknown is the one for incidents.
    ///
    /// ```
    /// use gait_evidence::guard::Template;
    ///
    /// assert_eq!(Template::named(" PCI "), Template::Pci);
    /// assert_eq!(Template::named("hipaa"), Template::IncidentResponse);
    /// ```
    #[must_use]
    pub fn named(name: &str) -> Self {
        let name = trim_fold(name);
        if name.is_empty() {
            return Self::Soc2;
        }
        Self::with_id(&name).unwrap_or(Self::IncidentResponse)
    }

    /// The template with exactly this id.
    #[must_use]
    pub fn with_id(id: &str) -> Option<Self> {
        Self::ALL.into_iter().find(|template| template.as_str() == id)
    }

    /// Its id in artifacts.
    #[must_use]
    pub const fn as_str(self) -> &'static str {
        match self {
            Self::Soc2 => "soc2",
            Self::Pci => "pci",
            Self::IncidentResponse => "incident_response",
        }
    }

    /// Its controls, each with the entries that speak for it.
    #[must_use]
    pub fn controls(self, entries: &[PackEntry]) -> Vec<Control> {
        let rules = match self {
            Self::Soc2 => SOC2,
            Self::Pci => PCI,
            Self::IncidentResponse => INCIDENT_RESPONSE,
        };
        rules.iter().map(|rule| rule.control(entries)).collect()
    }
}

impl Rule {
    fn control(&self, entries: &[PackEntry]) -> Control {
        let speaks = |entry: &&PackEntry| {
            self.types.contains(&entry.kind.as_str()) || self.path_parts.iter().any(|part| entry.path.contains(part))
        };
        let mut paths: Vec<String> = entries.iter().filter(speaks).map(|entry| entry.path.clone()).collect();
        gait_base::text::sort_dedup(&mut paths);
        Control { control_id: self.id.to_owned(), title: self.title.to_owned(), evidence_paths: Some(paths) }
    }
}
