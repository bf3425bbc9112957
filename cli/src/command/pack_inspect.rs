//! `gait pack inspect` and `gait voice pack inspect` (05 §6, §9).

use gait_evidence::pack::Inspection;
use gait_host::pack;

use super::pack::{flag_or_first, head};
use crate::report::{Answer, Call, Report};
use crate::text::Text;

pub(crate) fn run(call: &Call<'_>) -> Answer {
    let output = pack::inspect(flag_or_first(call, "path"), call.mode())?;
    let text = output.inspect.iter().fold(head(&output), tell);
    Ok(Report::new(&output, text))
}

fn tell(mut text: Text, found: &Inspection) -> Text {
    if let Some(manifest) = &found.manifest {
        text = text.pair("entries", manifest.contents().len()).pair("signatures", manifest.signatures.len());
    }
    if let Some(run) = &found.run_payload {
        text = text.label("run").pair("intents", run.intents_count).pair("results", run.results_count);
        text = text.pair("references", run.refs_count).pair("capture", &run.capture_mode);
    }
    if let Some(lineage) = &found.run_lineage {
        for item in &lineage.intent_results {
            text =
                text.label("intent").words(&item.intent_id).pair("tool", &item.tool_name).pair("status", &item.status);
        }
    }
    if let Some(job) = &found.job_payload {
        text = text.label("job").pair("status", &job.status).pair("stop_reason", &job.stop_reason);
        text = text.pair("checkpoints", job.checkpoint_count).pair("approvals", job.approval_count);
    }
    if let Some(lineage) = &found.job_lineage {
        text = text.label("events").pair("count", lineage.event_count).pair("last", &lineage.last_event_type);
        for checkpoint in &lineage.checkpoint_refs {
            text = text.label("checkpoint").words(&checkpoint.checkpoint_id).pair("type", &checkpoint.kind);
        }
    }
    if let Some(call) = &found.call_payload {
        text = text.label("call").pair("events", call.event_count).pair("commitments", call.commitment_count);
        text = text.pair("decisions", call.decision_count).pair("spoken", call.speak_receipt_count);
    }
    if let Some(authorization) = &found.authorization_payload {
        text = text.label("authorization").pair("outcome", &authorization.outcome_status);
        text = text.pair("evidence", authorization.linked_evidence_count);
    }
    text
}
