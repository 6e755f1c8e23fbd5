import { PATHS } from "../../../cloud-init/guest";
import { must, subjectOf, violation } from "../../check";
import { eachFile, noKeys, wrongFile } from "../../helpers/seed";
import type { Rule } from "../../rule";
import { eachDomain, eachPart, eachSeed } from "../../select";

const rule: Rule = {
    id: "CI-07",
    title: "The firewall is a file that the image's unit loads, and nothing runs a command",
    why: "Commands of cloud-init run late, as root, and can do anything.",
    severity: "critical",
    fix: "Write the ruleset with write_files, and remove runcmd and bootcmd.",
    scope: "seed",
    check: (model) => [
        ...noKeys(
            model,
            "it runs commands as root",
            "runcmd",
            "bootcmd",
            "cloud_config_modules",
            "cloud_final_modules",
            "cloud_init_modules",
            "scripts_vendor",
            "power_state",
            "swap",
            "mounts",
            "disk_setup",
            "fs_setup",
            "growpart",
            "write_files_deferred",
            "vendor_data",
            "vendor_data2",
            "jinja",
            "output",
            "wireguard",
        ),
        ...eachFile(model, "all", (file, domain) =>
            /^\/(var\/lib\/cloud|etc\/(init\.d|rc\.local|cron|systemd\/system|profile$|environment$|ld\.so|modprobe|udev|networkd-dispatcher)|usr\/lib\/systemd|lib\/systemd|root\/\.(bash|profile))/.test(
                file.path,
            )
                ? [wrongFile(domain, file, "it runs something as root")]
                : [],
        ),
        ...eachPart(
            model,
            "all",
            "role file",
            (content) => content.role,
            (role, domain, _content, at) =>
                role === "gateway" || role === "workstation"
                    ? []
                    : [violation(`${subjectOf(domain)} ${PATHS.role}`, `the role is "${role}"`, at)],
        ),
        ...eachDomain(model, "all", (domain) =>
            domain.role.kind !== "known" || domain.role.value === undefined
                ? []
                : eachSeed(domain, (content) =>
                      must(
                          `${subjectOf(domain)} ${PATHS.role}`,
                          content.role,
                          (role) => role === (domain.role.kind === "known" ? domain.role.value : undefined),
                          "the component says " +
                              `${domain.role.kind === "known" ? (domain.role.value ?? "") : ""}`,
                      ),
                  ),
        ),
    ],
};

export default rule;
