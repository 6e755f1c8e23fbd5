/** Which version of the provider a resource is written for, by its properties or its siblings'. */
import { shapeOf, type Shape } from "..";
import { networkShape } from "./networks";
import { has, type RawObject, type RawResource } from "./raw";
import { type Kind, kindOf } from "./kinds";

const ONLY_08 = [
    "networkInterfaces",
    "disks",
    "cloudinit",
    "consoles",
    "graphics",
    "filesystems",
    "coreosIgnition",
    "qemuAgent",
    "firmware",
    "machine",
    "xml",
];

const ONLY_09 = ["devices", "os", "features", "memoryBacking", "clock", "pm", "onCrash"];

export function domainShape(raw: RawObject): Shape | undefined {
    const old = ONLY_08.some((key) => has(raw, key));
    const recent = ONLY_09.some((key) => has(raw, key));
    return shapeOf(old, recent);
}

const SHAPES: ReadonlyMap<Kind, (raw: RawObject) => Shape | undefined> = new Map([
    ["domain", domainShape],
    ["network", networkShape],
]);

/** The shape that a provider's own resources show, for those that show none themselves. */
export function shapesOf(raws: readonly RawResource[]): ReadonlyMap<string, Shape> {
    const shapes = new Map<string, Shape>();
    for (const raw of raws) {
        const shape = SHAPES.get(kindOf(raw))?.(raw.properties);
        if (shape !== undefined && shape !== "unrecognised") {
            const before = shapes.get(raw.provider ?? "");
            shapes.set(raw.provider ?? "", before === undefined || before === shape ? shape : "unrecognised");
        }
    }
    return shapes;
}
