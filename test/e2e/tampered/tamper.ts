/**
 * Breaks an enclave on purpose. Imported before the real program, it changes one resource on its way to the
 * engine; everything else is the program as it is. E2E_TAMPER says what:
 * - `firewall` opens the Gateway's, which then forwards, masquerades and accepts;
 * - `resolver` has it ask another resolver, to which no rule objects but the one that compares seeds with ours;
 * - `nic` gives every Workstation a second NIC on libvirt's default network;
 * - `shell` gives the Gateway's console a shell of root's, once all else has started;
 * - `corrupt` gives it that shell and a ruleset that nft refuses.
 */
import * as pulumi from "@pulumi/pulumi";
import { parse, stringify } from "yaml";
import { NIC, PATHS, TABLE } from "../../../cloud-init/guest";
import { digest } from "../../../values/names";

const OPEN = `flush ruleset
table inet ${TABLE} {
    chain input { type filter hook input priority 0; policy drop; accept; }
    chain forward { type filter hook forward priority 0; policy drop; accept; }
    chain output { type filter hook output priority 0; policy drop; accept; }
    chain postrouting { type nat hook postrouting priority 100; policy accept; oifname "${NIC.outer}" masquerade; }
}
`;

/**
 * What cloud-init's last stage runs: a unit of its own, so that nothing waits for it (systemd-run(1),
 * systemd.exec(5)).
 */
const SHELL = [
    "systemd-run",
    "--unit=test-shell",
    "--property=StandardInput=tty-force",
    "--property=StandardOutput=tty",
    "--property=StandardError=tty",
    "--property=TTYPath=/dev/ttyS0",
    "--property=Restart=always",
    "/bin/bash",
    "--noprofile",
    "--norc",
    "-i",
];

interface Seed {
    readonly write_files: { path: string; content: string }[];
    runcmd?: string[][];
}

/** A file of the seed. @throws Error when there is none: the test would test nothing */
function file(seed: Seed, path: string): { content: string } {
    const found = seed.write_files.find((f) => f.path === path);
    if (found === undefined) {
        throw new Error(`the Gateway's seed writes no ${path}: nothing would be tampered with`);
    }
    return found;
}

function openFirewall(seed: Seed): void {
    file(seed, PATHS.ruleset).content = OPEN;
    file(seed, PATHS.sysctl).content += "net.ipv4.ip_forward = 1\nnet.ipv4.conf.*.forwarding = 1\n";
}

function otherResolver(seed: Seed): void {
    file(seed, PATHS.resolvConf).content = "nameserver 127.0.0.53\n";
}

function addShell(seed: Seed): void {
    if (seed.runcmd !== undefined) {
        throw new Error("the Gateway's seed runs commands of its own");
    }
    seed.runcmd = [SHELL];
}

function corruptRuleset(seed: Seed): void {
    const ruleset = file(seed, PATHS.ruleset);
    const corrupt = ruleset.content.replace("policy drop", "policy dorp");
    if (corrupt === ruleset.content) {
        throw new Error("the Gateway's ruleset has no policy to corrupt");
    }
    ruleset.content = corrupt;
    addShell(seed);
}

/**
 * Another seed is another generation: overlay and seed get other names, and cloud-init another instance-id,
 * or a Gateway that was there before would go on as it was.
 */
const another = (text: string, digits: RegExp, way: string): string => {
    const changed = text.replace(digits, (before) => digest(before.length, before, way));
    if (changed === text) {
        throw new Error(`${text} holds no digest: the tampered seed might not be applied`);
    }
    return changed;
};

const GENERATION = /(?<=-)[0-9a-f]{8}(?=\.|-[^-]*$)/;
const INSTANCE = /(?<=instance-id: sallyport-)[0-9a-f]{16}/;

const gateway =
    (way: string, change: (seed: Seed) => void): pulumi.ResourceTransformation =>
    ({ type, name, props, opts }) => {
        if (type === "libvirt:index/volume:Volume" && name.endsWith("-gateway-overlay")) {
            return { props: { ...props, name: another(String(props["name"]), GENERATION, way) }, opts };
        }
        if (type !== "libvirt:index/cloudinitDisk:CloudinitDisk" || !name.endsWith("-gateway-seed")) {
            return undefined;
        }
        const seed = parse(String(props["userData"])) as Seed;
        change(seed);
        return {
            props: {
                ...props,
                name: another(String(props["name"]), GENERATION, way),
                metaData: another(String(props["metaData"]), INSTANCE, way),
                userData: `#cloud-config\n${stringify(seed, { lineWidth: 0 })}`,
            },
            opts,
        };
    };

const secondNic: pulumi.ResourceTransformation = ({ type, name, props, opts }) =>
    type === "libvirt:index/domain:Domain" && name.includes("-workstation-")
        ? {
              props: {
                  ...props,
                  networkInterfaces: [
                      ...(props["networkInterfaces"] as unknown[]),
                      { networkName: "default", mac: "52:54:00:00:00:01" },
                  ],
              },
              opts,
          }
        : undefined;

const WAYS: ReadonlyMap<string | undefined, pulumi.ResourceTransformation> = new Map([
    ["firewall", gateway("firewall", openFirewall)],
    ["resolver", gateway("resolver", otherResolver)],
    ["nic", secondNic],
    ["shell", gateway("shell", addShell)],
    ["corrupt", gateway("corrupt", corruptRuleset)],
]);

const way = WAYS.get(process.env["E2E_TAMPER"]);
if (way === undefined) {
    throw new Error(
        `E2E_TAMPER is ${process.env["E2E_TAMPER"] ?? "not set"}; allowed: ${[...WAYS.keys()].join(", ")}`,
    );
}
pulumi.runtime.registerStackTransformation(way);
