/** Data volumes that a stack's state holds, and which of them an update would take away. Pure. */
import { z } from "zod";
import { isStepType } from "../model/steps";
import { dataDisk, DATA_POOL_SUFFIX } from "../values/disk-files";
import { dataVolumeName, enclavePrefix, gatewayName, workstationName } from "../values/names";

const resource = z.object({
    urn: z.string(),
    type: z.string(),
    parent: z.string().optional(),
    protect: z.boolean().optional(),
    delete: z.boolean().optional(),
    /** Deleted by an update that did not come to making it anew. */
    pendingReplacement: z.boolean().optional(),
    /** To be replaced by the next update. */
    taint: z.boolean().optional(),
    dependencies: z.array(z.string()).nullish(),
    inputs: z.record(z.string(), z.unknown()).optional(),
    outputs: z.record(z.string(), z.unknown()).optional(),
});
const state = z.object({
    deployment: z.object({ manifest: z.unknown(), resources: z.array(resource).nullish() }),
});
export type Resource = z.output<typeof resource>;

/** A guest's volume that is kept. */
export interface Kept {
    /** As people call the guest: `default/ws1`. */
    readonly name: string;
    readonly domain: string;
    readonly pool: string;
    readonly volume: string;
    readonly role: "gateway" | "workstation";
    /** Folder of its pool; undefined where the state does not say. */
    readonly folder: string | undefined;
    readonly sizeBytes: number;
    /** The volume and the steps that wipe it, those that are protected. */
    readonly protectedUrns: readonly string[];
}

const text = (value: unknown): string => (typeof value === "string" ? value : "");
const ROLES: ReadonlyMap<string, Kept["role"]> = new Map([
    ["sallyport:index:Gateway", "gateway"],
    ["sallyport:index:Workstation", "workstation"],
]);

/** `default/ws1`, as `bin/sallyport console` takes it; the domain where that name would be two guests'. */
export function called(urn: string, enclave: string, domain: string): string {
    const [, , stack = "", project = ""] = /^urn:pulumi:(([^:]*)::([^:]*))::/.exec(urn) ?? [];
    const prefix = `${project}-${stack}-${enclave}-`;
    const short = domain.startsWith(prefix) ? domain.slice(prefix.length) : "";
    if (short === "gateway") {
        return `${enclave}/gateway`;
    }
    const workstation = short.replace(/^workstation-/, "");
    return workstation === short || workstation === "gateway" ? domain : `${enclave}/${workstation}`;
}

/** Resources of an export. @throws Error when the text is none */
export const resourcesIn = (exported: string): readonly Resource[] =>
    state.parse(JSON.parse(exported)).deployment.resources ?? [];

/**
 * What a state keeps.
 * @param exported of `pulumi stack export`
 * @throws Error when the text is no such export
 */
export function keptIn(exported: string): Kept[] {
    const resources = resourcesIn(exported);
    const byUrn = new Map(resources.map((r) => [r.urn, r]));
    const folders = new Map(
        resources
            .filter(({ type }) => type === "libvirt:index/pool:Pool")
            .map(({ inputs = {} }) => [
                text(inputs["name"]),
                text((inputs["target"] as { path?: unknown } | undefined)?.path),
            ]),
    );
    const steps = (volume: Resource): Resource[] =>
        resources.filter((r) => isStepType(r.type) && (r.dependencies ?? []).includes(volume.urn));
    return resources.flatMap((volume): Kept[] => {
        const parent = byUrn.get(volume.parent ?? "");
        const is = ROLES.get(parent?.type ?? "");
        const domain = parent?.urn.split("::").at(-1) ?? "";
        const { name, pool, size } = { ...volume.inputs, ...volume.outputs };
        return volume.type !== "libvirt:index/volume:Volume" ||
            volume.delete === true ||
            is === undefined ||
            name !== `${domain}${dataDisk(is).suffix}`
            ? []
            : [
                  {
                      name: called(volume.urn, text(parent?.inputs?.["enclave"]), domain),
                      domain,
                      pool: text(pool),
                      volume: text(name),
                      role: is,
                      folder: folders.get(text(pool)),
                      sizeBytes: Number(size ?? 0),
                      protectedUrns: [volume, ...steps(volume)]
                          .filter(({ protect }) => protect === true)
                          .map(({ urn }) => urn),
                  },
              ];
    });
}

const settings = z.object({
    storage: z.object({ path: z.string().default("/var/lib/libvirt/images") }).prefault({}),
    enclaves: z
        .array(
            z.object({
                name: z.string(),
                workstations: z
                    .array(z.object({ name: z.string(), home: z.unknown().optional() }))
                    .prefault([{ name: "ws1" }]),
            }),
        )
        .prefault([{ name: "default" }]),
});

/**
 * Files of all data volumes that settings declare; undefined where their names are encrypted, or the schema
 * refuses them anyway. No other setting is read, so that none has to be decrypted.
 */
export function declaredData(
    project: string,
    stack: string,
    stored: Readonly<Record<string, unknown>>,
): ReadonlySet<string> | undefined {
    const read = settings.safeParse(stored);
    if (!read.success) {
        return undefined;
    }
    const { storage, enclaves } = read.data;
    return new Set(
        enclaves.flatMap((enclave) => {
            const id = { project, stack, enclave: enclave.name };
            const folder = `${storage.path}/${enclavePrefix(id)}${DATA_POOL_SUFFIX}`;
            return [
                dataVolumeName("gateway", gatewayName(id)),
                ...enclave.workstations
                    .filter(({ home }) => home !== false)
                    .map(({ name }) => dataVolumeName("workstation", workstationName(id, name))),
            ].map((volume) => `${folder}/${volume}`);
        }),
    );
}

/** Names of all guests that settings declare; none where their names can't be read. */
export function guestsIn(stored: Readonly<Record<string, unknown>>): string[] {
    const read = settings.safeParse(stored);
    return read.success
        ? read.data.enclaves.flatMap(({ name, workstations }) => [
              `${name}/gateway`,
              ...workstations.map((workstation) => `${name}/${workstation.name}`),
          ])
        : [];
}

/** Guests whose data may go, by the settings; none where that can't be read. */
export const allowedLoss = (stored: Readonly<Record<string, unknown>>): readonly string[] =>
    z.array(z.string()).catch([]).parse(stored["allowDataLoss"]);

/** Whether a change that keeps these files, undefined for all, takes a volume away. */
export const isLost = (kept: Kept, declared: ReadonlySet<string>): boolean =>
    !declared.has(`${kept.folder ?? ""}/${kept.volume}`);

/**
 * The lines of configuration that let the data of these guests go.
 * @param guests as people call them: `default/ws1`
 * @param before how many the settings allow already
 */
export const allowLines = (guests: readonly string[], before: number, stack: string): string =>
    [...new Set(guests)]
        .map(
            (name, i) =>
                `bin/pulumi config set --stack ${stack} --path 'sallyport:allowDataLoss[${before + i}]' ${name}`,
        )
        .join(" && ");
