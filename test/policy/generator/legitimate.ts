/** Changes that say nothing: other orders, spellings and neighbours. Nothing may be found in any of them. */
import type { FixtureResource } from "../fixtures/resources";
import { DOMAIN, SEED, VOLUME, nicsOf, ofType } from "../mutants/mutant";
import { ofKind, type Base, type Live, type Production, type Props, type State } from "./production";
import type { Random } from "./random";

const isLibvirt = (s: State): boolean => s.type.startsWith("libvirt:");

/** The same object, its keys in another order. */
const shuffledKeys = (r: Random, value: unknown): unknown =>
    Array.isArray(value)
        ? value.map((item) => shuffledKeys(r, item))
        : typeof value === "object" && value !== null
          ? Object.fromEntries(r.shuffled(Object.entries(value)).map(([k, v]) => [k, shuffledKeys(r, v)]))
          : value;

const upper = (nic: Props): void => {
    const at = typeof nic["mac"] === "object" ? (nic["mac"] as Props) : nic;
    const key = at === nic ? "mac" : "address";
    at[key] = String(at[key]).toUpperCase();
};

/** In all of a stack's own XML. */
function everywhere(host: Live, change: (xml: string) => string): void {
    host.domains = host.domains.map((xml) => (xml.includes("<name>sallyport-") ? change(xml) : xml));
}

const random = (r: Random): FixtureResource => {
    const [type, name] = ["random:index/randomPet:RandomPet", r.word()];
    return {
        urn: `urn:pulumi:test::sallyport::${type}::${name}`,
        type,
        name,
        props: { length: r.int(1, 9) },
        dependencies: [],
        propertyDependencies: {},
    };
};

/** Seeds whose words are secret lose that when they are written anew, which is a change. */
const noSecrets = (base: Base): boolean => !/tunnel|bridges|plain bridge|proxy in/.test(base.title);

export const legitimate: readonly Production[] = ofKind("legitimate", [
    {
        on: "stack",
        name: "resources in another order",
        why: "a list of resources has none",
        change: (r, stack) => {
            stack.splice(0, stack.length, ...r.shuffled(stack));
        },
    },
    {
        on: "stack",
        name: "dependencies in another order",
        why: "they are a set",
        change: (r, stack) => {
            stack.forEach((f) => {
                f.dependencies = r.shuffled(f.dependencies);
            });
        },
    },
    {
        on: "stack",
        name: "a MAC in capital letters",
        why: "libvirt and Linux read them alike",
        change: (r, stack) => {
            r.some(ofType(stack, DOMAIN)).forEach((d) => {
                nicsOf(d.props).forEach(upper);
            });
        },
    },
    {
        on: "stack",
        name: "a resource that is a value and nothing else",
        why: "random and tls run nothing",
        change: (r, stack) => {
            stack.push(random(r));
        },
    },
    {
        on: "stack",
        name: "more memory, or more processors",
        why: "how many a guest has says nothing",
        change: (r, stack) => {
            r.some(ofType(stack, DOMAIN)).forEach((d) => {
                d.props["memory"] = 256 * r.int(1, 8);
                d.props["vcpu"] = r.int(1, 8);
            });
        },
    },
    {
        on: "stack",
        name: "a volume that is protected",
        why: "it is deleted later",
        change: (r, stack) => {
            r.pick(ofType(stack, VOLUME)).protect = true;
        },
    },
    {
        on: "stack",
        needs: noSecrets,
        name: "user-data as JSON, its keys in another order",
        why: "JSON is YAML, and keys have no order",
        change: (r, stack) => {
            for (const seed of r.some(ofType(stack, SEED))) {
                const [head = "", ...rest] = String(seed.props["userData"]).split("\n");
                seed.props["userData"] = `${head}\n\n${rest.join("\n")}`;
            }
        },
    },
    {
        on: "export",
        name: "keys in another order",
        why: "JSON's have none",
        change: (r, states) => {
            states.splice(0, states.length, ...states.map((s) => shuffledKeys(r, s) as State));
        },
    },
    {
        on: "export",
        shapes: ["0.8"],
        name: "guests that are off",
        why: "a refresh after a reboot says so",
        change: (r, states) => {
            r.some(states.filter((s) => s.type.endsWith(":Domain"))).forEach((s) => {
                s.outputs["running"] = false;
            });
        },
    },
    {
        on: "export",
        name: "other sizes and times",
        why: "pools fill, resources are modified",
        change: (r, states) => {
            for (const s of states.filter(isLibvirt)) {
                s["modified"] = `2027-0${r.int(1, 9)}-01T00:00:00Z`;
                ["allocation", "available", "capacity", "physical"]
                    .filter((key) => key in s.outputs)
                    .forEach((key) => {
                        s.outputs[key] = r.int(1, 1e9);
                    });
            }
        },
    },
    {
        on: "export",
        name: "another stack that is read",
        why: "a reference leads nowhere",
        change: (r, states) => {
            const [type, name] = ["pulumi:pulumi:StackReference", r.word()];
            states.push({
                urn: `urn:pulumi:test::sallyport::${type}::${name}`,
                type,
                custom: true,
                external: true,
                id: name,
                inputs: { name },
                outputs: { name, outputs: { [r.word()]: r.word() } },
            });
        },
    },
    {
        on: "preview",
        name: "steps that refresh",
        why: "step.go: a refresh makes nothing",
        change: (r, steps) => {
            r.some(steps).forEach((s) => {
                s.op = "same";
                s["refreshed"] = true;
            });
        },
    },
    {
        on: "preview",
        name: "keys in another order",
        why: "JSON's have none",
        change: (r, steps) => {
            steps.splice(0, steps.length, ...steps.map((s) => shuffledKeys(r, s) as typeof s));
        },
    },
    {
        on: "live",
        name: "guests and networks in another order",
        why: "virsh list has none",
        change: (r, host) => {
            host.domains = r.shuffled(host.domains);
            host.networks = r.shuffled(host.networks);
            host.pools = r.shuffled(host.pools);
        },
    },
    {
        on: "live",
        name: "other ports, taps and terminals",
        why: "libvirt draws them at each start",
        change: (r, host) => {
            everywhere(host, (xml) =>
                xml
                    .replace(/id='\d+'/, `id='${r.int(1, 99)}'`)
                    .replace(/portid='[^']*'/g, () => `portid='${r.uuid()}'`)
                    .replace(/\/dev\/pts\/\d+/g, `/dev/pts/${r.int(0, 99)}`)
                    .replace(/dev='vnet(\d+)'/g, () => `dev='vnet${r.int(10, 999)}'`),
            );
        },
    },
    {
        on: "live",
        name: "the cgroup that every guest has",
        why: "qemuInitCgroup writes it",
        change: (_, host) => {
            everywhere(host, (xml) =>
                xml.includes("<partition>")
                    ? xml
                    : xml.replace("<os>", "<resource><partition>/machine</partition></resource><os>"),
            );
        },
    },
    {
        on: "live",
        name: "the watchdog that every q35 has",
        why: "qemu_postparse.c, since 9.1",
        change: (_, host) => {
            everywhere(host, (xml) =>
                xml.includes("<watchdog")
                    ? xml
                    : xml.replace("<memballoon", "<watchdog model='itco' action='reset'/><memballoon"),
            );
        },
    },
    {
        on: "live",
        name: "neighbours with networks and disks of their own",
        why: "they touch nothing of the stack's",
        change: (r, host) => {
            for (let i = r.int(1, 4); i > 0; i -= 1) {
                const [name, net] = [`n${r.word(3, 9)}`, `n${r.word(3, 9)}`];
                host.networks.push(
                    `<network><name>${net}</name><forward ` +
                        `mode='${r.pick(["nat", "route"])}'/><bridge name='v${r.hex(8)}'/><ip ` +
                        `address='${r.ipv4()}' prefix='24'/></network>`,
                );
                host.domains.push(
                    `<domain type='kvm'><name>${name}</name><devices><disk type='file' ` +
                        `device='disk'><source file='/srv/vm${r.path()}.qcow2'/><target ` +
                        "dev='vda'/></disk>" +
                        `<interface type='network'><mac address='${r.mac()}'/><source ` +
                        `network='${r.pick([net, "default"])}'/></interface><filesystem ` +
                        "type='mount'><source dir='/srv/vm/share'/><target " +
                        "dir='x'/></filesystem></devices></domain>",
                );
            }
        },
    },
]);
