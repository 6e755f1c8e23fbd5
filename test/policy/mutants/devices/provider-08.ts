/** Domains of provider 0.8: NICs and their precedence, devices, stylesheets, disks, order. */
import type { FixtureResource } from "../../fixtures/resources";
import { DOMAIN, UNKNOWN, VOLUME, edit, ofType, set, short, type Mutant } from "../mutant";
import { nics, type Nic, sameForAll } from "./provider-08-any-guest";
import { workstation } from "./provider-08-workstation";

export function gateway(domain: FixtureResource): Mutant[] {
    const at = domain.urn;
    const mine = short(domain);
    return [
        {
            title: `${mine}: a description`,
            rule: "CLOCK-01",
            change: set(at, { description: "clock-offset=5" }),
        },
        {
            title: `${mine}: a description that is not known`,
            rule: "CLOCK-01",
            change: set(at, { description: UNKNOWN }),
        },
        {
            title: `${mine}: one NIC`,
            rule: "NT-09",
            change: edit(at, (p) => {
                nics(p).pop();
            }),
        },
        {
            title: `${mine}: its network without a Gateway`,
            rule: "NT-08",
            change: edit(at, (p) => {
                nics(p).pop();
            }),
        },
        {
            title: `${mine}: two NICs outside`,
            rule: "NT-09",
            change: edit(at, (p) => {
                Object.assign(nics(p)[1] ?? {}, { networkName: nics(p)[0]?.["networkName"] });
            }),
        },
        {
            title: `${mine}: three NICs`,
            rule: "NT-09",
            change: edit(at, (p) => {
                nics(p).push({ networkName: nics(p)[0]?.["networkName"], mac: "52:54:00:00:00:02" });
            }),
        },
        {
            title: `${mine}: both NICs inside`,
            rule: "NT-09",
            change: edit(at, (p) => {
                Object.assign(nics(p)[0] ?? {}, { networkName: nics(p)[1]?.["networkName"] });
            }),
        },
        {
            title: `${mine}: NICs swapped`,
            rule: "ID-02",
            change: edit(at, (p) => {
                const [a, b] = nics(p);
                [Object.assign({}, a), Object.assign({}, b)].forEach((nic, i) =>
                    Object.assign(nics(p)[1 - i] ?? {}, { networkName: nic["networkName"] }),
                );
            }),
        },
        {
            title: `${mine}: an inner MAC of its own`,
            rule: "ID-02",
            change: edit(at, (p) => {
                Object.assign(nics(p)[1] ?? {}, { mac: "52:54:00:aa:bb:cc" });
            }),
        },
        {
            title: `${mine}: one MAC for both NICs`,
            rule: "ID-01",
            change: edit(at, (p) => {
                Object.assign(nics(p)[0] ?? {}, { mac: nics(p)[1]?.["mac"] });
            }),
        },
        {
            title: `${mine}: a Workstation's MAC outside`,
            rule: "ID-02",
            change: edit(at, (p) => {
                Object.assign(nics(p)[0] ?? {}, { mac: "52:54:00:98:98:fe" });
            }),
        },
        {
            title: `${mine}: the inner MAC outside`,
            rule: "ID-02",
            change: edit(at, (p) => {
                Object.assign(nics(p)[0] ?? {}, { mac: "52:54:00:98:98:0a" });
            }),
        },
        {
            title: `${mine}: not declared`,
            rule: "NT-08",
            change: (s) => {
                s.splice(
                    s.findIndex((r) => r.urn === at),
                    1,
                );
            },
        },
    ];
}

/** Sharing: disks, seeds, pools. Volumes are named by path, as after the first update. */
function sharing(stack: readonly FixtureResource[]): Mutant[] {
    const [first, second] = ofType(stack, DOMAIN);
    if (first === undefined || second === undefined) {
        return [];
    }
    if ((first.props["disks"] as Nic[])[0]?.["volumeId"] === UNKNOWN) {
        const feeds = (...urns: readonly (string | undefined)[]) =>
            edit(second.urn, (_, r) => {
                r.propertyDependencies["disks"] = urns.filter((urn) => urn !== undefined);
            });
        const fedBy = (domain: FixtureResource, what: RegExp): string | undefined =>
            domain.propertyDependencies["disks"]?.find((urn) => what.test(urn));
        const [overlay, seed] = [fedBy(first, /-overlay$/), fedBy(first, /-seed$/)];
        const [ownOverlay, ownSeed] = [fedBy(second, /-overlay$/), fedBy(second, /-seed$/)];
        const ownData = fedBy(second, /-(home|state)$/);
        return [
            {
                title: "two domains fed by one overlay",
                rule: "SH-01",
                change: feeds(overlay, ownSeed, ownData),
            },
            { title: "two domains fed by one seed", rule: "CI-12", change: feeds(ownOverlay, seed, ownData) },
            {
                title: "a domain fed by the golden image",
                rule: "SH-01",
                change: feeds(ofType(stack, VOLUME, /-image-volume$/)[0]?.urn, ownSeed, ownData),
            },
            { title: "a disk fed by nothing that is declared", rule: "LC-15", change: feeds() },
        ];
    }
    const disk = (domain: FixtureResource, i: number): unknown =>
        (domain.props["disks"] as Nic[])[i]?.["volumeId"];
    const put = (domain: FixtureResource, i: number, volumeId: unknown) =>
        edit(domain.urn, (p) => {
            Object.assign((p["disks"] as Nic[])[i] ?? {}, { volumeId });
        });
    const overlay = ofType(stack, VOLUME, /-overlay$/)[0];
    return [
        { title: "two domains on one overlay", rule: "SH-01", change: put(second, 0, disk(first, 0)) },
        { title: "two domains on one seed", rule: "CI-12", change: put(second, 1, disk(first, 1)) },
        {
            title: "a domain on the golden image",
            rule: "SH-01",
            change: put(second, 0, overlay?.props["baseVolumeId"]),
        },
        {
            title: "a domain without a seed",
            rule: "DD-19",
            change: edit(first.urn, (p) => {
                (p["disks"] as Nic[]).splice(1, 1);
            }),
        },
        {
            title: "a domain with two seeds",
            rule: "DD-19",
            change: edit(first.urn, (p) => {
                (p["disks"] as Nic[]).push({ volumeId: disk(second, 1) });
            }),
        },
        {
            title: "a disk that was not declared",
            rule: "NT-26",
            change: put(first, 0, "/var/lib/libvirt/images/other.qcow2"),
        },
    ];
}

export const domainMutants = (stack: readonly FixtureResource[]): Mutant[] => [
    ...ofType(stack, DOMAIN).flatMap(sameForAll),
    ...ofType(stack, DOMAIN, /-workstation-/).flatMap((d) => workstation(d, stack)),
    ...ofType(stack, DOMAIN, /-gateway$/).flatMap(gateway),
    ...sharing(stack),
];
