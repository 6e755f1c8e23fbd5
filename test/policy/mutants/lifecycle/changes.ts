/** What happens to guests that live: only a preview, with what stands before it, can tell. */
import type { FixtureResource } from "../../fixtures/resources";
import { DOMAIN, edit, ofType, short, type Mutant } from "../mutant";

type Nic = Record<string, unknown>;
const nics = (props: Record<string, unknown>): Nic[] => props["networkInterfaces"] as Nic[];

/** @param stack a good one of provider 0.8 that exists */
export const changeMutants = (stack: readonly FixtureResource[]): Mutant[] => [
    ...ofType(stack, DOMAIN, /-workstation-/).flatMap((w): Mutant[] => {
        const enclave = w.name.replace(/-workstation-.*$/, "");
        const only =
            (op: "update" | "replace") =>
            (r: FixtureResource): "same" | "update" | "replace" =>
                r.urn === w.urn ? op : "same";
        const move = (networkName: string) =>
            edit(w.urn, (p) => {
                Object.assign(nics(p)[0] ?? {}, { networkName });
            });
        return [
            {
                title: `${short(w)}: its NIC moved to the external network while it lives`,
                rule: "LC-04",
                change: move(`${enclave}-external`),
                preview: only("update"),
            },
            {
                title: `${short(w)}: its NIC moved to a network that is not declared while it lives`,
                rule: "LC-04",
                change: move("default"),
                preview: only("update"),
            },
            {
                title: `${short(w)}: its NIC taken away while it lives`,
                rule: "LC-04",
                change: edit(w.urn, (p) => {
                    nics(p).pop();
                }),
                preview: only("update"),
            },
        ];
    }),
    // The other way round: it was on something else, and is said to be inside from now on.
    ...ofType(stack, DOMAIN).map((d): Mutant => ({
        title: `${short(d)}: its NICs changed in place`,
        rule: "UPDATE-01",
        change: edit(d.urn, (p) => {
            Object.assign(nics(p)[0] ?? {}, { mac: "52:54:00:00:00:09" });
        }),
        preview: (r) => (r.urn === d.urn ? "update" : "same"),
    })),
    ...ofType(stack, DOMAIN, /-gateway$/).flatMap((g): Mutant[] => [
        {
            title: `${short(g)}: its inner NIC moved outside while it lives`,
            rule: "LC-04",
            change: edit(g.urn, (p) => {
                Object.assign(nics(p)[1] ?? {}, { networkName: "default" });
            }),
            preview: (r) => (r.urn === g.urn ? "update" : "same"),
        },
        {
            title: `${short(g)}: replaced while its Workstations run on`,
            rule: "LC-03",
            change: () => undefined,
            preview: (r) => (r.urn === g.urn ? "replace" : "same"),
        },
        ...ofType(stack, DOMAIN, /-workstation-/)
            .filter((w) => w.name.startsWith(g.name.replace(/gateway$/, "")))
            .map((kept): Mutant => ({
                title: `${short(g)}: replaced while ${short(kept)} runs on`,
                rule: "LC-03",
                change: () => undefined,
                preview: (r) => (r.type === DOMAIN && r.urn !== kept.urn ? "replace" : "same"),
            })),
    ]),
];
