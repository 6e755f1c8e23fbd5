/** Foretold changes against what the components register, as an engine would replace it. */
import { readFileSync, writeFileSync } from "node:fs";
import { join } from "node:path";
import { changeLines, guestChanges, type GuestChange } from "../../../cli/guest-changes";
import { loadPlan } from "../../../plan/load";
import { declare, nameIn, type Declared } from "../../support/declare-stack";
import { projectRoot } from "../../../util/root";
import { isDeepStrictEqual } from "node:util";

jest.setTimeout(60_000);

type Enclave = Record<string, unknown>;
const WS1 = { name: "ws1", address: "10.152.152.11" };
const WS2 = { name: "ws2", address: "10.152.152.12" };
const stack = (enclave: Enclave = {}): Record<string, unknown> => ({
    enclaves: [{ name: "red", workstations: [WS1, WS2], ...enclave }],
});
const SHA = "b".repeat(64);

/** An export of what was declared. */
const exported = (all: readonly Declared[]): string =>
    JSON.stringify({
        deployment: {
            manifest: {},
            resources: all.map(({ type, name, parent, inputs }) => ({
                urn: urnOf(type, name),
                type,
                parent: all
                    .filter((p) => p.type.startsWith("sallyport:") && p.name === nameIn(parent))
                    .map((p) => urnOf(p.type, p.name))[0],
                inputs,
            })),
        },
    });
function urnOf(type: string, name: string): string {
    return `urn:pulumi:test::sallyport::${type}::${name}`;
}

/** What an engine replaces: what differs, and what takes a property of that. */
function replacements(before: readonly Declared[], after: readonly Declared[]): Set<string> {
    const ours = (d: Declared): boolean => d.type.startsWith("libvirt:") || d.type.startsWith("command:");
    const key = (d: Declared): string => d.name;
    const old = new Map(before.filter(ours).map((d) => [key(d), d]));
    const seen = (d: Declared): unknown =>
        d.type.startsWith("command:")
            ? d.inputs["triggers"]
            : Object.fromEntries(
                  Object.entries(d.inputs).filter(([k]) => !d.request.ignoreChanges.includes(k)),
              );
    const found = new Set<string>();
    for (const d of after.filter(ours)) {
        const was = old.get(key(d));
        if (was !== undefined && !isDeepStrictEqual(seen(was), seen(d))) {
            found.add(d.name);
        }
    }
    for (let size = -1; size !== found.size;) {
        size = found.size;
        after
            .filter(ours)
            .filter((d) => old.has(d.name) && !d.name.endsWith("-wipe") && !d.name.endsWith("-stop"))
            .filter((d) =>
                Object.values(d.request.fedBy)
                    .flat()
                    .some((name) => found.has(name)),
            )
            .forEach((d) => found.add(d.name));
    }
    return found;
}

const P = "sallyport-test-red";
const GUESTS = {
    "red/gateway": `${P}-gateway`,
    "red/ws1": `${P}-workstation-ws1`,
    "red/ws2": `${P}-workstation-ws2`,
};

/** Whether a prediction is what is registered; the difference, if any. */
function mistakes(changes: readonly GuestChange[], replaced: ReadonlySet<string>): string[] {
    return Object.entries(GUESTS).flatMap(([guest, domain]) => {
        const told = changes.find((c) => c.guest === guest)?.effect ?? "nothing";
        const restarts = replaced.has(domain) ? "restarts" : "nothing";
        const real = replaced.has(`${domain}-overlay`) ? "new root disk" : restarts;
        return told.startsWith(real) ? [] : [`${guest}: told ${told}, is ${real}`];
    });
}

const BRIDGES = ["192.0.2.1:443 " + "A".repeat(40), "192.0.2.2:443 " + "B".repeat(40)];
const AT = (...bridges: string[]): Enclave => ({ egress: { mode: "bridges", bridges } });
const RELAYS = (...relays: string[]): Enclave => ({ egress: { mode: "relay-set", relays } });
/** The twelve changes of docs/operations.md: from, to, image. */
const TWELVE: Readonly<Record<string, readonly [Enclave, Enclave, string?]>> = {
    "clock.strict": [{}, { clock: { strict: true } }],
    httpTunnelPorts: [{}, { httpTunnelPorts: [9190] }],
    customSocksPorts: [{}, { customSocksPorts: [9180] }],
    transparentProxy: [{}, { transparentProxy: false }],
    control: [{}, { workstations: [{ ...WS1, control: true }, WS2] }],
    "bridge line": [AT(BRIDGES[0] ?? ""), AT(...BRIDGES)],
    "relay list": [RELAYS("9.9.9.9:443"), RELAYS("9.9.9.9:443", "8.8.8.8:443")],
    memory: [{}, { gateway: { memoryMiB: 768 } }],
    vcpus: [{}, { workstations: [{ ...WS1, vcpus: 2 }, WS2] }],
    subnet: [{}, { external: { mode: "nat", subnet: "10.99.7.0/24" } }],
    image: [{}, {}, "c".repeat(64)],
    "one Workstation more": [{}, { workstations: [{ name: "ws3", address: "10.152.152.13" }, WS1, WS2] }],
};

const rows = new Map<string, readonly GuestChange[]>();

test.each(Object.entries(TWELVE))(
    "%s: what is foretold is what is registered",
    async (change, [from, to, sha = SHA]) => {
        const before = await declare(stack(from));
        const after = await declare(stack(to), undefined, sha);
        const state = exported(before);
        expect(guestChanges(state, loadPlan("sallyport", "test", stack(from)).plan, SHA, [])).toEqual([]);
        const changes = guestChanges(state, loadPlan("sallyport", "test", stack(to)).plan, sha, []);
        const real = replacements(before, after);
        expect(mistakes(changes, real)).toEqual([]);
        expect(changes.length).toBeGreaterThan(0);
        // A change that is not predicted is seen.
        expect(mistakes([], real).length > 0).toBe(change !== "one Workstation more");
        // What is kept is registered as it was, and so is nothing that the engine would make anew.
        const kept = (all: readonly Declared[]): unknown[] =>
            all.filter(({ name }) => /-(state|home)$/.test(name)).map(({ name, inputs }) => [name, inputs]);
        expect(kept(after)).toEqual(expect.arrayContaining(kept(before)));
        expect(kept(before)).toHaveLength(3);
        expect([...real].filter((name) => /-(state|home)$/.test(name))).toEqual([]);
        expect([change, ...changeLines(changes)]).toMatchSnapshot();
        rows.set(change, changes);
    },
);

/** docs/changes.md */
function renderChanges(): string {
    const effect = (changes: readonly GuestChange[], guest: string): string =>
        changes.find((c) => c.guest === `red/${guest}`)?.effect ?? "nothing";
    const lines = Object.keys(TWELVE).map((change) => {
        const changes = rows.get(change) ?? [];
        return `| ${change} | ${["gateway", "ws1", "ws2"].map((guest) => effect(changes, guest)).join(" | ")} |`;
    });
    return `# What a change of the settings does to each guest

Generated by a test (\`make docs\`), which compares the forecast with what the components register. An enclave with two
Workstations; the change is made to the enclave, or to its first Workstation.

\`bin/sallyport changes\` prints this for your stack, with the settings and files that differ; \`preview\` and \`up\` print it
before Pulumi's own list. "restarts": the guest is defined anew and boots from the disk that it had.

| change | Gateway | first Workstation | second Workstation |
|---|---|---|---|
${lines.join("\n")}
`;
}

test("docs/changes.md is what is foretold (fix: make docs)", () => {
    const path = join(projectRoot(), "docs/changes.md");
    if (process.env.UPDATE_DOCS === "1") {
        writeFileSync(path, renderChanges());
    }
    expect(readFileSync(path, "utf8")).toBe(renderChanges());
});

test("no change, in words", () => expect(changeLines([])).toEqual(["no guest changes"]));
