//! What kind of access a target means, read off its kind, the operation and the tool's name (02 §4.4).

pub(super) const OTHER: &str = "other";
pub(super) const FS_READ: &str = "fs.read";
pub(super) const FS_WRITE: &str = "fs.write";
pub(super) const FS_DELETE: &str = "fs.delete";
pub(super) const NET_DNS: &str = "net.dns";
pub(super) const NET_HTTP: &str = "net.http";
pub(super) const PROC_EXEC: &str = "proc.exec";

/// Words in the name of a file tool, and the class they speak of; the first that occurs decides.
const FILE_TOOL_WORDS: &[(&[&str], &str)] = &[
    (&["read", "list", "fetch", "search"], FS_READ),
    (&["write", "update", "save", "create"], FS_WRITE),
    (&["delete", "remove", "rm", "drop"], FS_DELETE),
];
const EXEC_TOOL_WORDS: &[&str] = &["exec", "shell", "command", "spawn", "run"];

/// The class of a target that names none. All three texts are folded.
pub(super) fn infer(kind: &str, operation: &str, tool_name: &str) -> &'static str {
    match kind {
        "path" => infer_file(operation, tool_name),
        "host" | "url" => match operation {
            "dns" | "resolve" | "lookup" => NET_DNS,
            _ => NET_HTTP,
        },
        "other" => match operation {
            "exec" | "spawn" | "run" | "shell" | "command" => PROC_EXEC,
            _ if EXEC_TOOL_WORDS.iter().any(|word| last_segment(tool_name).contains(word)) => PROC_EXEC,
            _ => OTHER,
        },
        _ => OTHER,
    }
}

fn infer_file(operation: &str, tool_name: &str) -> &'static str {
    match operation {
        "read" | "get" | "list" | "open" | "cat" | "head" | "download" | "stat" => return FS_READ,
        "write" | "append" | "put" | "create" | "update" | "save" | "copy" | "move" | "rename" => return FS_WRITE,
        _ if deletes(operation) => return FS_DELETE,
        _ => {}
    }
    let tool = last_segment(tool_name);
    let hit = FILE_TOOL_WORDS.iter().find(|(words, _)| words.iter().any(|word| tool.contains(word)));
    hit.map_or(OTHER, |(_, class)| class)
}

fn deletes(operation: &str) -> bool {
    matches!(operation, "delete" | "remove" | "rm" | "unlink" | "rmdir" | "drop" | "truncate")
}

/// Whether access of that class, or by that operation, destroys something or starts a program.
pub(super) fn is_destructive(class: &str, operation: &str) -> bool {
    matches!(class, FS_DELETE | PROC_EXEC) || matches!(operation, "exec" | "spawn") || deletes(operation)
}

/// What stands behind the last slash of a tool's name, trailing slashes aside.
fn last_segment(tool_name: &str) -> &str {
    let name = tool_name.trim_end_matches('/');
    name.rsplit('/').next().unwrap_or(name)
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn operation_decides_before_the_tool_name() {
        assert_eq!(infer("path", "rm", "tool.read"), FS_DELETE);
        assert_eq!(infer("path", "download", "tool.write"), FS_READ);
        assert_eq!(infer("path", "move", ""), FS_WRITE);
        assert_eq!(infer("url", "resolve", "x"), NET_DNS);
        assert_eq!(infer("host", "get", "x"), NET_HTTP);
        assert_eq!(infer("other", "shell", "x"), PROC_EXEC);
        assert_eq!(infer("path", "exec", "x"), OTHER);
        for kind in ["repo", "bucket", "table", "queue", "topic"] {
            assert_eq!(infer(kind, "delete", "tool.delete"), OTHER);
        }
    }

    #[test]
    fn words_in_the_last_segment_of_the_tool_name() {
        let table = [
            ("fs/read_file", FS_READ),
            ("read/write", FS_WRITE),
            ("write_list", FS_READ),
            ("a/delete//", FS_DELETE),
            ("form", FS_DELETE),
            ("perm", FS_DELETE),
            ("read/x", OTHER),
            ("///", OTHER),
        ];
        for (tool, class) in table {
            assert_eq!(infer("path", "", tool), class, "{tool}");
        }
        assert_eq!(infer("other", "", "prune"), PROC_EXEC);
        assert_eq!(infer("other", "", "run/x"), OTHER);
    }
}
