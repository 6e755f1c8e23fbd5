/**
 * Whatever is added to a good stack is refused: generated lines of seeds, devices, resources, moves of guests
 * that live.
 */
import fc from "fast-check";
import type { Match, Rule } from "../../cloud-init/nft/model";
import { renderRule } from "../../cloud-init/nft/render";
import { rules } from "../../policy/registry";
import { NOT_RUN, runRules } from "../../policy/rule";
import type { Model } from "../../model";
import { CONFIGS, goodStack } from "./fixtures/good";
import { goodStack09 } from "./fixtures/good-09";
import { copyOf, modelOf, modelOfChange, type FixtureResource } from "./fixtures/resources";
import {
    DOMAIN,
    SEED,
    edit,
    editFile,
    editUserData,
    editYaml,
    nicOn,
    nicsOf,
    ofType,
} from "./mutants/mutant";

jest.setTimeout(600_000);

type Stack = readonly FixtureResource[];
type Change = (stack: FixtureResource[]) => void;

const RULESET = "/etc/sallyport/ruleset.nft";
const TORRC = "/etc/tor/torrc";
const TWO = CONFIGS["two enclaves, three Workstations"];
/** Some rule has looked and objects. */
const refused = (model: Model): boolean =>
    runRules(rules, model).some((finding) => finding.subject !== NOT_RUN);

/** Every change that can be generated for these resources is refused. */
function refuses<T>(
    stack: Stack,
    resources: readonly FixtureResource[],
    what: fc.Arbitrary<T>,
    change: (resource: FixtureResource, value: T) => Change,
): void {
    expect(resources).not.toHaveLength(0);
    fc.assert(
        fc.property(fc.constantFrom(...resources), what, (resource, value) =>
            refused(modelOf(copyOf(stack, change(resource, value)))),
        ),
        { numRuns: 25 },
    );
}

const word = fc.stringMatching(/^[a-z][a-z0-9]{1,9}$/);
const address = fc.ipV4();
const oneOf = <T extends string>(...values: readonly T[]): fc.Arbitrary<T> => fc.constantFrom(...values);

const match: fc.Arbitrary<Match> = fc.oneof(
    fc.record({ on: oneOf("iif", "oif"), name: fc.oneof(oneOf("ext0", "int0", "eth0", "lo", "tun0"), word) }),
    fc.record({
        on: oneOf("saddr", "daddr"),
        op: oneOf("in", "not-in"),
        addresses: fc.array(address, { minLength: 1, maxLength: 3 }),
    }),
    fc.record({
        on: fc.constant("l4" as const),
        op: oneOf("in", "not-in"),
        protocols: fc.uniqueArray(oneOf("tcp", "udp", "icmp"), { minLength: 1 }),
    }),
    fc.record({
        on: fc.constant("dport" as const),
        protocol: oneOf("tcp", "udp"),
        ports: fc.array(fc.integer({ min: 1, max: 65535 }), { minLength: 1, maxLength: 3 }),
    }),
    fc.record({
        on: fc.constant("ct-state" as const),
        state: oneOf("new", "established", "related", "invalid"),
    }),
    fc.record({ on: fc.constant("skuid" as const), user: oneOf("root", "debian-tor", "470", "user") }),
    fc.record({ on: oneOf("ct-dnat", "tcp-syn", "fragment") }),
);
const nftRule: fc.Arbitrary<Rule> = fc.record({
    id: fc.constant("added"),
    why: fc.constant(""),
    matches: fc.array(match, { maxLength: 4 }),
    verdict: fc.oneof(
        fc.record({ do: oneOf("accept", "drop", "reject") }),
        fc.record({ do: fc.constant("redirect" as const), port: fc.integer({ min: 1, max: 65535 }) }),
    ),
});

/** Insert a line after the n-th that matches. */
function after(text: string, place: RegExp, n: number, added: string): string {
    const lines = text.split("\n");
    const places = lines.flatMap((line, i) => (place.test(line) ? [i] : []));
    const at = places[n % places.length] ?? 0;
    return [...lines.slice(0, at + 1), added, ...lines.slice(at + 1)].join("\n");
}

/** Options with which tor can be led elsewhere, and any other word. */
const option = fc.oneof(
    oneOf(
        "SocksPort",
        "TransPort",
        "DNSPort",
        "HTTPTunnelPort",
        "ControlPort",
        "ORPort",
        "ExitNodes",
        "SocksPolicy",
        "UseBridges",
        "ClientTransportPlugin",
        "Socks5Proxy",
        "HTTPSProxy",
        "HiddenServiceDir",
        "HiddenServicePort",
        "Log",
        "User",
        "DataDirectory",
        "SafeLogging",
        "ClientOnly",
        "AutomapHostsOnResolve",
        "VirtualAddrNetworkIPv4",
        "ClientUseIPv6",
        "PidFile",
        "CookieAuthFile",
        "ControlSocket",
        "DormantTimeoutEnabled",
        "%include",
        "+SocksPolicy",
        "/SocksPolicy",
    ),
    word,
);
const value = fc
    .array(
        fc.oneof(
            word,
            address,
            fc.tuple(address, fc.integer({ min: 1, max: 65535 })).map(([a, p]) => `${a}:${p}`),
            oneOf("0", "1", "*", "/tmp/x", "exec"),
        ),
        { minLength: 1, maxLength: 3 },
    )
    .map((words) => words.join(" "));

const plain = fc.oneof(
    word,
    fc.integer({ min: 0, max: 9999 }),
    fc.boolean(),
    fc.array(word, { maxLength: 3 }),
    fc.dictionary(word, word, { maxKeys: 3 }),
);
/** Keys of user-data whose right value says nothing. */
const key = fc
    .oneof(
        oneOf(
            "runcmd",
            "bootcmd",
            "users",
            "packages",
            "ntp",
            "mounts",
            "network",
            "merge_how",
            "vendor_data",
        ),
        word,
    )
    .filter((k) => !["hostname", "fqdn"].includes(k));

describe.each([
    ["0.8", goodStack],
    ["0.9", goodStack09],
] as const)("provider %s", (_, make) => {
    let stack: Stack;
    const seeds = (name = /./): FixtureResource[] => ofType(stack, SEED, name);
    beforeAll(async () => {
        stack = await make(TWO, "existing");
    });

    it("a rule more in a firewall", () => {
        refuses(stack, seeds(), fc.tuple(nftRule, fc.nat()), (seed, [rule, n]) =>
            editFile(seed.urn, RULESET, (text) => after(text, /policy (drop|accept);$/, n, renderRule(rule))),
        );
    });

    it("a line more in torrc", () => {
        refuses(
            stack,
            seeds(/-gateway-seed$/),
            fc.tuple(option, value, fc.nat()),
            (seed, [name, text, n]) => {
                const line = `${name} ${text}`;
                return editFile(seed.urn, TORRC, (torrc) => after(torrc, /./, n, line));
            },
        );
    });

    it("a key or a file more in user-data", () => {
        refuses(stack, seeds(), fc.tuple(key, plain), (seed, [name, what]) =>
            editUserData(seed.urn, (data) => {
                data[name] = what;
            }),
        );
        refuses(
            stack,
            seeds(),
            fc.tuple(fc.array(word, { minLength: 1, maxLength: 4 }), word),
            (seed, [path, content]) =>
                editUserData(seed.urn, (data) => {
                    data.write_files.push({ path: `/${path.join("/")}`, content });
                }),
        );
    });

    it("a key more in network-config, in a NIC of it, or in meta-data", () => {
        refuses(
            stack,
            seeds(),
            fc.tuple(
                word.filter((k) => k !== "version" && k !== "ethernets"),
                plain,
            ),
            (seed, [name, what]) =>
                editYaml(seed.urn, "networkConfig", (data) => {
                    data[name] = what;
                }),
        );
        refuses(stack, seeds(), fc.tuple(word, plain), (seed, [name, what]) =>
            editYaml(seed.urn, "networkConfig", (data) => {
                const [nic] = Object.values(data["ethernets"] as Record<string, Record<string, unknown>>);
                Object.assign(nic ?? {}, { [name]: what });
            }),
        );
        refuses(stack, seeds(), fc.tuple(word, plain), (seed, [name, what]) =>
            editYaml(seed.urn, "metaData", (data) => {
                data[name] = what;
            }),
        );
    });

    it("a property more on a seed", () => {
        refuses(
            stack,
            seeds(),
            fc.tuple(
                word.filter((k) => !["name", "pool", "path", "size", "id"].includes(k)),
                word,
            ),
            (seed, [name, what]) =>
                edit(seed.urn, (props) => {
                    props[name] = what;
                }),
        );
    });

    it("a resource that no rule can judge", () => {
        const foreign = fc
            .tuple(oneOf("libvirt", "docker", "command", "null", "pulumi-nodejs"), word, word)
            .map(([pkg, module, type]) => `${pkg}:${module}/${type}:${type}`);
        refuses(stack, seeds(), foreign, (seed, type) => (all) => {
            all.push({
                urn: `${seed.urn}-more`,
                type,
                name: "more",
                props: {},
                dependencies: [],
                propertyDependencies: {},
            });
        });
    });

    it("a guest's NIC moved, while it lives", () => {
        const guests = ofType(stack, DOMAIN, /-workstation-/);
        const target = fc.tuple(
            oneOf("network", "bridge", "card"),
            fc.oneof(word, oneOf("default", "sallyport-test-red-external", "sallyport-test-blue-external")),
        );
        fc.assert(
            fc.property(fc.constantFrom(...guests), target, (guest, [kind, name]) => {
                const own = nicsOf(guest.props)[0];
                fc.pre(!JSON.stringify(own).includes(`"${name}"`));
                const changed = copyOf(
                    stack,
                    edit(guest.urn, (props) => {
                        Object.assign(nicsOf(props)[0] ?? {}, {
                            networkName: undefined,
                            ...nicOn(props, kind, name),
                        });
                    }),
                );
                return runRules(
                    rules.filter((rule) => rule.id === "LC-04"),
                    modelOfChange(stack, changed, (r) => (r.urn === guest.urn ? "update" : "same")),
                ).some((f) => f.subject !== NOT_RUN);
            }),
            { numRuns: 25 },
        );
    });
});

it("a device or a setting more of provider 0.9", async () => {
    const stack = await goodStack09(TWO, "existing");
    const guests = ofType(stack, DOMAIN);
    const device = fc.oneof(
        oneOf(
            "hostdevs",
            "filesystems",
            "channels",
            "graphics",
            "shmems",
            "vSock",
            "tpms",
            "redirDevs",
            "sounds",
            "videos",
        ),
        word,
    );
    refuses(
        stack,
        guests,
        fc.tuple(device, fc.dictionary(word, word, { minKeys: 1, maxKeys: 3 })),
        (guest, [name, what]) =>
            edit(guest.urn, (props) => {
                (props["devices"] as Record<string, unknown>)[name] = [what];
            }),
    );
    refuses(
        stack,
        guests,
        fc.tuple(
            word.filter((k) => !["name", "type", "memory", "running"].includes(k)),
            fc.dictionary(word, word, { minKeys: 1, maxKeys: 3 }),
        ),
        (guest, [name, what]) =>
            edit(guest.urn, (props) => {
                props[name] = what;
            }),
    );
});
