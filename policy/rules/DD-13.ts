import { holds, valueAt } from "../../topology/model";
import { must, mustBe, subjectOf, violation, whenKnown } from "../check";
import type { Rule } from "../rule";
import { eachDevice, eachDomain } from "../select";

/** What this project's stylesheets write, and what libvirt adds to every x86 machine by itself. */
const ALLOWED = ["emulator", "controller", "serial", "console", "memballoon", "rng", "input", "audio"];
const CONTROLLERS = ["pci", "sata", "usb", "virtio-serial"];

const rule: Rule = {
    id: "DD-13",
    title: "A guest has the devices of a short list and no others",
    why: "A list of what is forbidden misses the next device that libvirt learns; a list of what is allowed does not.",
    severity: "high",
    fix: "Use this project's stylesheet for the domain's role, or remove the device.",
    scope: "resource",
    check: (model) => eachDomain(model, "all", (domain) => [
        ...whenKnown(subjectOf(domain), domain.devices, (devices) => devices.filter((device) => !ALLOWED.includes(device.name))
            .map((device) => violation(`${subjectOf(domain)} ${device.name}`, `a ${device.name} is not among ${ALLOWED.join(", ")}, disks and NICs`, device.at))),
        ...eachDevice(model, "all", ["controller"], (owner, device) => (owner !== domain ? [] : [
            ...must(subjectOf(domain), valueAt(device, "type"), (type) => CONTROLLERS.includes(type ?? ""), `controllers of ${CONTROLLERS.join(", ")} are allowed`),
            ...(holds(valueAt(device, "type"), (type) => type === "usb") === "no" ? [] : mustBe(`${subjectOf(domain)} usb`, device, "model", ["none"])),
        ])),
        ...(domain.stylesheet.kind === "pinned" && domain.role.kind === "known" && domain.role.value !== undefined && domain.stylesheet.which !== `domain-${domain.role.value}`
            ? [violation(subjectOf(domain), `a ${domain.role.value} has the stylesheet ${domain.stylesheet.which}`, domain.stylesheet.at)] : []),
    ]),
};

export default rule;
