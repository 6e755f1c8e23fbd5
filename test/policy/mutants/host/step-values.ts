/** Steps whose commands do, or ask, something else than their resources say. */
import { cliLine } from "../../../../components/cli-command";
import type { FixtureResource } from "../../fixtures/resources";
import { COMMAND, DOMAIN, POOL, VOLUME, ofType, set, short, type Mutant } from "../mutant";

export type Props = Record<string, unknown>;

export type Stack = readonly FixtureResource[];

export const isRecent = (stack: Stack): boolean =>
    ofType(stack, DOMAIN).some((d) => d.props["devices"] !== undefined);

export const all =
    (...changes: readonly Mutant["change"][]): Mutant["change"] =>
    (s) =>
        changes.forEach((change) => change(s));

export const mutants = (
    rule: string,
    title: string,
    list: readonly (readonly [string, Mutant["change"]])[],
): Mutant[] => list.map(([what, change]): Mutant => ({ title: `${title}: ${what}`, rule, change }));

const replaced = (text: string, option: string, value: string): string => {
    const changed = text.replace(new RegExp(`(--${option}) (\\S+)`), `$1 ${value}`);
    if (changed === text) {
        throw new Error(`nothing to change at --${option} of ${text}`);
    }
    return changed;
};

/**
 * What provider 0.8.3 (Go's net/url) opens for each is /images/x.qcow2, another file, an address or nothing.
 */
export const TWISTED = [
    "/images/x.qcow2?good",
    "/images/x.qcow2#good",
    "/images/%78.qcow2",
    "/images/x%2eqcow2",
    "/images/%2e%2e/x.qcow2",
    "file://decoy/images/x.qcow2",
    "//decoy/images/x.qcow2",
    "///images/x.qcow2",
    "file://localhost/images/x.qcow2",
    "file:/images/x.qcow2",
    "file:images/x.qcow2",
    "FILE:///images/x.qcow2",
    "file:///images/x.qcow2?good",
    "images/x.qcow2",
    "./images/x.qcow2",
    "https://decoy.example.test/images/x.qcow2",
    "/images/x.qcow2?",
    "/images/x.qcow2#",
    "/images/x\n.qcow2",
    "/",
];

/** The words of a gate's step are another Gateway's, or another host's. */
export const gates = (stack: Stack): Mutant[] =>
    ofType(stack, COMMAND, /-ready$/).flatMap((step) => {
        const line = String(step.props["create"]);
        const mine = step.name.replace(/-ready$/, "");
        const other = ofType(stack, COMMAND, /-ready$/)
            .find((r) => r !== step)
            ?.name.replace(/-ready$/, "");
        const changed: [string, string][] = [
            ...[
                "qemu+ssh://root@elsewhere/system",
                "qemu:///system?socket=/tmp/x",
                "qemu+ssh://root@localhost:2222/system",
                "qemu:///session",
                "test:///default",
            ].map((uri): [string, string] => [`asks ${uri}`, replaced(line, "uri", uri)]),
            ["reads another pool", replaced(line, "pool", "default")],
            ["reads another file", replaced(line, "volume", "other.status")],
            ["asks about a Workstation", replaced(line, "domain", `${mine}-workstation-ws1`)],
            ...(other === undefined
                ? []
                : ([
                      [
                          "reads another Gateway's file",
                          replaced(
                              replaced(line, "pool", `${other}-status`),
                              "volume",
                              `${other}-gateway.status`,
                          ),
                      ],
                      ["reads a file in another Gateway's pool", replaced(line, "pool", `${other}-status`)],
                      ["is another Gateway's altogether", line.replaceAll(mine, other)],
                  ] as [string, string][])),
            ["names its domain twice", `${line} --domain ${mine}-gateway`],
            ["writes an option with =", line.replace("--domain ", "--domain=")],
            ["has one option more", `${line} --json`],
            ["has one option less", line.replace(/ --timeout \d+/, "")],
        ];
        return [
            ...mutants(
                "LC-01",
                short(step),
                changed.map(([title, create]) => [title, set(step.urn, { create })]),
            ),
            ...mutants("ACT-01", short(step), [
                ["waits for ever", set(step.urn, { create: replaced(line, "timeout", "999999") })],
                ["waits not at all", set(step.urn, { create: replaced(line, "timeout", "0") })],
            ]),
        ];
    });

/** Steps for what is not the stack's, or at the wrong time. */
export const steps = (stack: Stack): Mutant[] => {
    const [gateway] = ofType(stack, DOMAIN, /-gateway$/);
    const [overlay] = ofType(stack, VOLUME, /-overlay$/);
    const [image] = ofType(stack, POOL, /-image$/);
    const prefix = gateway?.name.replace(/-gateway$/, "") ?? "";
    const status = { uri: "qemu:///system", pool: `${prefix}-status`, volume: `${prefix}-gateway.status` };
    const wipe = {
        uri: status.uri,
        domain: gateway?.name ?? "",
        pool: String(overlay?.props["pool"]),
        volume: String(overlay?.props["name"]),
    };
    const guest = { uri: status.uri, domain: wipe.domain };
    const host = { uri: status.uri, host: "4c4c4544-0042-3510-8052-b4c04f4e3232/system" };
    const elsewhere = { uri: "qemu+ssh://root@elsewhere/system" };
    const lines: [string, Props][] = [
        [
            "clears a volume of another pool",
            {
                create: cliLine("clear-status", {
                    ...status,
                    pool: "default",
                    volume: "production-db.qcow2",
                }),
            },
        ],
        ["clears a status file when it is made", { create: cliLine("clear-status", status) }],
        [
            "clears a volume of another pool at its end",
            {
                create: "true",
                delete: cliLine("clear-status", {
                    ...status,
                    pool: "default",
                    volume: "production-db.qcow2",
                }),
            },
        ],
        [
            "clears a guest's overlay",
            {
                create: "true",
                delete: cliLine("clear-status", { uri: status.uri, pool: wipe.pool, volume: wipe.volume }),
            },
        ],
        [
            "clears the golden image's pool",
            {
                create: "true",
                delete: cliLine("clear-status", { ...status, pool: String(image?.props["name"]) }),
            },
        ],
        [
            "clears a status file elsewhere",
            { create: "true", delete: cliLine("clear-status", { ...status, ...elsewhere }) },
        ],
        ["stops a guest when it is made", { create: cliLine("stop-guest", guest) }],
        [
            "stops nobody's guest",
            { create: "true", delete: cliLine("stop-guest", { ...guest, domain: "production-db" }) },
        ],
        [
            "stops a guest elsewhere",
            { create: "true", delete: cliLine("stop-guest", { ...guest, ...elsewhere }) },
        ],
        ["asks for the UUID of nobody's guest", { create: cliLine("guest-id", { ...guest, domain: "x" }) }],
        ["asks for a guest's UUID at its end", { create: "true", delete: cliLine("guest-id", guest) }],
        ["wipes when it is made", { create: cliLine("wipe", wipe) }],
        [
            "wipes what is not the stack's",
            { create: "true", delete: cliLine("wipe", { ...wipe, pool: "default", volume: "x" }) },
        ],
        [
            "wipes for no guest of the stack",
            { create: "true", delete: cliLine("wipe", { ...wipe, domain: "x" }) },
        ],
        ["wipes elsewhere", { create: "true", delete: cliLine("wipe", { ...wipe, ...elsewhere }) }],
        [
            "removes another's filter",
            { create: "true", delete: cliLine("remove-filter", { uri: status.uri, name: "clean-traffic" }) },
        ],
        [
            "removes a filter when it is made",
            { create: cliLine("remove-filter", { uri: status.uri, name: `${prefix}-isolated` }) },
        ],
        [
            "removes a filter elsewhere",
            {
                create: "true",
                delete: cliLine("remove-filter", { ...elsewhere, name: `${prefix}-isolated` }),
            },
        ],
        [
            "defines another's filter",
            {
                create: cliLine("define-filter", {
                    uri: status.uri,
                    name: "clean-traffic",
                    rules: "000000000000",
                }),
            },
        ],
        [
            "defines a filter at its end",
            {
                create: "true",
                delete: cliLine("define-filter", {
                    uri: status.uri,
                    name: `${prefix}-isolated`,
                    rules: "000000000000",
                }),
            },
        ],
        [
            "defines other rules",
            {
                create: cliLine("define-filter", {
                    uri: status.uri,
                    name: `${prefix}-isolated`,
                    rules: "000000000000",
                }),
            },
        ],
        [
            "reads any file",
            { create: cliLine("verify-image", { image: "/etc/shadow", sha256: "a".repeat(64) }) },
        ],
        [
            "reads without a sum",
            { create: cliLine("verify-image", { image: "/images/x.qcow2", sha256: "x" }) },
        ],
        [
            "looks at another host",
            { create: "true", delete: cliLine("check-host", { ...host, ...elsewhere }) },
        ],
        ["looks for no host", { create: "true", delete: cliLine("check-host", { ...host, host: "x" }) }],
        [
            "waits for another stack's Gateway",
            { create: cliLine("wait-ready", { ...status, domain: "x", timeout: 300 }) },
        ],
        [
            "waits for a Gateway at its end",
            {
                create: "true",
                delete: cliLine("wait-ready", { ...status, domain: gateway?.name ?? "", timeout: 300 }),
            },
        ],
        ["draws from a window of a day", { create: cliLine("clock-offset", { window: 86400 }) }],
        ["draws from none", { create: cliLine("clock-offset", { window: "0x20" }) }],
        ["does something on updates", { create: "true", update: "true" }],
        ["does something on updates, of ours", { create: "true", update: cliLine("clear-status", status) }],
        ...(
            [
                ["dir", "/tmp"],
                ["stdin", "x"],
                ["environment", { LIBVIRT_DEFAULT_URI: "test:///default" }],
                ["interpreter", ["/bin/bash", "-c"]],
                ["connection", { host: "192.0.2.1" }],
                ["archivePaths", ["**"]],
                ["assetPaths", ["/etc/shadow"]],
                ["somethingNew", true],
            ] as const
        ).map(([key, value]): [string, Props] => [`has ${key}`, { create: "true", [key]: value }]),
        ...[
            "true ",
            "TRUE",
            "bin/sallyport  clock-offset --window 60",
            "bin/sallyport clock-offset --window=60",
            "bin/sallyport clock-offset --window 60 --window 60",
            "bin/sallyport clock-offset",
            "bin/../bin/sallyport clock-offset --window 60",
            "sh -c true",
            "env A=b bin/sallyport clock-offset --window 60",
            "A=b bin/sallyport clock-offset --window 60",
            "bin/sallyport clock-offset --window 60\ntrue",
            "bin/sallyport -- clock-offset --window 60",
            "bin/sallyport clock-offset --window '60' --json true",
        ].map((create): [string, Props] => [`runs ${JSON.stringify(create)}`, { create }]),
    ];
    return mutants(
        "ACT-01",
        "a stray step",
        lines.map(([title, props]) => [
            title,
            (s): void => {
                s.push({
                    urn: `urn:pulumi:test::sallyport::${COMMAND}::stray`,
                    type: COMMAND,
                    name: "stray",
                    props,
                    dependencies: [],
                    propertyDependencies: {},
                });
            },
        ]),
    );
};
