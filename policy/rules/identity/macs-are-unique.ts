import { nicsOf, possible, type Domain, type Nic } from "../../../model";
import { must, nicSubject, violation } from "../../check";
import { wiresOfNic } from "../../helpers/wires";
import type { Finding, Rule } from "../../rule";
import { eachDomain, eachNic, onIsolated } from "../../select";

/** A finding for each NIC of a guest whose MAC one before it has or may have. */
function twice(domain: Domain): Finding[] {
    const seen = new Set<string>();
    return nicsOf(domain).flatMap((nic) => {
        const macs = (possible(nic.mac) ?? []).filter((mac) => mac !== undefined && mac !== "") as string[];
        const again = macs.find((mac) => seen.has(mac));
        macs.forEach((mac) => seen.add(mac));
        return again === undefined
            ? []
            : [
                  violation(
                      `${nicSubject(domain, nic)} twice`,
                      `another NIC of this guest has ${again} too`,
                      nic.mac.at,
                  ),
              ];
    });
}

const rule: Rule = {
    id: "ID-01",
    title: "Every NIC has a MAC of its own, under QEMU's prefix",
    why:
        "Without one libvirt draws another at each start, and seeds no longer fit. Twice on a " +
        "network, neither NIC works. Twice in a guest, its seed takes one NIC for the other.",
    severity: "high",
    fix: "Set mac to 52:54:00:… and to another value for each NIC of a network and of a guest.",
    limits: "The MACs of the host's own cards are not seen.",
    check: (model) => {
        const owners = new Map<string, string>();
        const claim = (key: string, domain: Domain, nic: Nic, where: string): Finding[] => {
            const subject = nicSubject(domain, nic);
            const owner = owners.get(key);
            owners.set(key, owner ?? subject);
            return owner === undefined || owner === subject
                ? []
                : [
                      violation(
                          `${subject} owner`,
                          `${possible(nic.mac)?.[0] ?? ""} is ${owner}'s ${where}`,
                          nic.mac.at,
                      ),
                  ];
        };
        return [
            ...eachDomain(model, "all", twice),
            ...eachNic(model, "all", (domain, nic) => {
                const mac = nic.mac.kind === "known" ? nic.mac.value : undefined;
                const same =
                    mac === undefined
                        ? []
                        : wiresOfNic(model, domain, nic).flatMap((wire) =>
                              claim(`${wire} ${mac}`, domain, nic, "on the same network"),
                          );
                return [
                    ...must(
                        nicSubject(domain, nic),
                        nic.mac,
                        (value) => /^52:54:00(:[0-9a-f]{2}){3}$/.test(value ?? ""),
                        "a fixed MAC under 52:54:00 is needed",
                    ),
                    ...same,
                    // Inner MACs are equal in every enclave. Outer ones may meet: two bridges can be one LAN.
                    ...(mac === undefined || same.length > 0 || onIsolated(model, nic) === "yes"
                        ? []
                        : claim(`${domain.host} outside ${mac}`, domain, nic, "outside as well")),
                ];
            }),
        ];
    },
};

export default rule;
