/** `disks` of provider 0.8, in its order of precedence (libvirt/domain.go, setDisks). */
import { posix } from "node:path";
import {
    below,
    digestOf,
    element,
    hidden,
    known,
    marked,
    opaque,
    unknown,
    type Fact,
    type Node,
    type Origin,
} from "..";
import { diskFacts } from "./domain-facts";
import { has, isMark, isObject, listFact, markFact, textFact, type RawObject } from "./raw";
import { isSeedName, type DomainSkeleton } from "./stylesheets";
import type { UnresolvedDisk, UnresolvedSource } from "./unresolved";

const PRECEDENCE: readonly (readonly [string, (value: string) => UnresolvedSource])[] = [
    ["volumeId", (key) => ({ from: "volume-key", key })],
    ["url", (path) => ({ from: "url", path })],
    ["file", (path) => ({ from: "file", path })],
    ["blockDevice", (path) => ({ from: "block-device", path })],
];

const FED_BY = "disks";

function sourceOf(disk: RawObject, at: Origin, skeleton: DomainSkeleton | undefined): Fact<UnresolvedSource> {
    const found = PRECEDENCE.find(([key]) => has(disk, key));
    if (skeleton !== undefined && found?.[0] !== "volumeId") {
        return opaque(
            at,
            "its stylesheet refuses a disk that is no volume " +
                `${marked(digestOf(PRECEDENCE.map(([key]) => textFact(disk[key], at))))}`,
        );
    }
    if (found === undefined) {
        return known({ from: "nothing" }, at);
    }
    const [key, make] = found;
    const value = textFact(disk[key], below(at, key));
    if (value.kind === "known") {
        return known(make(value.value ?? ""), value.at);
    }
    return value.kind === "opaque" ? value : unknown(value.at, value.why);
}

/** A file or address that ends in .iso becomes a CD-ROM. */
function isCdrom(source: Fact<UnresolvedSource>): boolean {
    return (
        source.kind === "known" &&
        (source.value.from === "file" || source.value.from === "url") &&
        source.value.path.endsWith(".iso")
    );
}

/** The template that the stylesheet has for a volume. */
function writtenFor(key: string, skeleton: DomainSkeleton): Node {
    if (skeleton.dataFolder !== undefined && posix.dirname(key) === skeleton.dataFolder) {
        return skeleton.dataDisk;
    }
    return isSeedName(key) ? skeleton.seedDisk : skeleton.disk;
}

function nodeOf(
    disk: RawObject,
    source: Fact<UnresolvedSource>,
    at: Origin,
    skeleton: DomainSkeleton | undefined,
): Node {
    if (skeleton !== undefined) {
        // The stylesheet goes by the volume's name; an unknown one is settled when the seed is linked.
        const key = source.kind === "known" && source.value.from === "volume-key" ? source.value.key : "";
        return element(
            "disk",
            at,
            writtenFor(key, skeleton).children.map((child) => ({ ...child, at })),
        );
    }
    const wwn = textFact(disk.wwn, below(at, "wwn"));
    return element("disk", at, [
        element("device", at, [], isCdrom(source) ? "cdrom" : "disk"),
        ...(wwn.kind === "known" && wwn.value === undefined
            ? []
            : [{ name: "wwn", value: wwn, children: [], at: below(at, "wwn") }]),
    ]);
}

export function disks08(
    raw: RawObject,
    at: Origin,
    skeleton: DomainSkeleton | undefined,
): Fact<readonly UnresolvedDisk[]> {
    const where = below(at, FED_BY);
    const list = listFact(raw.disks, where);
    if (list.kind !== "known") {
        return hidden(list);
    }
    return known(
        list.value.map((item, i): UnresolvedDisk => {
            const here = below(where, i);
            if (isMark(item) || !isObject(item)) {
                const fact = isMark(item)
                    ? markFact(item, here)
                    : opaque(here, "an object was expected here");
                return {
                    ...diskFacts({ name: "disk", value: fact, children: [], at: here }, i),
                    source: fact,
                    fedBy: FED_BY,
                };
            }
            const source = sourceOf(item, here, skeleton);
            return { ...diskFacts(nodeOf(item, source, here, skeleton), i), source, fedBy: FED_BY };
        }),
        where,
    );
}
