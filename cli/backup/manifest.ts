/** What is in a backup: its first member. Pure. */
import { z } from "zod";
import type { EnclavePlan, StackPlan } from "../../plan/plan";
import { guestsOf } from "../../plan/guests";
import { CliError } from "../../util/error";

export const FORMAT = 1;
export const [MANIFEST, SETTINGS, STATE, HASHES] = [
    "manifest.json",
    "settings.yaml",
    "state.json",
    "sha256.json",
];
/** Most bytes of a member that is read into memory. */
export const MOST_TEXT = 256 * 2 ** 20;
/** Most bytes of a volume: 16 TiB, as `resize` allows. */
const MOST_VOLUME = 16384 * 2 ** 30;

const NAME = /^[A-Za-z0-9._-]{1,200}$/;
const volume = z.strictObject({
    /** As people call its guest: `default/ws1`. */
    guest: z.string().max(200),
    domain: z.string().regex(NAME),
    pool: z.string().regex(NAME),
    volume: z.string().regex(NAME),
    bytes: z.number().int().positive().max(MOST_VOLUME),
});
const schema = z.strictObject({
    format: z.literal(FORMAT),
    project: z.string().regex(NAME),
    stack: z.string().regex(NAME),
    created: z.string().max(40),
    uri: z.string().max(500),
    /** The host that the stack was on (values/host-identity.ts); empty: the state does not say. */
    host: z.string().max(200),
    /** The image that the settings name; empty: none. */
    image: z.string().max(500),
    volumes: z.array(volume).max(1000),
});
export type Manifest = z.output<typeof schema>;
export type SavedVolume = z.output<typeof volume>;

/** Name of a volume's member, by its place. */
export const member = (i: number): string => `volume-${i}.raw`;

/** @throws CliError when it is none of this format */
export function readManifest(text: string, file: string): Manifest {
    let json: unknown;
    try {
        json = JSON.parse(text);
    } catch {
        json = undefined;
    }
    const read = schema.safeParse(json);
    if (!read.success) {
        const [issue] = read.error.issues;
        throw new CliError(
            `${file}: its manifest is none of format ${FORMAT}: ${issue?.path.join(".") ?? ""} ${issue?.message ?? ""}`,
            "take another copy of it, or the version of Sallyport that wrote it",
        );
    }
    return read.data;
}

/** A volume that is kept of a guest, by the plan. */
export type PlannedVolume = Omit<SavedVolume, "bytes"> & {
    readonly enclave: string;
    readonly mayBeLost: boolean;
};

/** All volumes that are kept of an enclave's guests, or of a stack's. */
export function plannedVolumes(
    plan: StackPlan,
    enclaves: readonly EnclavePlan[] = plan.enclaves,
): PlannedVolume[] {
    const named = new Map(guestsOf(plan).map(({ domain, name }) => [domain, name]));
    return enclaves.flatMap(({ name: enclave, dataPool, gateway, workstations }) =>
        [
            { domain: gateway.domain, data: gateway.state },
            ...workstations.map(({ domain, home }) => ({ domain, data: home })),
        ].flatMap(({ domain, data }) =>
            data === undefined
                ? []
                : [
                      {
                          enclave,
                          domain,
                          guest: named.get(domain) ?? domain,
                          pool: dataPool.name,
                          volume: data.volume,
                          mayBeLost: data.mayBeLost === true,
                      },
                  ],
        ),
    );
}
