/**
 * Acknowledgements: what was accepted, and something else of its kind in its place, which nobody has looked
 * at.
 */
import type { FixtureResource } from "../../fixtures/resources";
import { COMMAND, DOMAIN, FOREIGN, SEED, VOLUME, ofType } from "../../mutants/mutant";
import { editUserData } from "../../mutants/mutant";
import { ofKind, type Base, type Props } from "../production";
import type { Random } from "../random";
import { devicesOf } from "../targets";

type Change = (stack: FixtureResource[]) => void;
const at =
    (urn: string, change: (f: FixtureResource) => void): Change =>
    (stack) => {
        const f = stack.find((x) => x.urn === urn);
        if (f !== undefined) {
            change(f);
        }
    };
const domainOf = (r: Random, base: Base): string => r.pick(ofType(base.stack, DOMAIN)).urn;

/** Two values of one kind that differ; `long` ones in what stands behind the first 120 characters. */
const two = (make: () => unknown): readonly [unknown, unknown] => {
    const [a, b] = [make(), make()];
    return JSON.stringify(a) === JSON.stringify(b) ? [a, `${String(b)}x`] : [a, b];
};
const long = (r: Random): (() => string) => {
    const head = r.word(130, 150);
    return () => `/${head}/${r.word(2, 9)}`;
};

const devices: readonly (readonly [
    string,
    string,
    (r: Random, value: unknown) => Props,
    (r: Random) => () => unknown,
])[] = [
    [
        "a folder of the host's",
        "filesystems",
        (_, dir) => ({ source: { mount: { dir } }, target: { dir: "x" } }),
        (r) => () => r.path(),
    ],
    [
        "a folder with a long path",
        "filesystems",
        (_, dir) => ({ source: { mount: { dir } }, target: { dir: "x" } }),
        long,
    ],
    [
        "a device of the host's",
        "hostdevs",
        (_, id) => ({ subsysUsb: { source: { vendor: { id } } } }),
        (r) => () => `0x${r.hex(4)}`,
    ],
    ["a display", "graphics", (_, listen) => ({ vnc: { listen, port: 5901 } }), (r) => () => r.ipv4()],
    [
        "a line over the network",
        "serials",
        (_, host) => ({ source: { tcp: { mode: "bind", host, service: "1" } } }),
        (r) => () => r.ipv4(),
    ],
    ["shared memory", "shmems", (_, name) => ({ name }), (r) => () => r.word(3, 9)],
    [
        "a channel",
        "channels",
        (_, path) => ({ source: { unix: { path } }, target: { virtIO: { name: "org.x.0" } } }),
        (r) => () => r.path(),
    ],
    [
        "a source of random numbers",
        "rngs",
        (_, random) => ({ model: "virtio", rate: { bytes: 1 }, backend: { random } }),
        (r) => () => r.path(),
    ],
    [
        "a NIC",
        "interfaces",
        (_, bridge) => ({ mac: { address: "52:54:00:f0:00:01" }, source: { bridge: { bridge } } }),
        (r) => () => r.word(3, 9),
    ],
    [
        "a disk",
        "disks",
        (_, file) => ({ device: "disk", source: { file: { file } }, target: { dev: "vdc" } }),
        (r) => () => r.path(),
    ],
];

export default ofKind("accepted", [
    ...devices.map(([name, list, make, values]) => ({
        on: "accepted" as const,
        shapes: ["0.9"] as const,
        name: `${name} becomes another one`,
        why: "policy/config.ts: an acknowledgement holds for what it says, and for nothing else",
        change: (r: Random, base: Base): readonly [Change, Change] => {
            const urn = domainOf(r, base);
            const [a, b] = two(values(r));
            return [a, b].map((value) =>
                at(urn, (d) => {
                    devicesOf(d, list).push(make(r, value));
                }),
            ) as [Change, Change];
        },
    })),
    {
        on: "accepted",
        shapes: ["0.9"],
        name: "arguments for QEMU become others",
        why: "policy/config.ts",
        change: (r, base) => {
            const urn = domainOf(r, base);
            return two(() => `-${r.word(3, 9)} ${r.word()}`).map((value) =>
                at(urn, (d) => {
                    d.props["qemuCommandline"] = { args: [{ value }] };
                }),
            ) as [Change, Change];
        },
    },
    {
        on: "accepted",
        shapes: ["0.8"],
        name: "a foreign stylesheet becomes another one",
        why: "policy/config.ts; 0.8.3 utils_xslt.go",
        change: (r, base) => {
            const urn = r.pick([
                ...ofType(base.stack, DOMAIN),
                ...ofType(base.stack, VOLUME),
                ...base.stack.filter((f) => f.type.endsWith(":Network")),
            ]).urn;
            return two(() => `${FOREIGN}<!-- ${r.word(3, 9)} -->`).map((xslt) =>
                at(urn, (d) => {
                    d.props["xml"] = { xslt };
                }),
            ) as [Change, Change];
        },
    },
    {
        on: "accepted",
        name: "a file of a seed gets other words",
        why: "policy/config.ts; GUEST-01",
        change: (r, base) => {
            const urn = r.pick(ofType(base.stack, SEED)).urn;
            const path = r.path();
            return two(() => r.word(3, 9)).map((content) =>
                editUserData(urn, (data) => {
                    data.write_files.push({ path, content: String(content) });
                }),
            ) as [Change, Change];
        },
    },
    {
        on: "accepted",
        name: "a command becomes another one",
        why: "policy/config.ts; ACT-01",
        change: (r) => {
            const urn = `urn:pulumi:test::sallyport::${COMMAND}::x`;
            return two(r.chance(0.5) ? () => r.path() : long(r)).map((create): Change => (s) => {
                s.push({
                    urn,
                    type: COMMAND,
                    name: "x",
                    props: { create },
                    dependencies: [],
                    propertyDependencies: {},
                });
            }) as [Change, Change];
        },
    },
    {
        on: "accepted",
        name: "a resource of a package that may do anything becomes another one",
        why: "policy/config.ts; ACT-01: another image, privileges",
        change: (r) => {
            const type = "docker:index/container:Container";
            return two(() => r.word(3, 9)).map((image): Change => (s) => {
                s.push({
                    urn: `urn:pulumi:test::sallyport::${type}::x`,
                    type,
                    name: "x",
                    props: { image },
                    dependencies: [],
                    propertyDependencies: {},
                });
            }) as [Change, Change];
        },
    },
]);
