/** One change for each thing that the reachability proof says cannot be reached. */
import type { FixtureResource } from "../../fixtures/resources";
import {
    DOMAIN,
    NETWORK,
    SEED,
    edit,
    editFile,
    nicOn,
    nicsOf,
    ofType,
    set,
    short,
    type Mutant,
} from "../mutant";

const RULESET = "/etc/sallyport/ruleset.nft";

/** Plain ports: without the stylesheet that isolates them, or without the option. */
const open = (s: FixtureResource[], urn: string): void =>
    edit(urn, (p) => {
        Reflect.deleteProperty(p, "xml");
        nicsOf(p).forEach((nic) => Reflect.deleteProperty(nic, "portOptions"));
    })(s);

/** @param stack a good one of either provider */
export const pathMutants = (stack: readonly FixtureResource[]): Mutant[] => [
    ...ofType(stack, NETWORK, /-isolated$/).map((n): Mutant => ({
        title: `${short(n)}: an address of the host's`,
        rule: "PATH-host",
        change: set(
            n.urn,
            n.props["xml"] === undefined
                ? { ips: [{ address: "10.9.9.1", prefix: 24 }] }
                : { xml: undefined, addresses: ["10.9.9.0/24"] },
        ),
    })),
    ...ofType(stack, DOMAIN, /-workstation-/).flatMap((w): Mutant[] => {
        const enclave = w.name.replace(/-workstation-.*$/, "");
        const elsewhere = ofType(stack, NETWORK, /-isolated$/).find((n) => !n.name.startsWith(enclave));
        const siblings = ofType(stack, DOMAIN, new RegExp(`^${enclave}-workstation-`));
        return [
            {
                title: `${short(w)}: on a bridge of the host's`,
                rule: "PATH-lan",
                change: edit(w.urn, (p) => {
                    nicsOf(p)[0] = nicOn(p, "bridge", "br0");
                }),
            },
            {
                title: `${short(w)}: straight on a card of the host's`,
                rule: "PATH-lan",
                change: edit(w.urn, (p) => {
                    nicsOf(p)[0] = nicOn(p, "card", "eth0");
                }),
            },
            ...(elsewhere === undefined
                ? []
                : [
                      {
                          title: `${short(w)}: a second NIC in another enclave`,
                          rule: "PATH-enclave",
                          change: edit(w.urn, (p) => {
                              nicsOf(p).push(
                                  nicOn(p, "network", elsewhere.props["name"], "52:54:00:98:98:0f"),
                              );
                          }),
                      },
                  ]),
            ...(siblings.length < 2
                ? []
                : [
                      {
                          title: `${short(w)} and its siblings: ports not isolated`,
                          rule: "PATH-workstation",
                          change: (s: FixtureResource[]): void => siblings.forEach((d) => open(s, d.urn)),
                      },
                  ]),
        ];
    }),
    ...ofType(stack, SEED, /-gateway-seed$/).flatMap((g): Mutant[] => [
        {
            title: `${short(g)}: a port for Workstations that is not tor's`,
            rule: "PATH-gateway",
            change: editFile(g.urn, RULESET, (t) =>
                t.replace(
                    /(hook input priority 0; policy drop;\n)/,
                    '$1 iifname "int0" tcp dport 22 accept\n',
                ),
            ),
        },
        {
            title: `${short(g)}: any user may connect`,
            rule: "PATH-tor",
            change: editFile(g.urn, RULESET, (t) => t.replace('meta skuid "debian-tor" ', "")),
        },
        {
            title: `${short(g)}: forwards`,
            rule: "PATH-outside",
            change: editFile(g.urn, RULESET, (t) =>
                t.replace(/(hook forward priority 0; policy drop;\n)/, "$1 accept\n"),
            ),
        },
    ]),
];
