//! The policies that `policy init` writes (02 §13).

use gait_base::text::trim_fold;

/// A policy to start from.
#[derive(Clone, Copy, Debug, PartialEq, Eq, Hash)]
pub enum Template {
    /// Allows by default, blocks deletes, asks before writes.
    LowRisk,
    /// Asks by default.
    MediumRisk,
    /// Blocks by default; fail-closed, delegation, brokered credentials.
    HighRisk,
}

impl Template {
    /// All templates.
    pub const ALL: [Self; 3] = [Self::LowRisk, Self::MediumRisk, Self::HighRisk];

    /// The name in outputs.
    #[must_use]
    pub const fn name(self) -> &'static str {
        match self {
            Self::LowRisk => "baseline-lowrisk",
            Self::MediumRisk => "baseline-mediumrisk",
            Self::HighRisk => "baseline-highrisk",
        }
    }

    /// The template of a name or alias, whatever its case.
    ///
    /// ```
    /// use gait_gate::policy::Template;
    ///
    /// assert_eq!(Template::parse("HIGH"), Some(Template::HighRisk));
    /// assert_eq!(Template::parse("none"), None);
    /// ```
    #[must_use]
    pub fn parse(name: &str) -> Option<Self> {
        match trim_fold(name).as_str() {
            "baseline-lowrisk" | "baseline_low_risk" | "low" => Some(Self::LowRisk),
            "baseline-mediumrisk" | "baseline_medium_risk" | "medium" => Some(Self::MediumRisk),
            "baseline-highrisk" | "baseline_high_risk" | "high" => Some(Self::HighRisk),
            _ => None,
        }
    }

    /// The text of the file.
    #[must_use]
    pub const fn text(self) -> &'static str {
        match self {
            Self::LowRisk => include_str!("templates/baseline-lowrisk.yaml"),
            Self::MediumRisk => include_str!("templates/baseline-mediumrisk.yaml"),
            Self::HighRisk => include_str!("templates/baseline-highrisk.yaml"),
        }
    }
}
