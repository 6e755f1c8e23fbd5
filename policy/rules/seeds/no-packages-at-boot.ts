import { noKeys } from "../../helpers/seed";
import type { Rule } from "../../rule";

const rule: Rule = {
    id: "CI-06",
    title: "No guest fetches packages at its first boot",
    why: "Before tor is up the fetch goes in the clear, and tells which packages.",
    severity: "critical",
    fix: "Put packages into the golden image.",
    scope: "seed",
    check: (model) =>
        noKeys(
            model,
            "it fetches something at first boot",
            "packages",
            "package_update",
            "package_upgrade",
            "package_reboot_if_required",
            "apt",
            "apt_update",
            "apt_upgrade",
            "snap",
            "snappy",
            "yum_repos",
            "zypper",
            "ubuntu_advantage",
            "ubuntu_pro",
            "ansible",
            "puppet",
            "chef",
            "salt_minion",
            "mcollective",
            "fan",
            "lxd",
            "rh_subscription",
            "spacewalk",
            "drivers",
        ),
};

export default rule;
