/** Devices that no guest may have: a row for each rule that says no more than that. */
import type { Rule } from "../../rule";
import { noDevice } from "../../select";

/** @param elements names of the devices in the domain's XML */
type Row = Pick<Rule, "id" | "title" | "why" | "severity" | "fix"> & { readonly elements: readonly string[] };

const ROWS: readonly Row[] = [
    {
        id: "DD-01",
        elements: ["filesystem"],
        title: "No folder of the host's is shared with a guest",
        why: "9p and virtiofs are a channel to the host's files, and from there to everything.",
        severity: "critical",
        fix: "Remove filesystems.",
    },
    {
        id: "DD-02",
        elements: ["channel"],
        title: "No guest has a channel to the host: no guest agent, no SPICE agent",
        why:
            "The host trusts what an agent answers, and an agent obeys what the host says: both " +
            "leave the enclave. Provider 0.8 adds an agent channel to every domain; only a " +
            "stylesheet removes it.",
        severity: "critical",
        fix: "Use this project's stylesheet (provider 0.8) or declare no channels (0.9).",
    },
    {
        id: "DD-05",
        elements: [
            "hostdev",
            "redirdev",
            "redirfilter",
            "smartcard",
            "tpm",
            "shmem",
            "vsock",
            "iommu",
            "nvram",
        ],
        title: "No guest has a device of the host's, shared memory or a socket to the host",
        why: "Each of them leads out of the guest where no network rule sees.",
        severity: "critical",
        fix: "Remove hostdevs, redirdevs, smartcards, tpm, shmems and vsock.",
    },
    {
        id: "SH-07",
        elements: ["video"],
        title: "No guest has a graphics card, and so none is shared",
        why: "Memory of a graphics card is shared memory.",
        severity: "high",
        fix: "Use this project's stylesheet, which has no video device.",
    },
];

const rules: readonly Rule[] = ROWS.map(({ elements, ...row }) => ({
    ...row,
    scope: "resource",
    check: (model) => noDevice(model, "all", ...elements),
}));

export default rules;
