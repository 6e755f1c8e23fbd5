/**
 * One Workstation against another, on the real bridge. A Workstation's own user sends no raw frames, so a
 * machine of the attacker's choosing is plugged into the isolated bridge, with a port like a Workstation's:
 * attacker.py.
 */
import assert from "../../support/assert";
import { once } from "node:events";
import { readFileSync, writeFileSync } from "node:fs";
import { join } from "node:path";
import { execa } from "execa";
import { openShell } from "../../../cli/guest-shell";
import { fetchPage } from "../../../cli/live/fetch";
import { startCapture } from "../../../lab/capture";
import { inNamespace } from "../../../lab/run";
import { decodeFrame } from "../../../capture/frame";
import { readPcap } from "../../../capture/pcap";
import { INNER_GATEWAY } from "../../../values/addresses";
import { DEFAULT_SOCKS_PORT } from "../../../values/ports";
import type { NicPlan } from "../../../plan/guest-plan";
import type { EnclavePlan } from "../../../plan/plan";
import { type EnclaveStage, portOf } from "../support/enclave-stage";
import { LIMIT, lab, root, work } from "../support/world";

interface Line {
    readonly name: string;
    readonly ok: boolean;
    readonly detail: string;
}

async function specFile(plan: EnclavePlan): Promise<string> {
    const member = async (domain: string, nic: NicPlan): Promise<object> => ({
        port: await portOf(domain, plan.isolated.name),
        mac: nic.mac,
        address: nic.address,
    });
    const file = join(work, "attacker.json");
    writeFileSync(
        file,
        JSON.stringify({
            uri: lab().uri,
            bridge: plan.isolated.bridge,
            filter: plan.isolated.name,
            uplink: await uplink(),
            namespace: lab().namespaces.host,
            probes: join(root, "test", "netns", "probes"),
            gateway: await member(plan.gateway.domain, plan.gateway.inner),
            workstations: await Promise.all(plan.workstations.map((w) => member(w.domain, w.nic))),
        }),
    );
    return file;
}

/** The host's interface to the Internet: the one that its default route names. */
async function uplink(): Promise<string> {
    const [route] = JSON.parse(
        (await inNamespace(lab().namespaces.host, "ip", ["-j", "route", "show", "default"])).stdout,
    ) as { dev?: string }[];
    assert.ok(route?.dev, "the host has no default route");
    return route.dev;
}

/** Plays a part; `meanwhile` runs once it has begun, and ends it. @returns its results */
async function attacker(plan: EnclavePlan, part: string, meanwhile?: () => Promise<void>): Promise<Line[]> {
    const child = execa(
        "/usr/bin/python3",
        ["-B", join(root, "test", "e2e", "attacker.py"), await specFile(plan), part],
        { reject: false, stdin: meanwhile === undefined ? "ignore" : "pipe", timeout: LIMIT.fetch * 4000 },
    );
    if (meanwhile !== undefined) {
        try {
            // Whatever it says first, or its end if it fails.
            await Promise.race([once(child.stdout, "data"), child]);
            await meanwhile();
        } finally {
            child.stdin?.end();
        }
    }
    const done = await child;
    assert.equal(done.exitCode, 0, done.stderr);
    return done.stdout
        .split("\n")
        .map((line) => JSON.parse(line) as Line)
        .filter((line) => "name" in line);
}

/** Every check of a part must hold, and there must be some. */
function allHold(lines: readonly Line[], least: number): void {
    assert.deepEqual(
        lines.filter((line) => !line.ok),
        [],
    );
    assert.ok(lines.length >= least, `${lines.length} results, ${least} expected`);
}

export function neighbours(stage: EnclaveStage): void {
    it("every Workstation's port is isolated, the Gateway's is not", async () => {
        const plan = stage.plan();
        const links = JSON.parse(
            (await inNamespace(lab().namespaces.host, "bridge", ["-j", "-d", "link", "show"])).stdout,
        ) as { ifname: string; isolated?: boolean }[];
        const isolated = async (domain: string): Promise<boolean | undefined> => {
            const port = await portOf(domain, plan.isolated.name);
            return links.find((link) => link.ifname === port)?.isolated;
        };
        assert.deepEqual(
            await Promise.all(plan.workstations.map((w) => isolated(w.domain))),
            plan.workstations.map(() => true),
        );
        assert.equal(await isolated(plan.gateway.domain), false);
    });

    it("a Workstation's programs do not reach the other one, not even its port of the bridge", async () => {
        const plan = stage.plan();
        const [one, two] = plan.workstations;
        assert.ok(one && two, "two Workstations are needed");
        const captureAt = async (domain: string, name: string): Promise<() => Promise<number>> => {
            const file = join(work, `${name}.pcap`);
            const capture = await startCapture({
                namespace: lab().namespaces.host,
                interface: await portOf(domain, plan.isolated.name),
                file,
            });
            return async () => {
                assert.equal((await capture.stop()).droppedByKernel, 0);
                return readPcap(readFileSync(file)).filter(
                    (c) => decodeFrame(c.data, c.wireLength).sourceMac === one.nic.mac,
                ).length;
            };
        };
        const [atTwo, atGateway] = [
            await captureAt(two.domain, "neighbour"),
            await captureAt(plan.gateway.domain, "gateway-inner"),
        ];
        const shell = await openShell({ uri: lab().uri, domain: one.domain, timeoutSeconds: LIMIT.shell });
        try {
            const connectTo = (address: string, port: number, kind = "tcp"): string =>
                `timeout 3 bash -c 'echo x > /dev/${kind}/${address}/${port}' 2>&1`;
            for (const port of [22, 80, DEFAULT_SOCKS_PORT]) {
                assert.notEqual((await shell.run(connectTo(two.nic.address, port), 15)).status, 0);
            }
            await shell.run(connectTo(two.nic.address, 4444, "udp"), 15);
            assert.equal(
                (await shell.run(connectTo(INNER_GATEWAY, DEFAULT_SOCKS_PORT), 15)).status,
                0,
                "positive control: the Gateway is reached",
            );
        } finally {
            await shell.close();
        }
        assert.equal(await atTwo(), 0);
        assert.ok(
            (await atGateway()) > 0,
            "positive control: the Gateway's port has the Workstation's frames",
        );
    });

    it("the host's stack hears nothing over the isolated bridge; without the filter it would answer", async () =>
        allHold(await attacker(stage.plan(), "host"), 4));

    it("an attacker's frames, ARP poisoning among them, do not reach a Workstation", async () =>
        allHold(await attacker(stage.plan(), "neighbours"), 5));

    it("a Workstation gets of the Gateway's frames those for itself, also when the bridge floods", async () =>
        allHold(await attacker(stage.plan(), "flooded"), 3));

    it("the Gateway answers no spoofed source", async () =>
        allHold(await attacker(stage.plan(), "spoofing"), 2));

    it("a neighbour who claims to be a Workstation gets nothing of its traffic, which goes on", async () => {
        const plan = stage.plan();
        const shell = await openShell({
            uri: lab().uri,
            domain: plan.workstations[0]?.domain ?? "",
            timeoutSeconds: LIMIT.shell,
        });
        try {
            allHold(
                await attacker(plan, "poisoned", async () => {
                    const fetched = await fetchPage(shell, lab(), "SocksPort", LIMIT.fetch);
                    assert.ok(fetched.ok && fetched.anonymous, JSON.stringify(fetched));
                }),
                1,
            );
        } finally {
            await shell.close();
        }
    });
}
