/**
 * The default enclave in OpenTofu's JSON syntax, from the same plan, seeds and stylesheets, with the same
 * provider: the yardstick for preview and up. Components become nothing; every resource, step and check has
 * its counterpart, but for the look for leftovers before each resource.
 */
import { gatewaySeed, workstationSeed, type Seed } from "../../cloud-init/seed";
import { cliLine } from "../../components/cli-command";
import { quote } from "../../util/quote";
import type { GoldenImage } from "../../components/image-manifest";
import type { Role } from "../../cloud-init/guest";
import { requireLibvirt } from "../../libvirt/probe";
import { statusVolume } from "../../components/readiness-gate";
import {
    isolatedNetworkStylesheet,
    MACHINE_FAMILY,
    natNetworkStylesheet,
    PRIVATE_VOLUME_STYLESHEET,
    domainStylesheet,
} from "../../libvirt/stylesheet";
import { CLOCK_PREFIX, CLOCK_WINDOW } from "../../values/clock";
import { SEED_SUFFIX } from "../../values/disk-files";
import { digest } from "../../values/names";
import type { EnclavePlan, StackPlan } from "../../plan/plan";
import { WORKSTATION_FILTER_DIGEST } from "../../libvirt/workstation-filter";

type Resources = Record<string, Record<string, unknown>>;

/** OpenTofu reads `${` and `%{` as templates. */
const literal = (text: string): string => text.replaceAll("${", "$${").replaceAll("%{", "%%{");
const xml = (sheet: string): unknown => ({ xslt: literal(sheet) });

interface Guest {
    readonly label: string;
    readonly role: Role;
    readonly domain: string;
    readonly memoryMiB: number;
    readonly vcpus: number;
    readonly nics: readonly { network_name: string; mac: string }[];
    readonly seed: Seed;
    readonly after: readonly string[];
}

/** What runs when a resource is destroyed; `create` runs when it is made. */
const atTheEnd = (line: string, create: readonly string[] = []): Record<string, unknown> => ({
    input: literal(line),
    provisioner: [
        ...create.map((command) => ({ "local-exec": { command: literal(command) } })),
        { "local-exec": { when: "destroy", command: "${self.input}" } },
    ],
});

/** A guest with its volumes, the steps that wipe them, and its guard. `atHost` is the check of the host. */
function guest(
    plan: StackPlan,
    enclave: EnclavePlan,
    inRoot: (line: string) => string,
    atHost: string,
    g: Guest,
): Resources {
    const generation = digest(8, g.seed.userData, g.seed.networkConfig, g.seed.metaData);
    const [overlay, seed] = [`${g.domain}-${generation}.qcow2`, `${g.domain}-${generation}${SEED_SUFFIX}`];
    const wiping = (volume: string, of: string): Record<string, unknown> => ({
        ...atTheEnd(
            plan.wipe
                ? inRoot(
                      cliLine("wipe", { uri: plan.uri, domain: g.domain, pool: enclave.pool.name, volume }),
                  )
                : "true",
        ),
        depends_on: [`${of}.${g.label}`],
    });
    const after = ["libvirt_pool.enclave", "libvirt_pool.status", "terraform_data.read_back", ...g.after];
    return {
        libvirt_volume: {
            [g.label]: {
                name: overlay,
                pool: enclave.pool.name,
                format: "qcow2",
                base_volume_id: "${libvirt_volume.image.id}",
                xml: xml(PRIVATE_VOLUME_STYLESHEET),
                depends_on: after,
            },
        },
        libvirt_cloudinit_disk: {
            [g.label]: {
                name: seed,
                pool: enclave.pool.name,
                user_data: literal(g.seed.userData),
                network_config: literal(g.seed.networkConfig),
                meta_data: literal(g.seed.metaData),
                depends_on: after,
            },
        },
        terraform_data: {
            [`${g.label}-overlay-wipe`]: wiping(overlay, "libvirt_volume"),
            [`${g.label}-seed-wipe`]: wiping(seed, "libvirt_cloudinit_disk"),
            [`${g.label}-host`]: { ...atTheEnd(atHost, ["true"]), depends_on: [`libvirt_domain.${g.label}`] },
        },
        libvirt_domain: {
            [g.label]: {
                name: g.domain,
                type: plan.virt.type,
                machine: MACHINE_FAMILY,
                memory: g.memoryMiB,
                vcpu: g.vcpus,
                cpu: { mode: "custom" },
                autostart: false,
                disk: [
                    { volume_id: `\${libvirt_volume.${g.label}.id}` },
                    { volume_id: `\${split(";", libvirt_cloudinit_disk.${g.label}.id)[0]}` },
                ],
                network_interface: g.nics.map((nic) => ({ ...nic, mac: nic.mac.toUpperCase() })),
                console: [{ type: "pty", target_port: "0", target_type: "serial" }],
                ...(g.role === "workstation" ? { description: `${CLOCK_PREFIX}0` } : {}),
                xml: xml(
                    domainStylesheet({
                        role: g.role,
                        virt: plan.virt,
                        pool: enclave.pool,
                        statusPath: enclave.statusPool.path,
                        ...(g.role === "workstation" ? { clockWindowSeconds: CLOCK_WINDOW.default } : {}),
                    }),
                ),
                depends_on: [
                    ...after,
                    `terraform_data.${g.label}-overlay-wipe`,
                    `terraform_data.${g.label}-seed-wipe`,
                ],
            },
        },
    };
}

const step = (create: string, after: readonly string[]): Record<string, unknown> => ({
    provisioner: [{ "local-exec": { command: literal(create) } }],
    depends_on: after,
});

/** Name of the golden image's volume. */
const imageVolume = (image: GoldenImage): string => `sallyport-${image.sha256.slice(0, 12)}.qcow2`;

/** A shell's way of reading the image's volume back and comparing it with its sum. */
function readBack(plan: StackPlan, image: GoldenImage): string {
    const download = [
        "virsh",
        "-q",
        "-c",
        plan.uri,
        "vol-download",
        "--pool",
        plan.imagePool.name,
        imageVolume(image),
    ]
        .map(quote)
        .join(" ");
    return `set -e; copy=$(mktemp); trap 'rm "$copy"' EXIT; ${download} "$copy"; echo "${image.sha256}  $copy" | sha256sum --check --quiet`;
}

function merge(parts: readonly Resources[]): Resources {
    const all: Resources = {};
    for (const [type, resources] of parts.flatMap((part) => Object.entries(part))) {
        all[type] = { ...all[type], ...resources };
    }
    return all;
}

/**
 * The stack's first enclave as `main.tf.json`. Its external network must be NAT.
 * @param root the project's folder, where local-exec finds bin/sallyport
 */
export function openTofuConfig(plan: StackPlan, image: GoldenImage, root: string): unknown {
    const [enclave] = plan.enclaves;
    if (enclave === undefined || enclave.external.mode !== "nat") {
        throw new Error("the benchmark compares an enclave on a NAT network");
    }
    const { gateway, isolated, external } = enclave;
    const status = { uri: plan.uri, pool: enclave.statusPool.name, volume: statusVolume(gateway.domain) };
    const filter = { uri: plan.uri, name: isolated.name };
    const inRoot = (line: string): string => `cd ${root} && ${line}`;
    const atHost = inRoot(cliLine("check-host", { uri: plan.uri, host: requireLibvirt(plan.uri) }));
    // Before all that is made, so the last to go.
    const bound = { depends_on: ["terraform_data.host"] };
    const pool = (p: { name: string; path: string }): unknown => ({
        name: p.name,
        type: "dir",
        target: { path: p.path },
        ...bound,
    });
    return {
        terraform: { required_providers: { libvirt: { source: "dmacvicar/libvirt" } } },
        provider: { libvirt: { uri: plan.uri } },
        resource: merge([
            {
                libvirt_pool: {
                    image: pool(plan.imagePool),
                    enclave: pool(enclave.pool),
                    status: pool(enclave.statusPool),
                },
                libvirt_network: {
                    isolated: {
                        name: isolated.name,
                        mode: "none",
                        bridge: isolated.bridge,
                        autostart: false,
                        xml: xml(isolatedNetworkStylesheet()),
                        ...bound,
                    },
                    external: {
                        name: external.name,
                        mode: "nat",
                        bridge: external.bridge,
                        addresses: [external.subnet],
                        dhcp: { enabled: false },
                        autostart: false,
                        xml: xml(natNetworkStylesheet()),
                        ...bound,
                    },
                },
                libvirt_volume: {
                    image: {
                        name: imageVolume(image),
                        pool: plan.imagePool.name,
                        source: image.file,
                        format: "qcow2",
                        xml: xml(PRIVATE_VOLUME_STYLESHEET),
                        depends_on: ["libvirt_pool.image", "terraform_data.verified"],
                    },
                },
                terraform_data: {
                    host: atTheEnd(atHost, ["true"]),
                    filter: atTheEnd(inRoot(cliLine("remove-filter", filter)), [
                        inRoot(cliLine("define-filter", { ...filter, rules: WORKSTATION_FILTER_DIGEST })),
                    ]),
                    // What components/read-back.ts does.
                    read_back: step(readBack(plan, image), ["libvirt_volume.image"]),
                    ...Object.fromEntries(
                        enclave.workstations.map((w) => [
                            `clock-${w.name}`,
                            step(inRoot(cliLine("clock-offset", { window: CLOCK_WINDOW.default })), [
                                "terraform_data.ready",
                            ]),
                        ]),
                    ),
                    verified: step(
                        inRoot(cliLine("verify-image", { image: image.file, sha256: image.sha256 })),
                        [],
                    ),
                    ready: step(
                        inRoot(
                            cliLine("wait-ready", {
                                ...status,
                                domain: gateway.domain,
                                timeout: gateway.readyTimeoutSeconds,
                            }),
                        ),
                        ["libvirt_domain.gateway"],
                    ),
                    status_file: {
                        ...atTheEnd(inRoot(cliLine("clear-status", status))),
                        depends_on: ["libvirt_pool.status"],
                    },
                },
            },
            guest(plan, enclave, inRoot, atHost, {
                label: "gateway",
                role: "gateway",
                ...gateway,
                nics: [
                    { network_name: external.name, mac: gateway.outer.mac },
                    { network_name: isolated.name, mac: gateway.inner.mac },
                ],
                seed: gatewaySeed(enclave),
                after: ["terraform_data.status_file", "libvirt_network.isolated", "libvirt_network.external"],
            }),
            ...enclave.workstations.map((w) =>
                guest(plan, enclave, inRoot, atHost, {
                    label: `workstation-${w.name}`,
                    role: "workstation",
                    ...w,
                    nics: [{ network_name: isolated.name, mac: w.nic.mac }],
                    seed: workstationSeed(enclave, w),
                    after: [
                        "terraform_data.ready",
                        "terraform_data.filter",
                        `terraform_data.clock-${w.name}`,
                    ],
                }),
            ),
        ]),
    };
}
