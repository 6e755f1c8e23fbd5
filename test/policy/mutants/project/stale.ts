/** Previews whose operations do not do what they say. */
import { DOMAIN, NETWORK, POOL, VOLUME, ofType, short, type Mutant } from "../mutant";
import type { FixtureResource } from "../../fixtures/resources";
import { type Props } from "./drifts";
import { type Stack, recent } from "./observed";

const only =
    (urn: string, op: string) =>
    (r: FixtureResource): string =>
        r.urn === urn ? op : "same";

const LIBVIRT = /^libvirt:/;

const state =
    (urn: string, key: "state" | "old", fields: Props) =>
    (copy: FixtureResource[]): void => {
        Object.assign(copy.find((f) => f.urn === urn) ?? {}, { [key]: fields });
    };

const nothing = (): void => undefined;

/** Deletions that do nothing, by the fields that make them so. */
const NO_OPS: readonly [string, Props][] = [
    ["retainOnDelete", { retainOnDelete: true }],
    ["deletedWith", { deletedWith: "urn:pulumi:test::sallyport::sallyport:index:Enclave::x" }],
    ["protect", { protect: true }],
    ["external", { external: true }],
];

const DELETING = ["delete", "replace", "create-replacement", "delete-replaced", "import-replacement"];

const UNKNOWN_OPS = ["diff", "extend-parameterize", "SAME", "same ", "constructor", "__proto__", ""];

/** What a guest runs on, and what becomes of it while the guest stays. */
function staleOf(stack: Stack): Mutant[] {
    const ops = ["create", "replace", "update"];
    return ofType(stack, DOMAIN).flatMap((d) => {
        const enclave = d.name.replace(/-(gateway|workstation-.*)$/, "");
        const under = stack.filter(
            (r) =>
                r.name === `${d.name}-overlay` ||
                r.name === `${d.name}-seed` ||
                r.name === `${d.name}-seed-volume` ||
                (r.name === enclave && r.type === POOL) ||
                r.name.endsWith("-image-volume") ||
                (r.name === `${enclave}-isolated` && r.type === NETWORK) ||
                (d.name.endsWith("-gateway")
                    ? r.name === `${enclave}-external` && r.type === NETWORK
                    : r.name === `${enclave}-gateway` && r.type === DOMAIN),
        );
        return under.flatMap((r) =>
            (r.type === DOMAIN ? ops.slice(0, 2) : ops).map((op): Mutant => ({
                title:
                    `${short(d)}: it stays while ${short(r)} (${r.type.split(":").at(-1) ?? ""}) is ` +
                    `planned as ${op}`,
                rule: "UPDATE-02",
                change: nothing,
                preview: only(r.urn, op),
            })),
        );
    });
}

/** @param stack a good one of either provider that exists */
export function staleMutants(stack: Stack): Mutant[] {
    const own = stack.filter((r) => LIBVIRT.test(r.type));
    const [network] = ofType(stack, NETWORK, /-isolated$/);
    const [guest] = ofType(stack, DOMAIN, /-workstation-/);
    const [a, b] = ofType(stack, VOLUME, /-overlay$/);
    const model = (title: string, change: Mutant["change"], more: Partial<Mutant>): Mutant => ({
        title,
        rule: "MODEL-01",
        change,
        ...more,
    });
    return [
        ...own
            .filter((r) => r.type === DOMAIN || r.type === NETWORK)
            .flatMap((r) =>
                NO_OPS.flatMap(([name, fields]) =>
                    DELETING.map((op) =>
                        model(
                            `${short(r)}: planned as ${op}, and its state says ${name}`,
                            state(r.urn, "old", fields),
                            { preview: only(r.urn, op) },
                        ),
                    ),
                ),
            ),
        ...own
            .slice(0, 3)
            .flatMap((r) =>
                UNKNOWN_OPS.map((op) =>
                    model(`${short(r)}: planned as "${op}"`, nothing, { preview: only(r.urn, op) }),
                ),
            ),
        ...["delete-replaced", "discard", "discard-replaced", "remove-pending-replace"].map((op) =>
            model(`${short(own[0] as FixtureResource)}: planned as ${op}`, nothing, {
                preview: only(own[0]?.urn ?? "", op),
            }),
        ),
        model("the provider's uri is changed under what stays", nothing, {
            preview: () => "same",
            uri: "qemu+ssh://other/system",
        }),
        ...own.map((r) =>
            model(`${short(r)}: not made as declared`, state(r.urn, "state", { initErrors: ["x"] }), {
                exported: true,
            }),
        ),
        ...own.map((r) =>
            model(
                `${short(r)}: the state has its inputs in capitals`,
                state(r.urn, "state", { Inputs: {} }),
                { exported: true },
            ),
        ),
        ...own.map((r) =>
            model(
                `${short(r)}: the state has it twice`,
                (copy) => {
                    copy.unshift({ ...structuredClone(r) });
                },
                { exported: true },
            ),
        ),
        ...own.map((r) =>
            model(
                `${short(r)}: it exists and nothing was read of it`,
                state(r.urn, "state", { outputs: null }),
                { exported: true },
            ),
        ),
        ...[network, guest].flatMap((r) =>
            r === undefined
                ? []
                : [
                      model(
                          `${short(r)}: it stays and awaits replacement`,
                          state(r.urn, "state", { pendingReplacement: true }),
                          { preview: () => "same" },
                      ),
                  ],
        ),
        ...(a === undefined || b === undefined
            ? []
            : [
                  model(
                      "two overlays of one name in one pool",
                      (copy) => {
                          Object.assign(copy.find((r) => r.urn === b.urn)?.props ?? {}, {
                              name: a.props["name"],
                              pool: a.props["pool"],
                          });
                      },
                      {},
                  ),
              ]),
        ...ofType(stack, NETWORK).map((r): Mutant => ({
            title: `${short(r)}: changed in place`,
            rule: "UPDATE-01",
            preview: only(r.urn, "update"),
            change: (copy) => {
                Object.assign(
                    copy.find((f) => f.urn === r.urn)?.props ?? {},
                    recent(stack) ? { ips: [{ address: "10.9.9.1", prefix: 24 }] } : { bridge: "virbr9" },
                );
            },
        })),
        ...staleOf(stack),
    ];
}
