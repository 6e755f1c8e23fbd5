/** Workstations of provider 0.8 that a rule has to refuse. */
import type { FixtureResource } from "../../fixtures/resources";
import { DOMAIN, NETWORK, UNKNOWN, VOLUME, edit, ofType, set, short, type Mutant } from "../mutant";
import { nics, KINDS, type Nic } from "./provider-08-any-guest";

export function workstation(domain: FixtureResource, stack: readonly FixtureResource[]): Mutant[] {
    const at = domain.urn;
    const mine = short(domain);
    const enclave = domain.name.replace(/-workstation-.*$/, "");
    const external = `${enclave}-external`;
    const gateway = ofType(stack, DOMAIN).find((d) => d.name === `${enclave}-gateway`);
    const elsewhere = ofType(stack, NETWORK, /-isolated$/).find((n) => n.name !== `${enclave}-isolated`);
    const sibling = ofType(stack, DOMAIN, new RegExp(`^${enclave}-workstation-`)).find((d) => d !== domain);
    const without =
        (...gone: readonly string[]) =>
        (s: FixtureResource[]): void => {
            for (const r of s.filter((x) => x.urn.includes(domain.name))) {
                r.dependencies = r.dependencies.filter(
                    (urn) => !gone.some((name) => urn.endsWith(`::${name}`)),
                );
            }
        };
    return [
        ...[
            "clock-offset=181",
            "clock-offset=-181",
            "clock-offset=1.5",
            "clock-offset=",
            "clock-offset=05",
            "clock-offset=5 of alice's laptop",
            "alice's laptop",
            "clock-offset=NaN",
            "",
        ].map((description): Mutant => ({
            title: `${mine}: described as ${JSON.stringify(description)}`,
            rule: "CLOCK-01",
            change: set(at, { description }),
        })),
        {
            title: `${mine}: an offset that was not drawn`,
            rule: "CLOCK-01",
            change: edit(at, (p, r) => {
                p["description"] = "clock-offset=0";
                Reflect.deleteProperty(r.propertyDependencies, "description");
            }),
        },
        {
            title: `${mine}: an unknown description that was not drawn`,
            rule: "CLOCK-01",
            change: edit(at, (p, r) => {
                p["description"] = UNKNOWN;
                Reflect.deleteProperty(r.propertyDependencies, "description");
            }),
        },
        {
            title: `${mine}: a description that another resource feeds, too`,
            rule: "CLOCK-01",
            change: edit(at, (_, r) => {
                r.propertyDependencies["description"]?.push(...(r.propertyDependencies["disks"] ?? []));
            }),
        },
        {
            title: `${mine}: a description out of another step`,
            rule: "CLOCK-01",
            change: edit(at, (_, r) => {
                r.propertyDependencies["description"] = r.dependencies.filter((urn) =>
                    urn.endsWith("-ready"),
                );
            }),
        },
        ...["3601", "0", "x"].map((window): Mutant => ({
            title: `${mine}: a window of ${window}`,
            rule: "CLOCK-01",
            change: (s) => {
                s.filter((r) => r.name === `${domain.name}-clock`).forEach((r) => {
                    r.props["create"] = `bin/sallyport clock-offset --window ${window}`;
                });
            },
        })),
        {
            title: `${mine}: moved to the external network`,
            rule: "NT-07",
            change: edit(at, (p) => {
                Object.assign(nics(p)[0] ?? {}, { networkName: external });
            }),
        },
        {
            title: `${mine}: proof of it`,
            rule: "PATH-outside",
            change: edit(at, (p) => {
                Object.assign(nics(p)[0] ?? {}, { networkName: external });
            }),
        },
        {
            title: `${mine}: on the Gateway's wire`,
            rule: "NT-01",
            change: edit(at, (p) => {
                Object.assign(nics(p)[0] ?? {}, { networkName: external });
            }),
        },
        ...[external, "default"].map((networkName): Mutant => ({
            title: `${mine}: a second NIC on ${networkName.replace(enclave, "")}`,
            rule: "NT-07",
            change: edit(at, (p) => {
                nics(p).push({ networkName, mac: "52:54:00:00:00:01" });
            }),
        })),
        ...KINDS.map((kind): Mutant => ({
            title: `${mine}: a second NIC on ${kind}`,
            rule: "NT-07",
            change: edit(at, (p) => {
                nics(p).push({ [kind]: "eth0", mac: "52:54:00:00:00:01" });
            }),
        })),
        { title: `${mine}: no NIC`, rule: "NT-07", change: set(at, { networkInterfaces: [] }) },
        {
            title: `${mine}: the Gateway's inner MAC`,
            rule: "ID-01",
            change: edit(at, (p) => {
                Object.assign(nics(p)[0] ?? {}, { mac: "52:54:00:98:98:0a" });
            }),
        },
        {
            title: `${mine}: a MAC that follows from nothing`,
            rule: "ID-03",
            change: edit(at, (p) => {
                Object.assign(nics(p)[0] ?? {}, { mac: "52:54:00:11:22:33" });
            }),
        },
        {
            title: `${mine}: the Gateway's stylesheet`,
            rule: "LC-15",
            change: edit(at, (p) => {
                p["xml"] = gateway?.props["xml"];
            }),
        },
        { title: `${mine}: port not isolated`, rule: "NT-18", change: set(at, { xml: undefined }) },
        {
            title: `${mine}: waits for nothing`,
            rule: "LC-01",
            change: (s) => {
                s.filter((r) => r.urn === at || r.urn.includes(`${domain.name}-`)).forEach((r) => {
                    r.dependencies = [];
                });
            },
        },
        {
            title: `${mine}: does not wait until tor is ready`,
            rule: "LC-01",
            change: without(`${enclave}-ready`),
        },
        {
            title: `${mine}: a third disk`,
            rule: "LC-07",
            change: (s) => {
                s.push({
                    urn: `${at}-data`,
                    type: VOLUME,
                    name: `${domain.name}-data`,
                    props: {
                        name: "data.qcow2",
                        pool: enclave,
                        format: "qcow2",
                        xml: ofType(s, VOLUME)[0]?.props["xml"],
                    },
                    dependencies: [],
                    propertyDependencies: {},
                    deleteBeforeReplace: true,
                });
                edit(at, (p, r) => {
                    (p["disks"] as Nic[]).push({ volumeId: `/var/lib/libvirt/images/${enclave}/data.qcow2` });
                    r.propertyDependencies["disks"]?.push(`${at}-data`);
                })(s);
            },
        },
        {
            title: `${mine}: another enclave's label`,
            rule: "NT-17",
            change: (s) => {
                const c = s.find((r) => r.type === "sallyport:index:Workstation" && r.name === domain.name);
                Object.assign(c?.props ?? {}, { enclave: "other" });
            },
        },
        ...(elsewhere === undefined
            ? []
            : [
                  {
                      title: `${mine}: on another enclave's network`,
                      rule: "NT-17",
                      change: edit(at, (p: Record<string, unknown>) => {
                          Object.assign(nics(p)[0] ?? {}, { networkName: elsewhere.name });
                      }),
                  },
                  {
                      title: `${mine}: behind another enclave's Gateway`,
                      rule: "LC-01",
                      change: edit(at, (p: Record<string, unknown>) => {
                          Object.assign(nics(p)[0] ?? {}, { networkName: elsewhere.name });
                      }),
                  },
              ]),
        ...(sibling === undefined
            ? []
            : [
                  {
                      title: `${mine}: a sibling's MAC`,
                      rule: "ID-01",
                      change: edit(at, (p: Record<string, unknown>) => {
                          Object.assign(nics(p)[0] ?? {}, { mac: nics(sibling.props)[0]?.["mac"] });
                      }),
                  },
              ]),
    ];
}
