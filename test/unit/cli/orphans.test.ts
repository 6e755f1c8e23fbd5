import { guestVolume, inState, type LibvirtObject, orphansOf, planned, removal } from "../../../cli/orphans/find";
import { planOf } from "../../../cli/live/lab-stack-config";

const plan = planOf("s", {});
const P = "sallyport-s";
const state = (...resources: unknown[]): string => JSON.stringify({ version: 3, deployment: { manifest: {}, resources } });
const resource = (type: string, outputs: Record<string, unknown>): unknown => ({ type, outputs });
const whole = [
    resource("libvirt:index/domain:Domain", { name: `${P}-default-gateway` }), resource("libvirt:index/network:Network", { name: `${P}-default-isolated` }),
    resource("libvirt:index/pool:Pool", { name: `${P}-default-status` }), resource("libvirt:index/pool:Pool", { name: `${P}-default` }),
    resource("libvirt:index/volume:Volume", { name: "a.qcow2", pool: `${P}-default` }), resource("command:local:Command", { name: "x" }), { type: "command:local:Command", inputs: { create: `bin/sallyport define-filter --uri qemu:///system --name ${P}-default-isolated --rules 0` } }, resource("libvirt:index/cloudinitDisk:CloudinitDisk", { name: "b.iso", pool: `${P}-default` }),
];
const live: LibvirtObject[] = [
    { kind: "domain", name: `${P}-default-gateway` }, { kind: "volume", name: `${P}-default/a.qcow2` }, { kind: "volume", name: `${P}-default/b.iso` },
    { kind: "volume", name: `${P}-default-status/${P}-default-gateway.status` }, { kind: "network", name: `${P}-default-isolated` },
    { kind: "filter", name: `${P}-default-isolated` }, { kind: "pool", name: `${P}-default-status` }, { kind: "pool", name: `${P}-default` },
];

test("what is in the state is no orphan, nor are status files in a known pool", () => {
    expect(orphansOf(plan, inState(state(...whole)), live)).toEqual([]);
});

test.each(live.filter((o) => o.kind !== "pool" && !o.name.endsWith(".status")).map((o) => [o.kind, o] as const))("a %s that the state forgot", (_, forgotten) => {
    const names = inState(state(...whole)).filter((o) => o.kind !== forgotten.kind || o.name !== forgotten.name);
    expect(orphansOf(plan, names, live)).toMatchObject([forgotten]);
});

test("a forgotten domain takes its overlay along, which is half-made, and nobody else's", () => {
    const overlay: LibvirtObject = { kind: "volume", name: `${P}-default/${P}-default-gateway-0123abcd.qcow2` };
    const others: LibvirtObject[] = ["workstation-ws1-0123abcd.qcow2", "gateway-0123abcd-seed.iso", "gateway-x-0123abcd.qcow2"].map(
        (name) => ({ kind: "volume", name: `${P}-default/${P}-default-${name}` }));
    const gateway: LibvirtObject = { kind: "domain", name: `${P}-default-gateway` };
    const all = [overlay, ...others, gateway];
    const known = [overlay, ...others, { kind: "pool", name: `${P}-default` } as const];
    expect(orphansOf(plan, known, all).map((o) => [o.name, o.known])).toEqual([[gateway.name, false], [overlay.name, true]]);
    expect(orphansOf(plan, [...known, gateway], all)).toEqual([]);
});

test.each(live.filter((o) => o.kind !== "pool" && !o.name.endsWith(".status")).map((o) => [o.kind, o] as const))("a %s by the name of one whose replacement was begun", (_, namesake) => {
    const begun = whole.map((r) => ({ ...(r as object), ...(inState(state(r)).some((o) => o.kind === namesake.kind && o.name === namesake.name) ? { pendingReplacement: true } : {}) }));
    expect(orphansOf(plan, inState(state(...begun)), live)).toMatchObject([namesake]);
});

test("of a domain whose replacement was begun the overlay stays that it had run on; one that came later is half-made", () => {
    const gateway: LibvirtObject = { kind: "domain", name: `${P}-default-gateway` };
    const overlay: LibvirtObject = { kind: "volume", name: `${P}-default/${P}-default-gateway-0123abcd.qcow2` };
    const orphans = (overlayCreated: string | undefined, pendingReplacement = true): string[] => orphansOf(plan, inState(state(
        { ...(resource("libvirt:index/domain:Domain", { name: gateway.name }) as object), created: "2026-01-01T00:00:05.5Z", pendingReplacement },
        { ...(resource("libvirt:index/volume:Volume", { name: overlay.name.split("/")[1], pool: `${P}-default` }) as object), ...(overlayCreated === undefined ? {} : { created: overlayCreated }) },
        resource("libvirt:index/pool:Pool", { name: `${P}-default` }),
    )), [gateway, overlay]).map((o) => o.name);
    expect(orphans("2026-01-01T00:00:05.25Z")).toEqual([gateway.name]);
    expect(orphans("2026-01-01T00:00:06Z")).toEqual([gateway.name, overlay.name]);
    expect(orphans(undefined)).toEqual([gateway.name, overlay.name]);
    expect(orphans("2026-01-01T00:00:05.25Z", false)).toEqual([]);
});

test("a forgotten status pool goes with its files, files first", () => {
    const names = inState(state(...whole)).filter((o) => o.name !== `${P}-default-status`);
    expect(orphansOf(plan, names, live).map((o) => o.kind)).toEqual(["volume", "pool"]);
});

test("another stack's or anybody's objects are never orphans", () => {
    const foreign: LibvirtObject[] = [
        { kind: "domain", name: `${P}-other-gateway` }, { kind: "domain", name: "mail" }, { kind: "volume", name: "default/mail.qcow2" },
        { kind: "network", name: "default" }, { kind: "pool", name: "default" }, { kind: "domain", name: "sallyport-s-x-default-gateway" },
    ];
    expect(orphansOf(plan, [], foreign)).toEqual([]);
});

test("without a state there is no answer", () => {
    for (const text of ["{}", "null", '{"deployment":{}}', "[]"]) {
        expect(() => inState(text)).toThrow("no deployment");
    }
    expect(() => inState("error: no stack")).toThrow();
});

test("everything that is planned can be removed, domains first", () => {
    const all = orphansOf(plan, [], [...planned(plan)].reverse());
    expect(all.map((o) => o.kind)).toEqual(["domain", "domain", "network", "network", "filter", "pool", "pool", "pool"]);
    expect(removal({ kind: "volume", name: "p/v" })).toEqual([{ args: ["vol-delete", "--pool", "p", "v"], mayFail: false }]);
    expect(all.every((o) => removal(o).some((call) => !call.mayFail))).toBe(true);
});

test("disks and seeds of the plan's guests are wiped before they are removed, and nothing else is", () => {
    const of = (name: string, kind: LibvirtObject["kind"] = "volume"): unknown => guestVolume(plan, { kind, name });
    const gateway = `${P}-default-gateway`;
    expect(of(`${P}-default/${gateway}-0123abcd.qcow2`)).toEqual({ pool: `${P}-default`, volume: `${gateway}-0123abcd.qcow2`, domain: gateway });
    expect(of(`${P}-default/${P}-default-workstation-ws1-0123abcd-seed.iso`)).toMatchObject({ domain: `${P}-default-workstation-ws1` });
    for (const name of [`${P}-image/sallyport-0123456789ab.qcow2`, `${P}-default-status/${gateway}.status`, `default/${gateway}-0123abcd.qcow2`, `${P}-default/mail-0123abcd.qcow2`, `${P}-default/${gateway}.qcow2`]) {
        expect([name, of(name)]).toEqual([name, undefined]);
    }
    expect(of(`${P}-default`, "pool")).toBeUndefined();
});
