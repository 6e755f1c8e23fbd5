import * as pulumi from "@pulumi/pulumi";
import * as sallyport from "@pulumi/sallyport";

const config = new pulumi.Config();
// pulumi config set --secret --path 'bridges[0]' 'obfs4 …'; without bridges tor connects to any relay.
const bridges = config.getSecretObject<string[]>("bridges");

const lab = new sallyport.LabHost("lab", {
    uri: config.get("uri") ?? "qemu:///system",
    // pulumi config set image SHA256, as bin/sallyport image list shows it.
    image: config.require("image"),
    virt: { type: config.get<"kvm" | "qemu">("virt") ?? "kvm" },
    enclaves: [
        {
            name: "research",
            workstations: [
                { name: "irc", address: "10.152.152.11" },
                { name: "scraper", address: "10.152.152.12", memoryMiB: 512 },
            ],
            egress: bridges === undefined ? { mode: "tor" } : { mode: "bridges", bridges },
        },
    ],
});

/** The command that opens each Workstation, by its name. */
export const consoles = lab.enclaves.apply((enclaves) =>
    Object.fromEntries((enclaves["research"]?.workstations ?? []).map((w) => [w.name, w.console])),
);
