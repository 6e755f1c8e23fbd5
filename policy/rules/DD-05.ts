import type { Rule } from "../rule";
import { noDevice } from "../select";

const rule: Rule = {
    id: "DD-05",
    title: "No guest has a device of the host's, shared memory or a socket to the host",
    why: "Each of them leads out of the guest where no network rule sees.",
    severity: "critical",
    fix: "Remove hostdevs, redirdevs, smartcards, tpm, shmems and vsock.",
    scope: "resource",
    check: (model) =>
        noDevice(
            model,
            "all",
            "hostdev",
            "redirdev",
            "redirfilter",
            "smartcard",
            "tpm",
            "shmem",
            "vsock",
            "iommu",
            "nvram",
        ),
};

export default rule;
