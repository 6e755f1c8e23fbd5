import { eachFile, noKeys, wrongFile } from "../../helpers/seed";
import type { Rule } from "../../rule";

const rule: Rule = {
    id: "CI-02",
    title: "No guest takes a key to log in with, and none runs an SSH server",
    why: "The holder of the key is in the enclave, and a server that answers shows that there is one.",
    severity: "critical",
    fix: "Remove keys from user-data, and authorized_keys and sshd's files from its files.",
    scope: "seed",
    check: (model) => [
        ...noKeys(
            model,
            "it opens a way in",
            "ssh_authorized_keys",
            "ssh_import_id",
            "ssh_keys",
            "ssh_genkeytypes",
            "ssh_deletekeys",
            "ssh_publish_hostkeys",
            "ssh",
            "no_ssh_fingerprints",
        ),
        ...eachFile(model, "all", (file, domain) =>
            /authorized_keys|\/sshd_config|ssh_host_.*key|dropbear/.test(file.path)
                ? [wrongFile(domain, file, "it belongs to an SSH server")]
                : [],
        ),
    ],
};

export default rule;
