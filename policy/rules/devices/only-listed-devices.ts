import { digestOfNode, holds, marked, valueAt, type Domain } from "../../../model";
import { must, mustBe, mustHaveOnly, subjectOf, violation, whenKnown } from "../../check";
import type { Finding, Rule } from "../../rule";
import { eachDevice, eachDomain } from "../../select";

/** What this project's stylesheets write, and what libvirt adds to every x86 machine by itself. */
const ALLOWED = ["emulator", "controller", "serial", "console", "memballoon", "rng", "input", "audio"];
const CONTROLLERS = ["pci", "sata", "usb", "virtio-serial"];
/** Serial numbers and the like are ID-13's, `shareable` is SH-01's. */
const DISK = [
    "device",
    "type",
    "driver",
    "source",
    "target",
    "readonly",
    "shareable",
    "serial",
    "wwn",
    "vendor",
    "product",
    "alias",
    "address",
];
/** Where the content is. Whatever lies behind it stands in the volume, where CI-14 and NT-26 see it. */
const SOURCE = ["pool", "volume", "file", "dev", "name", "index"];
const DRIVER = ["name", "type", "discard", "cache", "io", "detectZeroes"];

function disks(domain: Domain): readonly Finding[] {
    return whenKnown(`${subjectOf(domain)} disks`, domain.disks, (list) =>
        list.flatMap(({ index, xml }) => {
            const subject = `${subjectOf(domain)} disk ${index}`;
            const parts = (name: string, allowed: readonly string[]): Finding[] =>
                xml.children
                    .filter((child) => child.name === name)
                    .flatMap((child) => mustHaveOnly(`${subject} ${name}`, child, ...allowed));
            return [
                ...mustHaveOnly(subject, xml, ...DISK),
                ...parts("source", SOURCE),
                ...parts("driver", DRIVER),
                ...mustBe(subject, xml, "driver.name", [undefined, "qemu"]),
                ...mustBe(subject, xml, "driver.type", [undefined, "qcow2", "raw"]),
            ];
        }),
    );
}

const rule: Rule = {
    id: "DD-13",
    title:
        "A guest has the devices of a short list and no others, and its disks are a source, a driver " +
        "and a target",
    why:
        "A list of what is forbidden misses the next device that libvirt learns; a list of what is " +
        "allowed does not.",
    severity: "high",
    fix: "Use this project's stylesheet for the domain's role, or remove the device.",
    scope: "resource",
    check: (model) => [
        ...eachDomain(model, "all", (domain) => [
            ...whenKnown(`${subjectOf(domain)} devices`, domain.devices, (devices) =>
                devices
                    .filter((device) => !ALLOWED.includes(device.name))
                    .map((device) =>
                        violation(
                            `${subjectOf(domain)} ${device.name}`,
                            `a ${device.name} is not among ${ALLOWED.join(", ")}, disks and NICs ` +
                                `${marked(digestOfNode(device))}`,
                            device.at,
                        ),
                    ),
            ),
            ...disks(domain),
            ...(domain.stylesheet.kind === "pinned" &&
            domain.role.kind === "known" &&
            domain.role.value !== undefined &&
            domain.stylesheet.which !== `domain-${domain.role.value}`
                ? [
                      violation(
                          `${subjectOf(domain)} stylesheet`,
                          `a ${domain.role.value} has the stylesheet ${domain.stylesheet.which}`,
                          domain.stylesheet.at,
                      ),
                  ]
                : []),
        ]),
        ...eachDevice(model, "all", ["controller"], (_domain, device, subject) => [
            ...must(
                `${subject} type`,
                valueAt(device, "type"),
                (type) => CONTROLLERS.includes(type ?? ""),
                `controllers of ${CONTROLLERS.join(", ")} are allowed`,
            ),
            ...(holds(valueAt(device, "type"), (type) => type === "usb") === "no"
                ? []
                : mustBe(subject, device, "model", ["none"])),
        ]),
        // A PC's own; anything else reads a device of the host's.
        ...eachDevice(model, "all", ["input"], (_domain, input, subject) => [
            ...mustBe(subject, input, "type", ["mouse", "keyboard"]),
            ...mustBe(subject, input, "bus", ["ps2"]),
            ...mustHaveOnly(subject, input, "type", "bus", "alias"),
        ]),
    ],
};

export default rule;
