/** Updates in place: the provider writes the new inputs into the state, and the host keeps the old ones. */
import { stylesheetsOf } from "../sheets";
import { ofKind, type Props, type State, type Step } from "../production";
import type { Random } from "../random";
import { anything, part, remove, unheardOf } from "../targets";

const of = (steps: readonly Step[], type: string, name = /./): Step[] =>
    steps.filter(
        (s) =>
            (s.urn.split("::")[2] ?? "").endsWith(`:${type}`) &&
            s.urn.includes("libvirt:index") &&
            name.test(s.urn),
    );

/** The old state had something else, in inputs and outputs. */
function was(r: Random, step: Step, values: Props): void {
    const old = structuredClone(step.oldState as State);
    for (const props of [old.inputs, old.outputs]) {
        for (const [key, value] of Object.entries(values)) {
            props[key] = value;
            if (value === undefined) {
                remove(props, key);
            }
        }
    }
    step.oldState = old;
    step.op = "update";
    if (r.chance(0.5)) {
        step["detailedDiff"] = {};
    }
}

const networks = {
    "0.8": [
        (r: Random): Props => ({ mode: r.pick(["nat", "route", "open"]), xml: undefined }),
        (r: Random): Props => ({ bridge: r.word() }),
        (): Props => ({ xml: undefined }),
        (r: Random): Props => ({ addresses: [`${r.ipv4()}/24`], xml: undefined }),
    ],
    "0.9": [
        (r: Random): Props => ({ forward: { mode: r.pick(["nat", "route", "open", "bridge"]) } }),
        (r: Random): Props => ({ forward: { mode: "nat" }, ips: [{ address: r.ipv4(), prefix: 24 }] }),
        (r: Random): Props => ({ bridge: { name: r.word(), stp: "on" } }),
        (r: Random): Props => ({ ips: [{ address: r.ipv4(), prefix: 24 }] }),
        (r: Random): Props => ({ dns: { enable: "yes", forwarders: [{ addr: r.ipv4() }] } }),
        (r: Random): Props => ({ [unheardOf(r)]: anything(r) }),
        (r: Random): Props => ({ portGroups: [{ name: r.word(), default: "yes" }] }),
    ],
} as const;

export default ofKind("update", [
    ...(["0.8", "0.9"] as const).map((shape) => ({
        on: "preview" as const,
        shapes: [shape],
        name: `a network of provider ${shape} that was otherwise`,
        why:
            shape === "0.8"
                ? "0.8.3 resource_libvirt_network.go Update: names, bridges and modes are not changed"
                : "0.9.7 network_resource.go:219-272 sets autostart and reads back",
        change: (r: Random, steps: Step[]) => {
            was(r, r.pick(of(steps, "Network", /-isolated$/)), r.pick(networks[shape])(r));
        },
    })),
    {
        on: "preview",
        shapes: ["0.8"],
        name: "a guest of provider 0.8 that was otherwise",
        why: "0.8.3 resource_libvirt_domain.go Update: NICs, processors and cloudinit in the state alone",
        change: (r, steps) => {
            const step = r.pick(of(steps, "Domain"));
            const nics = step.oldState?.inputs["networkInterfaces"] as Props[];
            was(
                r,
                step,
                r.pick<Props>([
                    { networkInterfaces: [...nics, { networkName: "default" }] },
                    { networkInterfaces: [{ bridge: r.word() }] },
                    { xml: undefined },
                    { cpu: { mode: "host-passthrough" } },
                    { memory: r.int(1, 99) },
                    { networkInterfaces: nics.map((nic) => ({ ...nic, mac: r.mac() })) },
                    { filesystems: [{ source: r.path(), target: r.word() }] },
                    { graphics: { type: "vnc" } },
                    { disks: [] },
                ]),
            );
        },
    },
    {
        on: "preview",
        shapes: ["0.8"],
        name: "a guest or network of provider 0.8 with another stylesheet",
        why: "0.8.3: xml is read when a resource is made, and never again",
        change: (r, steps) => {
            const step = r.pick([...of(steps, "Domain"), ...of(steps, "Network")]);
            was(r, step, { xml: { xslt: r.pick(stylesheetsOf(r)) } });
        },
    },
    {
        on: "preview",
        name: "a volume that was filled from elsewhere, or was another's",
        why: "volume Update of either provider writes nothing: 0.8.3 has none, 0.9's sets the state",
        change: (r, steps) => {
            const step = r.pick(of(steps, "Volume"));
            const recent = step.oldState?.inputs["target"] !== undefined;
            was(
                r,
                step,
                r.pick<Props>(
                    recent
                        ? [
                              { create: { content: { url: r.path() } } },
                              { backingStore: { path: r.path() } },
                              { target: { permissions: { mode: "0666" } } },
                              { pool: "default" },
                          ]
                        : [
                              { source: r.path() },
                              { baseVolumeId: r.path() },
                              { xml: undefined },
                              { pool: "default" },
                              { format: "raw" },
                          ],
                ),
            );
        },
    },
    {
        on: "preview",
        name: "a pool that was somewhere else",
        why: "0.8.3 and 0.9 pools have no Update that moves anything",
        change: (r, steps) => {
            was(
                r,
                r.pick(of(steps, "Pool")),
                r.pick<Props>([
                    { target: { path: r.path() } },
                    { type: "netfs" },
                    { source: { name: r.word() } },
                ]),
            );
        },
    },
    {
        on: "preview",
        name: "a seed that said something else",
        why: "0.8.3 cloudinit: all of it forces replacement; an update in place leaves the old ISO",
        change: (r, steps) => {
            was(r, r.pick(of(steps, "CloudinitDisk")), {
                [r.pick(["userData", "networkConfig", "metaData"])]: `#!/bin/sh\n${r.path()}\n`,
            });
        },
    },
    {
        on: "preview",
        name: "an update whose old state is not told",
        why: "what stands on the host is then not known at all",
        change: (r, steps) => {
            const step = r.pick([...of(steps, "Network"), ...of(steps, "Volume"), ...of(steps, "Pool")]);
            r.pick<() => void>([
                () => {
                    Reflect.deleteProperty(step, "oldState");
                },
                () => {
                    part(step as unknown as Props, "oldState");
                    step.oldState = { ...(step.oldState as State), inputs: {}, outputs: {} };
                },
            ])();
            step.op = "update";
        },
    },
]);
