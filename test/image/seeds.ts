/**
 * The seeds of one enclave as the program renders them, and what its guests are planned to be, for image/test.
 * Usage: seeds FOLDER, which must not exist.
 */
import { mkdirSync, writeFileSync } from "node:fs";
import { dirname, join } from "node:path";
import { gatewaySeed, workstationSeed, type Seed } from "../../cloud-init/seed";
import { gatewayListeners } from "../../cloud-init/torrc/gateway";
import { loadPlan } from "../../config/load";

/** A Tor network that does not exist, at documentation addresses; it has no sources of time, so a Workstation has no reason to speak. */
const DIR_AUTHORITY = `auth1 orport=5000 no-v2 v3ident=${"0".repeat(39)}1 203.0.113.11:7000 ${"0".repeat(39)}1`;

function write(folder: string, seed: Seed): void {
    const files: Record<string, string> = {
        "user-data": seed.userData, "network-config": seed.networkConfig, "meta-data": seed.metaData,
        ...Object.fromEntries(seed.files.map((f) => [join("files", f.path), f.content])),
    };
    for (const [name, content] of Object.entries(files)) {
        mkdirSync(dirname(join(folder, name)), { recursive: true });
        writeFileSync(join(folder, name), content);
    }
}

function main(out: string): void {
    const [enclave] = loadPlan("sallyport", "image", { torNetwork: { dirAuthorities: [DIR_AUTHORITY] }, enclaves: [{ name: "boot" }] }).plan.enclaves;
    const [workstation] = enclave?.workstations ?? [];
    if (enclave === undefined || workstation === undefined) {
        throw new Error("the default enclave has no Workstation any more");
    }
    write(join(out, "gateway"), gatewaySeed(enclave));
    write(join(out, "workstation"), workstationSeed(enclave, workstation));
    const { outer, inner } = enclave.gateway;
    writeFileSync(join(out, "plan.json"), JSON.stringify({
        gateway: [outer, inner],
        workstation: [workstation.nic],
        listeners: gatewayListeners(enclave).map((l) => `${l.kind === "DNSPort" ? "udp" : "tcp"} ${l.address}:${l.port}`),
    }));
}

const [out] = process.argv.slice(2);
if (out === undefined) {
    throw new Error("usage: seeds FOLDER");
}
main(out);
