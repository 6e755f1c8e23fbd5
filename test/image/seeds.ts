/**
 * The seeds of enclaves as the program renders them, and what their guests are planned to be, for test/image/run.
 * Usage: seeds FOLDER, which must not exist.
 */
import { generateKeyPairSync } from "node:crypto";
import { mkdirSync, writeFileSync } from "node:fs";
import { dirname, join } from "node:path";
import { gatewaySeed, workstationSeed, type Seed } from "../../cloud-init/seed";
import { gatewayListeners } from "../../cloud-init/torrc/gateway";
import { workstationPlaces } from "../../values/addresses";
import { loadPlan } from "../../plan/load";
import type { EnclavePlan } from "../../plan/plan";
import { CONNECTIONS_PER_WORKSTATION, SOCKS_PORTS } from "../../values/ports";

/**
 * A Tor network that does not exist, at documentation addresses; it has no sources of time, so a Workstation
 * has no reason to speak.
 */
const DIR_AUTHORITY = `auth1 orport=5000 no-v2 v3ident=${"0".repeat(39)}1 203.0.113.11:7000 ${"0".repeat(39)}1`;

/** A bridge that is not run. Its cert is 52 bytes: a node's id and its key. */
const OBFS4 = `obfs4 192.0.2.7:443 ${"0".repeat(39)}1 cert=${Buffer.alloc(52, 9).toString("base64").replace(/=+$/, "")} iat-mode=0`;

/** A new WireGuard key pair, in base64. */
function keyPair(): { readonly secret: string; readonly open: string } {
    const { d = "", x = "" } = generateKeyPairSync("x25519").privateKey.export({ format: "jwk" });
    const [secret, open] = [d, x].map((key) => Buffer.from(key, "base64url").toString("base64"));
    return { secret: secret ?? "", open: open ?? "" };
}

const [OURS, PEER] = [keyPair(), keyPair()];
const TUNNEL = {
    endpoint: "198.51.100.66:51820",
    address: "10.66.0.2",
    peerPublicKey: PEER.open,
    privateKey: OURS.secret,
};

function write(folder: string, seed: Seed): void {
    const files: Record<string, string> = {
        "user-data": seed.userData,
        "network-config": seed.networkConfig,
        "meta-data": seed.metaData,
        ...Object.fromEntries(seed.files.map((f) => [join("files", f.path), f.content])),
    };
    for (const [name, content] of Object.entries(files)) {
        mkdirSync(dirname(join(folder, name)), { recursive: true });
        writeFileSync(join(folder, name), content);
    }
}

/** An enclave of these settings, alone in its stack. */
function enclaveOf(settings: Readonly<Record<string, unknown>>): EnclavePlan {
    const [enclave] = loadPlan("sallyport", "image", {
        torNetwork: { dirAuthorities: [DIR_AUTHORITY] },
        enclaves: [{ name: "boot", ...settings }],
    }).plan.enclaves;
    if (enclave === undefined) {
        throw new Error("a stack with one enclave has none");
    }
    return enclave;
}

const nics = ({ gateway: { outer, inner } }: EnclavePlan): unknown => [outer, inner];

function main(out: string): void {
    const plain = enclaveOf({});
    const bridged = enclaveOf({ egress: { mode: "bridges", bridges: [OBFS4] } });
    const tunnelled = enclaveOf({ tunnel: TUNNEL });
    const [workstation] = plain.workstations;
    if (workstation === undefined) {
        throw new Error("the default enclave has no Workstation any more");
    }
    write(join(out, "gateway"), gatewaySeed(plain));
    write(join(out, "gateway-obfs4"), gatewaySeed(bridged));
    write(join(out, "gateway-tunnel"), gatewaySeed(tunnelled));
    write(join(out, "workstation"), workstationSeed(plain, workstation));
    writeFileSync(
        join(out, "plan.json"),
        JSON.stringify({
            gateway: nics(plain),
            "gateway-obfs4": nics(bridged),
            "gateway-tunnel": nics(tunnelled),
            workstation: [workstation.nic],
            listeners: gatewayListeners(plain).map(
                (l) => `${l.kind === "DNSPort" ? "udp" : "tcp"} ${l.address}:${l.port}`,
            ),
            limits: { connections: CONNECTIONS_PER_WORKSTATION, workstations: workstationPlaces().length },
            ports: Object.fromEntries(SOCKS_PORTS.map((p) => [p.application, p.port])),
            bridge: { address: "192.0.2.7", port: 443 },
            tunnel: { ...TUNNEL, peerPrivateKey: PEER.secret, publicKey: OURS.open },
        }),
    );
}

const [out] = process.argv.slice(2);
if (out === undefined) {
    throw new Error("usage: seeds FOLDER");
}
main(out);
