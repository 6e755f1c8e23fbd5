/**
 * Invariants of the catalogue that no rule of the pack enforces: who does, why they do not apply here, or
 * that are enforced nowhere and why.
 */

interface ExternalControl {
    readonly id: string;
    readonly title: string;
    /** Who enforces it. */
    readonly by?: string;
    /**
     * It is enforced nowhere: it cannot be broken here, or it can and is not done; `why` says which and why. Left
     * out when `by` is there.
     */
    readonly open?: "not applicable" | "not done";
    /** What shows that the check can fail. */
    readonly negativeTest?: string;
    readonly why: string;
}

const HOST = "State of the lab host, which no declared resource shows. Nothing here looks at it.";
const image = (what: string, planted: string): Pick<ExternalControl, "by" | "negativeTest"> => ({
    by: `${what}: built into the golden image, checked by \`make test-image\`.`,
    negativeTest: `\`make test-image\`: ${planted}`,
});
const LEAK: Pick<ExternalControl, "by" | "negativeTest"> = {
    by: "`make test-netns` and `make test-e2e` on live guests.",
    negativeTest: "positive controls and mutations there: a Gateway that leaks is seen to leak",
};

export const externalControls: readonly ExternalControl[] = [
    {
        id: "ID-06",
        title: "A clone has another generation id",
        open: "not applicable",
        why: "Clones and snapshots cannot be declared (LC-05, MODEL-01).",
    },
    {
        id: "ID-12",
        title: "Identities of the image are empty",
        ...image(
            "Empty machine-id, no SSH host keys, no random seed",
            "a machine-id, a host key and a random seed planted in the unpacked tree",
        ),
        why: "It is a property of the image, not of a declared resource.",
    },
    {
        id: "ID-14",
        title: "Nothing in a guest names host, user or stack",
        ...LEAK,
        why:
            "Declared contents are judged by CI-03 and GUEST-01; what programs write can only be " +
            "seen at run time.",
    },
    { id: "ID-15", title: "The host's clock leaks nothing", open: "not done", why: HOST },
    {
        id: "TR-10",
        title: "The control filter lets through a short list",
        by:
            "`make test-netns`, which asks the filter for what it has to refuse. Whom it serves: " +
            "FW-07, FW-12, GUEST-01.",
        negativeTest: "what it has to answer is answered",
        why: "The filter is the image's; tor's own control port is not offered to Workstations (TR-09).",
    },
    {
        id: "TR-13",
        title: "tor starts after the firewall",
        ...image(
            "tor's unit requires the role's firewall unit",
            "tor's drop-in without After= in the unpacked tree",
        ),
        why: "It is a property of the image's units.",
    },
    {
        id: "TR-16",
        title: "With a tunnel, tor leaves by the tunnel alone",
        by: "Reachability proof PATH-tor and GUEST-01 over the ruleset that is rendered for the enclave.",
        negativeTest: "GUEST-01's and PATH-tor's",
        why: "Judged as part of the Gateway's whole firewall.",
    },
    {
        id: "FW-15",
        title: "Without its firewall no NIC comes up",
        ...image(
            "systemd-networkd requires the firewall's unit",
            "its drop-in without Requires= in the unpacked tree; boots with a corrupt ruleset " +
                "and without nft, in which no NIC comes up",
        ),
        why: "It is a property of the image's units.",
    },
    {
        id: "FW-16",
        title: "tor requires the firewall's unit",
        ...image("Requires= and After= of tor's drop-in", "the drop-in without After= in the unpacked tree"),
        why: "It is a property of the image's units.",
    },
    {
        id: "FW-17",
        title: "Nothing else in the guest sets firewall rules",
        ...image(
            "List of packages and masked units",
            "a package too many and a unit unmasked in the unpacked tree",
        ),
        why: "It is a property of the image.",
    },
    {
        id: "FW-20",
        title: "Nothing leaves before the time is right",
        by:
            "`clock.strict` of an enclave. GUEST-01 judges both firewalls as they are rendered; " +
            "`make test-e2e` sees them hold and open.",
        negativeTest: "GUEST-01's, and sources that disagree in `make test-e2e`",
        why: "Optional; no rule demands it.",
    },
    {
        id: "FW-22",
        title: "tor leaves only to relays that are known",
        by:
            "`egress: relay-set` of an enclave. When used, GUEST-01, FW-05 and PATH-tor judge the " +
            "ruleset as it is rendered.",
        negativeTest: "theirs",
        why: "Optional; no rule demands it.",
    },
    {
        id: "CI-09",
        title:
            "What a guest keeps of its seed is for root, and for the one program that a secret is " +
            "meant for",
        by:
            "`make test-image`: a Gateway boots with a tunnel's key in its seed, and every file that " +
            "holds the key afterwards is looked for.",
        negativeTest: "`make test-image`: a copy that everyone may read is planted in that guest, and found",
        why:
            "The seed itself is not gone after the first boot: it stays attached, read-only (DD-19), " +
            "its device root's. cloud-init looks for it at every boot, without it asks for DHCP, and " +
            "the guest then stays shut; and provider 0.8 takes no disk from a domain without " +
            "replacing it. cloud-init's own copies (0600) therefore stay as well: code that is root in " +
            "the guest reads the seed anyway. On the lab host a seed with secrets is as secret as " +
            "its pool (HS-17).",
    },
    {
        id: "HS-01",
        title: "The bridge of an isolated network has no address",
        by: "Declared part: NT-02. Live part: `make test-e2e`, which reads the bridge's addresses.",
        negativeTest: "NT-02's",
        why: HOST,
    },
    {
        id: "HS-02",
        title: "No service of the host is reachable from an isolated network",
        by:
            "Declared part: DD-16 and PATH-host. Live part: `make test-e2e`, which plays an attacker's " +
            "machine behind the same filter.",
        negativeTest: "the same machine without the filter is answered by the host",
        why: HOST,
    },
    {
        id: "HS-06",
        title: "Nothing else is plugged into the bridges",
        by:
            "`sallyport plan --live` (NT-10, SH-01): every domain, network and pool of the host, " +
            "running, defined or at its next start, against the stack's bridges, taps, networks, " +
            "pools and files; `make test-e2e`, which lists an isolated bridge's ports.",
        negativeTest:
            "test/policy/live-strangers; the list has to be the domains' NICs and nothing else, " +
            "in number and by name",
        why:
            "No declared resource shows it. Not seen by libvirt: links and mounts of the host's, " +
            "VLANs under a name that does not begin with their device's, and programs that are no " +
            "guests.",
    },
    ...(
        [
            ["HS-03", "No dnsmasq serves an isolated network"],
            ["HS-04", "NetworkManager leaves the bridges alone"],
            ["HS-05", "br_netfilter does not touch the bridges"],
            ["HS-07", "QEMU is sandboxed"],
            ["HS-09", "libvirt is recent enough and reads back what was declared"],
            ["HS-10", "libvirt's filters are loaded"],
            ["HS-11", "Memory of guests reaches no disk of the host's"],
            ["HS-12", "Guests and host keep time apart"],
            ["HS-13", "The host's resolver and proxies are not passed on"],
            ["HS-14", "The host's firewall shuts the external bridge"],
            ["HS-15", "The host's own MAC is outside this stack"],
            ["HS-16", "The isolated network is not recorded"],
            ["HS-18", "A VPN of the host's is reported"],
        ] as const
    ).map(([id, title]): ExternalControl => ({ id, title, open: "not done", why: HOST })),
    {
        id: "LC-06",
        title: "Nothing of a guest is left after it is destroyed",
        by: "`make test-e2e`: what the host has after destroy is what it had before.",
        negativeTest: "the same inventory sees what an update that was killed leaves behind",
        why: "It can be seen only on the host.",
    },
    {
        id: "LC-08",
        title: "Overlays of a crash are reaped",
        by: "`sallyport orphans`, in `make test-e2e` after an update that was killed.",
        negativeTest: "it names what that update left",
        why: "It can be seen only on the host.",
    },
    {
        id: "LC-10",
        title: "A restored Gateway is a new one",
        open: "not applicable",
        why:
            "There is no restore: no snapshots (LC-05). tor's own state outlives its Gateway on purpose " +
            "(LC-09), so that it keeps its guards.",
    },
    {
        id: "LC-11",
        title: "Without its Gateway a Workstation is offline",
        ...LEAK,
        why: "Seen only at run time; that there is no other path is PATH-outside.",
    },
    {
        id: "LC-12",
        title: "What is live is what was declared",
        by:
            "`sallyport plan --live`: every rule and the proof over libvirt's own XML; on live " +
            "guests in `make test-e2e`, which also reads devices, bridges and links back " +
            "(model/live-domain).",
        negativeTest:
            "test/policy/live: an enclave that was changed behind the stack's back, one " +
            "change at a time; unit tests of model/live-domain",
        why: "A policy sees declared resources, not the host.",
    },
    {
        id: "SH-08",
        title: "Workstations have circuits of their own",
        ...LEAK,
        why: "Declared part: TR-02. That tor does it can only be seen at run time.",
    },
    {
        id: "SH-09",
        title: "One enclave's control commands do not reach another's circuits",
        by:
            "SH-05 and SH-10: no two enclaves share a tor. `make test-netns` asks the filter for " +
            "what it has to refuse.",
        negativeTest: "theirs",
        why:
            "Within an enclave it is not so: NEWNYM of one Workstation is for all of its siblings, " +
            "at most every ten seconds. The filter serves only Workstations that ask for it, and " +
            "lets through no command on single circuits.",
    },
];
