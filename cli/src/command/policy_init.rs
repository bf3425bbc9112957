//! `gait policy init` (02 §13).

use gait_gate::policy::Template;
use gait_host::error::HostError;
use gait_host::fs::{PRIVATE, create_parents, exists, write_replacing};

use crate::report::{Answer, Call, Failure, Report};
use crate::text::Text;

gait_base::record! {
    /// What `policy init` prints.
    #[derive(Clone, Debug, PartialEq)]
    struct PolicyInitOutput {
        /// Always true; failures print the error members alone.
        ok: bool,
        /// Full name of the template.
        template: String => omit,
        /// Where the policy is.
        policy_path: String => omit,
        /// What to do next.
        next_commands: Vec<String> => omit,
    }
}

pub(crate) fn run(call: &Call<'_>) -> Answer {
    let known = || Template::ALL.map(Template::name).join(", ");
    let [name] = call.positionals(&format!("expected one template: {}", known()))?;
    let Some(template) = Template::parse(name) else {
        return Err(Failure::usage(format!("unknown template {name:?}; there are {}", known())));
    };
    let path = call.args.text("out").trim();
    if path.is_empty() {
        return Err(Failure::usage("--out must not be blank"));
    }
    if !call.args.flag("force") && exists(path)? {
        return Err(Failure::of_new_file(&HostError::Exists { path: path.into() }));
    }
    create_parents(path)?;
    write_replacing(path, template.text().as_bytes(), PRIVATE)?;
    let record = PolicyInitOutput {
        ok: true,
        template: template.name().to_owned(),
        policy_path: path.to_owned(),
        next_commands: vec![
            format!("gait policy validate {path} --json"),
            format!("gait policy fmt {path} --write --json"),
            "gait doctor --json".to_owned(),
        ],
    };
    let text = Text::ok("policy init")
        .pair("template", template.name())
        .pair("path", path)
        .lines("next", &record.next_commands);
    Ok(Report::new(&record, text))
}
