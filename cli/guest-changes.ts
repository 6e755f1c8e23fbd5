/** What the next update does to each guest, from a stack's state and its plan. Pure. */
import { isDeepStrictEqual } from "node:util";
import { parse } from "yaml";
import { hasSecrets } from "../cloud-init/egress";
import { generationOf } from "../cloud-init/generation";
import { gatewaySeed, workstationSeed, type Seed } from "../cloud-init/seed";
import { externalInputs, isolatedInputs } from "../libvirt/network-inputs";
import { DATA_VOLUME_STYLESHEET, domainStylesheet, PRIVATE_VOLUME_STYLESHEET } from "../libvirt/stylesheet";
import type { DataVolumePlan, EnclavePlan, PoolPlan, StackPlan } from "../plan/plan";
import { CLOCK_WINDOW } from "../values/clock";
import { dataDisk, imageVolume, OVERLAY_SUFFIX } from "../values/disk-files";
import { called, type Resource, resourcesIn } from "./kept-data";

/** What an update does to a guest. */
export interface GuestChange {
    /** `default/ws1` */
    readonly guest: string;
    readonly effect: string;
    /** Settings and files that differ, by name; never a value. */
    readonly why: readonly string[];
}

type Role = "gateway" | "workstation";

interface Wanted {
    readonly name: string;
    readonly domain: string;
    readonly role: Role;
    readonly enclave: EnclavePlan;
    readonly data: DataVolumePlan | undefined;
    readonly rootGiB: number | undefined;
    readonly seed: Seed;
    readonly secret: boolean;
    readonly inputs: Readonly<Record<string, unknown>>;
}

export const UNDECIDED = "undecided: Pulumi's list shows it";

const VOLUME = "libvirt:index/volume:Volume";
const SEED = "libvirt:index/cloudinitDisk:CloudinitDisk";
const DOMAIN = "libvirt:index/domain:Domain";
const NETWORK = "libvirt:index/network:Network";
const POOL = "libvirt:index/pool:Pool";
const COMPONENTS: ReadonlyMap<string, Role> = new Map([
    ["sallyport:index:Gateway", "gateway"],
    ["sallyport:index:Workstation", "workstation"],
]);
/** Inputs by what people call them. */
const WORDS: Readonly<Record<string, string>> = {
    memory: "memory",
    vcpu: "vcpus",
    networkInterfaces: "network cards",
    type: "virt.type",
    xml: "the domain's XML",
};

function wantedOf(plan: StackPlan): Wanted[] {
    return plan.enclaves.flatMap((enclave) => {
        const { gateway, isolated, external } = enclave;
        const guest = (
            role: Role,
            of: { readonly name: string; readonly domain: string; readonly rootGiB?: number } & {
                readonly memoryMiB: number;
                readonly vcpus: number;
            },
            data: DataVolumePlan | undefined,
            seed: Seed,
            nics: readonly { readonly networkName: string; readonly mac: string }[],
        ): Wanted => ({
            name: `${enclave.name}/${of.name}`,
            domain: of.domain,
            role,
            enclave,
            data,
            rootGiB: of.rootGiB,
            seed,
            secret: role === "gateway" && hasSecrets(enclave),
            inputs: {
                name: of.domain,
                type: plan.virt.type,
                memory: of.memoryMiB,
                vcpu: of.vcpus,
                networkInterfaces: nics.map(({ networkName, mac }) => ({
                    networkName,
                    mac: mac.toUpperCase(),
                })),
                xml: {
                    xslt: domainStylesheet({
                        role,
                        virt: plan.virt,
                        pool: enclave.pool,
                        ...(data === undefined ? {} : { dataPool: enclave.dataPool }),
                        statusPath: enclave.statusPool.path,
                        ...(enclave.cpus === undefined ? {} : { cpus: enclave.cpus }),
                        ...(role === "gateway"
                            ? {}
                            : { clockWindowSeconds: enclave.time?.windowSeconds ?? CLOCK_WINDOW.default }),
                    }),
                },
            },
        });
        return [
            guest("gateway", { ...gateway, name: "gateway" }, gateway.state, gatewaySeed(enclave), [
                { networkName: external.name, mac: gateway.outer.mac },
                { networkName: isolated.name, mac: gateway.inner.mac },
            ]),
            ...enclave.workstations.map((w) =>
                guest("workstation", w, w.home, workstationSeed(enclave, w), [
                    { networkName: isolated.name, mac: w.nic.mac },
                ]),
            ),
        ];
    });
}

/** Without what an engine adds to inputs. */
const plain = (value: unknown): unknown =>
    JSON.parse(
        JSON.stringify(value ?? null, (key, one: unknown) => (key === "__defaults" ? undefined : one)),
    );
const same = (a: unknown, b: unknown): boolean => isDeepStrictEqual(plain(a), plain(b));
/** Whether a resource is not there as wanted. @param ignored inputs that others decide */
const differs = (
    found: Resource | undefined,
    wanted: Readonly<Record<string, unknown>>,
    ignored: readonly string[] = [],
): string[] =>
    found === undefined
        ? ["not in the state"]
        : [...new Set([...Object.keys(wanted), ...Object.keys(found.inputs ?? {})])]
              .filter(
                  (key) =>
                      key !== "__defaults" &&
                      !ignored.includes(key) &&
                      !same(found.inputs?.[key], wanted[key]),
              )
              .map((key) => WORDS[key] ?? key)
              .concat(found.taint === true ? ["marked for replacement"] : []);

/** Files of a seed that differ, by their paths. */
function filesThatDiffer(inputs: Readonly<Record<string, unknown>>, seed: Seed): string[] {
    const text = inputs["userData"];
    if (typeof text !== "string") {
        return ["seed (encrypted in the state)"];
    }
    const written = (of: string): Map<string, string> => {
        const read = parse(of) as { write_files?: { path?: unknown }[] } | null;
        return new Map((read?.write_files ?? []).map((file) => [String(file.path), JSON.stringify(file)]));
    };
    const [before, after] = [written(text), written(seed.userData)];
    const paths = [...new Set([...before.keys(), ...after.keys()])].filter(
        (path) => before.get(path) !== after.get(path),
    );
    const network = inputs["networkConfig"] === seed.networkConfig ? [] : ["network-config"];
    return paths.length + network.length === 0 ? ["seed"] : [...paths, ...network];
}

const dataWord = (role: Role): string => (role === "gateway" ? "entry guards" : "home");

/**
 * What the next update does to each guest, those that stay as they are left out.
 * @param exported of `pulumi stack export`
 * @param sha256 the golden image's
 * @param allowed guests whose data may go (`allowDataLoss`)
 * @throws Error when the text is no export
 */
export function guestChanges(
    exported: string,
    plan: StackPlan,
    sha256: string,
    allowed: readonly string[],
): GuestChange[] {
    const all = resourcesIn(exported).filter((r) => r.delete !== true && r.pendingReplacement !== true);
    const byUrn = new Map(all.map((r) => [r.urn, r]));
    const resourceOf = (type: string, name: string): Resource | undefined =>
        all.find((r) => r.type === type && r.urn.endsWith(`::${name}`));
    const guests = all
        .filter((r) => r.type === DOMAIN || r.type === VOLUME)
        .flatMap((r) => {
            const parent = byUrn.get(r.parent ?? "");
            const role = COMPONENTS.get(parent?.type ?? "");
            return parent === undefined || role === undefined ? [] : [{ parent, role }];
        })
        .filter(({ parent }, i, list) => list.findIndex((other) => other.parent === parent) === i);
    const uri = all.find(({ type }) => type === "pulumi:providers:libvirt")?.inputs?.["uri"];
    const poolDiffers = (pool: PoolPlan): boolean => {
        const found = resourceOf(POOL, pool.name);
        // One that is new takes nothing along.
        return (
            found !== undefined &&
            differs(found, { name: pool.name, type: "dir", target: { path: pool.path } }).length > 0
        );
    };
    const image = all.find((r) => r.type === VOLUME && r.urn.endsWith(`::${plan.prefix}-image-volume`));
    const imageDiffers =
        image !== undefined &&
        differs(
            image,
            {
                name: imageVolume(sha256),
                pool: plan.imagePool.name,
                format: "qcow2",
                xml: { xslt: PRIVATE_VOLUME_STYLESHEET },
            },
            ["source"],
        ).length > 0;
    const mayGo = (name: string, domain: string): boolean =>
        allowed.includes(name) || allowed.includes(domain);
    const loss = (name: string, domain: string, role: Role): string =>
        `${dataWord(role)} ${mayGo(name, domain) ? "lost (allowDataLoss names it)" : "would be lost: refused"}`;

    const wanted = wantedOf(plan);
    const changes: GuestChange[] = [];
    /** Gateways that are made anew, by their enclave. */
    const replaced = new Map<EnclavePlan, string>();
    for (const one of wanted) {
        const { name, domain, role, enclave, data } = one;
        const found = resourceOf(DOMAIN, domain);
        const volume = resourceOf(VOLUME, `${domain}${dataDisk(role).suffix}`);
        const pools = [plan.imagePool, enclave.pool, enclave.statusPool, enclave.dataPool];
        if (uri !== undefined && uri !== plan.uri) {
            changes.push({ guest: name, effect: UNDECIDED, why: ["uri"] });
            continue;
        }
        if (pools.some(poolDiffers)) {
            changes.push({ guest: name, effect: UNDECIDED, why: ["storage.path"] });
            continue;
        }
        const gone =
            volume !== undefined &&
            (data === undefined ||
                differs(
                    volume,
                    {
                        name: data.volume,
                        pool: enclave.dataPool.name,
                        format: "raw",
                        xml: { xslt: DATA_VOLUME_STYLESHEET },
                    },
                    ["size"],
                ).length > 0);
        if (found === undefined) {
            if (role === "gateway") {
                replaced.set(enclave, "its Gateway is new");
            }
            const fate = gone ? loss(name, domain, role) : `${dataWord(role)} kept`;
            const kept = volume === undefined ? "" : `, ${fate}`;
            changes.push({ guest: name, effect: `new${kept}`, why: [] });
            continue;
        }
        const overlay = resourceOf(VOLUME, `${domain}-overlay`);
        const seed = resourceOf(SEED, `${domain}-seed`);
        const generation = generationOf(one.seed, one.secret);
        const seeds =
            seed?.inputs !== undefined &&
            overlay?.inputs?.["name"] !== `${domain}-${generation}${OVERLAY_SUFFIX}`
                ? filesThatDiffer(seed.inputs, one.seed)
                : [];
        const root = [
            ...seeds,
            ...(imageDiffers ? ["image"] : []),
            ...differs(
                overlay,
                {
                    name: `${domain}-${generation}${OVERLAY_SUFFIX}`,
                    pool: enclave.pool.name,
                    format: "qcow2",
                    ...(one.rootGiB === undefined ? {} : { size: one.rootGiB * 2 ** 30 }),
                    xml: { xslt: PRIVATE_VOLUME_STYLESHEET },
                },
                ["baseVolumeId", ...(seeds.length > 0 ? ["name"] : [])],
            ).map((key) => (key === "size" ? "root.sizeGiB" : key)),
        ];
        const bridged = role === "gateway" && enclave.external.mode === "bridge";
        const nics = (inputs: Readonly<Record<string, unknown>>): unknown =>
            bridged && Array.isArray(inputs["networkInterfaces"])
                ? (inputs["networkInterfaces"] as { mac?: unknown }[]).map(({ mac }) => mac)
                : inputs["networkInterfaces"];
        const networks =
            role === "workstation"
                ? []
                : [
                      ...differs(
                          resourceOf(NETWORK, enclave.isolated.name),
                          isolatedInputs(enclave.isolated),
                      ).map((key) => `isolated network: ${key}`),
                      ...differs(
                          resourceOf(NETWORK, enclave.external.name),
                          externalInputs(enclave.external),
                      ).map((key) => `external network: ${key}`),
                  ];
        const own = [
            ...differs(
                { ...found, inputs: { ...found.inputs, networkInterfaces: nics(found.inputs ?? {}) } },
                { ...one.inputs, networkInterfaces: nics(one.inputs) },
                // Of the volumes, the clock and constants.
                ["disks", "description", "machine", "running", "cpu", "autostart", "consoles"],
            ),
            ...networks,
            ...(seed === undefined ? ["seed not in the state"] : []),
        ];
        const behind = role === "workstation" ? replaced.get(enclave) : undefined;
        const added = volume === undefined && data !== undefined;
        if (root.length + own.length === 0 && behind === undefined && !gone && !added) {
            continue;
        }
        if (role === "gateway") {
            replaced.set(enclave, root.length > 0 ? "its Gateway is made anew" : "its Gateway restarts");
        }
        const fresh = root.length > 0;
        const life = fresh ? "new root disk" : "restarts";
        const word = (): string => {
            if (gone) {
                return role === "gateway" && mayGo(name, domain)
                    ? ", new entry guards"
                    : `, ${loss(name, domain, role)}`;
            }
            if (!fresh) {
                return "";
            }
            if (added) {
                return role === "gateway" ? ", new entry guards" : ", home lost: it was on the root disk";
            }
            return data === undefined ? ", nothing is kept (home: false)" : `, ${dataWord(role)} kept`;
        };
        changes.push({
            guest: name,
            effect: `${life}${word()}`,
            why: [
                ...new Set([
                    ...root,
                    ...own,
                    ...(gone || added ? [role === "gateway" ? "state volume" : "home"] : []),
                    ...(behind === undefined ? [] : [behind]),
                ]),
            ],
        });
    }
    for (const { parent, role } of guests) {
        const domain = parent.urn.split("::").at(-1) ?? "";
        if (!wanted.some((one) => one.domain === domain)) {
            const enclave = parent.inputs?.["enclave"];
            const name = called(parent.urn, typeof enclave === "string" ? enclave : "", domain);
            const volume = resourceOf(VOLUME, `${domain}${dataDisk(role).suffix}`);
            const lost = volume === undefined ? "" : `, ${loss(name, domain, role)}`;
            changes.push({ guest: name, effect: `removed${lost}`, why: ["not in the settings"] });
        }
    }
    return changes;
}

/** One line for each; says so where there is none. */
export const changeLines = (changes: readonly GuestChange[]): string[] =>
    changes.length === 0
        ? ["no guest changes"]
        : changes.map(
              ({ guest, effect, why }) =>
                  `${guest}: ${effect}${why.length === 0 ? "" : ` (${why.slice(0, 6).join(", ")}${why.length > 6 ? ", …" : ""})`}`,
          );
