import { nicsOf, possible, type Attachment, type Domain } from "../../topology/model";
import { must, nicSubject, violation } from "../check";
import type { Finding, Rule } from "../rule";
import { eachDomain, eachNic } from "../select";

/** A finding for each NIC of a guest whose MAC one before it has or may have. */
function twice(domain: Domain): Finding[] {
    const seen = new Set<string>();
    return nicsOf(domain).flatMap((nic) => {
        const macs = (possible(nic.mac) ?? []).filter((mac) => mac !== undefined && mac !== "") as string[];
        const again = macs.find((mac) => seen.has(mac));
        macs.forEach((mac) => seen.add(mac));
        return again === undefined ? [] : [violation(`${nicSubject(domain, nic)} twice`, `another NIC of this guest has ${again} too`, nic.mac.at)];
    });
}

const rule: Rule = {
    id: "ID-01",
    title: "Every NIC has a MAC of its own, under QEMU's prefix",
    why: "Without one libvirt draws another at each start, and seeds no longer fit; with one twice on a network, neither is heard; with one twice in a guest, its seed takes one NIC for the other.",
    severity: "high",
    fix: "Set mac to 52:54:00:… and to another value for each NIC of a network and of a guest.",
    limits: "The MACs of the host's own cards are not seen.",
    check: (model) => {
        const owners = new Map<string, string>();
        return [...eachDomain(model, "all", twice), ...eachNic(model, "all", (domain, nic) => [
            ...must(nicSubject(domain, nic), nic.mac, (mac) => /^52:54:00(:[0-9a-f]{2}){3}$/.test(mac ?? ""), "a fixed MAC under 52:54:00 is needed"),
            ...(nic.mac.kind === "known" && nic.mac.value !== undefined ? (possible<Attachment>(nic.attachment) ?? []) : []).flatMap((place) => {
                const mac = possible(nic.mac)?.[0] ?? "";
                const key = `${JSON.stringify(place)} ${mac}`;
                const owner = owners.get(key);
                owners.set(key, owner ?? nicSubject(domain, nic));
                return owner === undefined ? [] : [violation(`${nicSubject(domain, nic)} owner`, `${mac} is ${owner}'s on the same network`, nic.mac.at)];
            }),
        ])];
    },
};

export default rule;
