/** `lab.json`: what a running lab tells everybody else. Written last by start, so its presence means "up". */
import { existsSync, readFileSync } from "node:fs";
import { join } from "node:path";
import { z } from "zod";
import { LabError, explain } from "./error";
import { writeAtomically } from "./files";
import { resolveLab } from "./paths";

const absolute = z.string().regex(/^\//, "must be an absolute path");
const ipv4 = z.ipv4();
const port = z.int().min(1).max(65535);

const labInfoSchema = z.strictObject({
    uri: z.string().startsWith("qemu:///system?socket=/"),
    virt: z.enum(["qemu", "kvm"]),
    poolRoot: absolute,
    namespaces: z.strictObject({ host: z.string().min(1), internet: z.string().min(1) }),
    torNetwork: z.strictObject({
        /** Values for torrc's DirAuthority; a client also needs `TestingTorNetwork 1`. */
        dirAuthorities: z
            .array(z.string().regex(/^\w+ orport=\d+ no-v2 v3ident=[0-9A-F]{40} [\d.]+:\d+ [0-9A-F]{40}$/))
            .min(1),
    }),
    relays: z
        .array(
            z.strictObject({
                nickname: z.string().min(1),
                address: ipv4,
                orPort: port,
                dirPort: port.optional(),
                kind: z.enum(["authority", "exit"]),
            }),
        )
        .min(1),
    web: z.strictObject({ url: z.url(), address: ipv4, hostname: z.string().min(1), log: absolute }),
    startedAt: z.iso.datetime(),
});

/** Contents of `lab.json`. */
export type LabInfo = z.infer<typeof labInfoSchema>;

/** Parse the text of `lab.json`. @throws LabError naming the property and what is allowed */
export function parseLabInfo(text: string, file: string): LabInfo {
    const broken = (detail: string): LabError =>
        new LabError(
            `${file} does not describe a lab: ${detail}`,
            "run `bin/sallyport lab stop`, then `bin/sallyport lab start`",
        );
    let value: unknown;
    try {
        value = JSON.parse(text);
    } catch (error) {
        throw broken(explain(error));
    }
    const result = labInfoSchema.safeParse(value);
    if (!result.success) {
        throw broken(
            result.error.issues
                .map((issue) => `${issue.path.join(".") || "document"}: ${issue.message}`)
                .join("; "),
        );
    }
    return result.data;
}

/**
 * The running lab of a state folder. It is cheap and asks no daemon; `labStatus` tells whether the lab is
 * healthy.
 * @param dir state folder; default as in {@link resolveLab}
 * @throws LabError when no lab was started there, or it is gone (a reboot leaves the file behind)
 */
export function readLab(dir?: string): LabInfo {
    const paths = resolveLab(dir);
    if (!existsSync(paths.info)) {
        throw new LabError(`no lab runs in ${paths.dir}`, "run `bin/sallyport lab start`");
    }
    const info = parseLabInfo(readFileSync(paths.info, "utf8"), paths.info);
    for (const namespace of Object.values(info.namespaces)) {
        if (!existsSync(join("/run/netns", namespace))) {
            throw new LabError(
                `${paths.info} is left over: network namespace ${namespace} does not exist`,
                "run `bin/sallyport lab start`, which cleans up first",
            );
        }
    }
    return info;
}

/** Write `lab.json`; readers see the old file or the new one, never half of it. */
export function writeLab(file: string, info: LabInfo): void {
    writeAtomically(file, `${JSON.stringify(labInfoSchema.parse(info), null, 4)}\n`);
}
