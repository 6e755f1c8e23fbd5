/** Where a guest's NICs lead, and what stands beside them. */
import type { FixtureResource } from "../../fixtures/resources";
import { DOMAIN, nicsOf, nicOn, ofType } from "../../mutants/mutant";
import { twoEnclaves, twoGuests } from "../bases";
import { ofKind, type Props } from "../production";
import type { Random } from "../random";
import { enclaveOf, gateway, guest, isolated, part, remove, workstation, external } from "../targets";
import { KINDS_08, SOURCES_09, parts09 } from "./nic-values";

/** A NIC that leads somewhere else than its enclave's network. */
function elsewhere(r: Random, domain: FixtureResource): Props {
    const enclave = enclaveOf(domain.name);
    if (r.chance(0.4)) {
        const name = r.pick([
            "default",
            `${enclave}-external`,
            r.word(3, 9),
            r.recased(`${enclave}-isolated`),
            `${enclave}-isolated `,
        ]);
        return nicOn(domain.props, "network", name, r.mac());
    }
    if (domain.props["devices"] === undefined) {
        return { [r.pick(KINDS_08)]: r.word(), ...(r.chance(0.5) ? { mac: r.mac() } : {}) };
    }
    return {
        ...nicsOf(domain.props)[0],
        ...(r.chance(0.5) ? { mac: { address: r.mac() } } : {}),
        source: r.pick(SOURCES_09)(r),
    };
}

const put = (list: Props[], at: number, item: Props, instead: boolean): void => {
    list.splice(at, instead ? 1 : 0, item);
};

export default ofKind("nic", [
    {
        on: "stack",
        name: "a Workstation has one more NIC, somewhere else",
        why: "it leads around the Gateway: formatdomain, 0.8.3 domain.go setNetworkInterfaces",
        change: (r, stack) => {
            const domain = workstation(r, stack);
            put(nicsOf(domain.props), r.int(0, 1), elsewhere(r, domain), false);
        },
    },
    {
        on: "stack",
        name: "a Workstation's NIC is somewhere else",
        why: "it leads around the Gateway",
        change: (r, stack) => {
            const domain = workstation(r, stack);
            put(nicsOf(domain.props), 0, elsewhere(r, domain), true);
        },
    },
    {
        on: "stack",
        name: "a Gateway's NIC is somewhere else",
        why:
            "the inner one: Workstations of others are behind it; the outer one: on a wire that " +
            "is not declared",
        change: (r, stack) => {
            const domain = gateway(r, stack);
            const at = r.int(0, 1);
            const inner = enclaveOf(domain.name);
            const names = [
                "default",
                r.word(3, 9),
                r.recased(`${inner}-external`),
                at === 0 ? `${inner}-isolated` : `${inner}-external`,
            ];
            const nic = r.chance(0.5)
                ? nicOn(domain.props, "network", r.pick(names), r.mac())
                : nicOn(domain.props, r.pick(["bridge", "card"]), r.word(), r.mac());
            put(nicsOf(domain.props), at, nic, true);
        },
    },
    {
        on: "stack",
        name: "a Gateway has one more NIC",
        why: "NT-09: its rules know two",
        change: (r, stack) => {
            const domain = gateway(r, stack);
            put(nicsOf(domain.props), r.int(0, 2), elsewhere(r, domain), false);
        },
    },
    {
        on: "stack",
        name: "a Gateway lacks a NIC, or has them swapped",
        why: "its firewall names the other one",
        change: (r, stack) => {
            const nics = nicsOf(gateway(r, stack).props);
            const swap = r.chance(0.5);
            if (swap) {
                nics.reverse();
                const [a, b] = nics as [Props, Props];
                [a["mac"], b["mac"]] = [b["mac"], a["mac"]];
            } else {
                nics.splice(r.int(0, 1), 1);
            }
        },
    },
    {
        on: "stack",
        shapes: ["0.8"],
        name: "a second source beside networkName",
        why: "0.8.3 domain.go: networkName wins today; a later reader may take the other",
        change: (r, stack) => {
            r.pick(nicsOf(guest(r, stack).props))[r.pick(KINDS_08)] = r.word();
        },
    },
    {
        on: "stack",
        shapes: ["0.8"],
        name: "a NIC by the id of a network that is not declared",
        why: "the provider looks the id up on the host",
        change: (r, stack) => {
            const domain = guest(r, stack);
            const nics = nicsOf(domain.props);
            const i = r.int(0, nics.length - 1);
            nics[i] = { networkId: r.uuid(), mac: nics[i]?.["mac"] };
        },
    },
    {
        on: "stack",
        name: "a MAC that is another's, none of QEMU's, or none",
        why: "ID-01, ID-02, ID-03: one MAC twice on a wire; a name of the host",
        change: (r, stack) => {
            const domain = guest(r, stack);
            const nic = r.pick(nicsOf(domain.props));
            const others = ofType(stack, DOMAIN).filter(
                (d) => enclaveOf(d.name) === enclaveOf(domain.name) && d.urn !== domain.urn,
            );
            const theirs = others
                .flatMap((d) => nicsOf(d.props))
                .map((n) => (n["mac"] as Props | undefined)?.["address"] ?? n["mac"]);
            const mac = r.pick([
                r.mac(),
                ...theirs,
                `00:16:3e:${r.hex(2)}:${r.hex(2)}:${r.hex(2)}`,
                "ff:ff:ff:ff:ff:ff",
                `01:00:5e:00:00:${r.hex(2)}`,
                undefined,
            ]);
            const nested = mac === undefined ? undefined : { address: mac };
            nic["mac"] = domain.props["devices"] === undefined ? mac : nested;
            if (mac === undefined) {
                remove(nic, "mac");
            }
        },
    },
    {
        on: "stack",
        needs: twoEnclaves,
        name: "a Workstation on another enclave's network",
        why: "NT-17: two identities behind one Gateway",
        change: (r, stack) => {
            const domain = workstation(r, stack);
            const other = r.pick(
                ofType(stack, DOMAIN, /-gateway$/).filter(
                    (d) => enclaveOf(d.name) !== enclaveOf(domain.name),
                ),
            );
            const name = `${enclaveOf(other.name)}-${r.pick(["isolated", "external"])}`;
            put(
                nicsOf(domain.props),
                0,
                { ...nicsOf(domain.props)[0], ...nicOn(domain.props, "network", name) },
                true,
            );
        },
    },
    {
        on: "stack",
        needs: twoGuests,
        name: "two Workstations with one MAC",
        why: "ID-01: neither is heard, or one takes over the other's connections",
        change: (r, stack) => {
            const all = ofType(stack, DOMAIN, /-workstation-/);
            const pairs = all.flatMap((a) =>
                all
                    .filter((b) => b !== a && enclaveOf(a.name) === enclaveOf(b.name))
                    .map((b) => [a, b] as const),
            );
            const [a, b] = r.pick(pairs);
            (nicsOf(a.props)[0] ?? {})["mac"] = nicsOf(b.props)[0]?.["mac"];
        },
    },
    {
        on: "stack",
        shapes: ["0.9"],
        name: "a Workstation's port is not isolated",
        why: "NT-18: Workstations reach each other past the Gateway",
        change: (r, stack) => {
            const [nic = {}] = nicsOf(workstation(r, stack).props);
            const value = r.pick([
                undefined,
                {},
                { isolated: "no" },
                { isolated: r.word() },
                { isolated: "YES" },
                { isolated: "" },
            ]);
            nic["portOptions"] = value;
            if (value === undefined) {
                remove(nic, "portOptions");
            }
        },
    },
    {
        on: "stack",
        shapes: ["0.9"],
        name: "a Workstation's filter is another one, or none",
        why: "DD-16: the host answers on every bridge for all of its addresses",
        change: (r, stack) => {
            const domain = workstation(r, stack);
            const [nic = {}] = nicsOf(domain.props);
            const name = r.pick([
                undefined,
                "",
                r.word(),
                "clean-traffic",
                "allow-arp",
                r.recased(domain.name),
                `${enclaveOf(domain.name)}-external`,
            ]);
            if (name === undefined) {
                remove(nic, "filterRef");
            } else {
                nic["filterRef"] = { filter: name };
            }
        },
    },
    {
        on: "stack",
        shapes: ["0.9"],
        name: "a filter with parameters",
        why: "formatnwfilter: parameters of the reference win over what the filter's own text says",
        change: (r, stack) => {
            const [nic = {}] = nicsOf(workstation(r, stack).props);
            part(nic, "filterRef")["parameters"] = [
                { name: r.pick(["IP", "MAC", "GATEWAY", r.word()]), value: r.ipv4() },
            ];
        },
    },
    ...parts09.map(([name, why, values]) => ({
        on: "stack" as const,
        shapes: ["0.9"] as const,
        name: `a NIC with ${name}`,
        why,
        change: (r: Random, stack: FixtureResource[]) => {
            Object.assign(r.pick(nicsOf(guest(r, stack).props)), values(r));
        },
    })),
    {
        on: "stack",
        name: "a guest of no enclave on a network of the stack",
        why: "NT-08, NT-10, NT-11: a neighbour on the wire takes over the Gateway's address",
        change: (r, stack) => {
            const like = guest(r, stack);
            const network = r.pick([isolated(r, stack), external(r, stack)]);
            const name = `sallyport-test-${r.word()}`;
            const copy: FixtureResource = structuredClone({
                ...like,
                props: JSON.parse(JSON.stringify(like.props)) as Props,
            });
            const nic = r.pick([
                nicOn(copy.props, "network", network.props["name"], r.mac()),
                nicOn(
                    copy.props,
                    "bridge",
                    String((network.props["bridge"] as Props)["name"] ?? network.props["bridge"]),
                    r.mac(),
                ),
            ]);
            Object.assign(copy, { name, urn: `urn:pulumi:test::sallyport::${DOMAIN}::${name}` });
            remove(copy as unknown as Props, "parent");
            Object.assign(
                copy.props,
                { name },
                copy.props["devices"] === undefined ? { networkInterfaces: [nic], disks: [] } : {},
            );
            if (copy.props["devices"] !== undefined) {
                Object.assign(copy.props["devices"] as Props, { interfaces: [nic], disks: [] });
            }
            stack.push(copy);
        },
    },
]);
