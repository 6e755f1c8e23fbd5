/**
 * Breaks an enclave on purpose. Imported before the real program, it changes one resource on its way to the engine;
 * everything else is the program as it is. E2E_TAMPER says what: `firewall` (the default) opens the Gateway's, which
 * then forwards, masquerades and accepts; `nic` gives every Workstation a second NIC on libvirt's default network.
 */
import * as pulumi from "@pulumi/pulumi";
import { parse, stringify } from "yaml";
import { NIC, PATHS, TABLE } from "../../../cloud-init/guest";

const OPEN = `flush ruleset
table inet ${TABLE} {
    chain input { type filter hook input priority 0; policy drop; accept; }
    chain forward { type filter hook forward priority 0; policy drop; accept; }
    chain output { type filter hook output priority 0; policy drop; accept; }
    chain postrouting { type nat hook postrouting priority 100; policy accept; oifname "${NIC.outer}" masquerade; }
}
`;

interface Seed {
    readonly write_files: { path: string; content: string }[];
}

/** The user-data with an open ruleset and forwarding switched on. @throws Error when it does not look as expected */
export function tamper(userData: string): string {
    const seed = parse(userData) as Seed;
    const file = (path: string): { content: string } => {
        const found = seed.write_files.find((f) => f.path === path);
        if (found === undefined) {
            throw new Error(`the Gateway's seed writes no ${path}: the anti-test would test nothing`);
        }
        return found;
    };
    file(PATHS.ruleset).content = OPEN;
    file(PATHS.sysctl).content += "net.ipv4.ip_forward = 1\nnet.ipv4.conf.*.forwarding = 1\n";
    return `#cloud-config\n${stringify(seed, { lineWidth: 0 })}`;
}

const firewall: pulumi.ResourceTransformation = ({ type, name, props, opts }) =>
    type === "libvirt:index/cloudinitDisk:CloudinitDisk" && name.endsWith("-gateway-seed")
        ? { props: { ...props, userData: tamper(String(props["userData"])) }, opts }
        : undefined;

const nic: pulumi.ResourceTransformation = ({ type, name, props, opts }) =>
    type === "libvirt:index/domain:Domain" && name.includes("-workstation-")
        ? { props: { ...props, networkInterfaces: [...props["networkInterfaces"] as unknown[], { networkName: "default", mac: "52:54:00:00:00:01" }] }, opts }
        : undefined;

pulumi.runtime.registerStackTransformation(process.env["E2E_TAMPER"] === "nic" ? nic : firewall);
