/** What must not be reached. */
import type { Guest } from "./build";
import type { GraphNode } from "./graph";
import { MANY, NONE } from "./search";

export type QueryId =
    | "PATH-outside"
    | "PATH-host"
    | "PATH-lan"
    | "PATH-enclave"
    | "PATH-workstation"
    | "PATH-gateway"
    | "PATH-tor";
export type RunName = "workstations" | "workstations-by-enclave" | "gateways";

export interface Query {
    readonly id: QueryId;
    /** The statement that is to be shown. */
    readonly title: string;
    readonly why: string;
    readonly run: RunName;
    /** Whether this label at this node breaks it. */
    readonly breaks: (
        node: GraphNode,
        label: number,
        guestAt: (node: GraphNode) => Guest | undefined,
        enclaveAt: (guest: Guest) => number,
    ) => boolean;
}

const place =
    (...places: readonly GraphNode["place"][]): Query["breaks"] =>
    (node, label) =>
        places.includes(node.place) && label !== NONE;

export const QUERIES: readonly Query[] = [
    {
        id: "PATH-outside",
        title: "No Workstation reaches the outside but through tor",
        run: "workstations",
        breaks: place("outside"),
        why: "one packet past tor shows the address behind the identity",
    },
    {
        id: "PATH-host",
        title: "No Workstation reaches its host",
        run: "workstations",
        breaks: place("host"),
        why: "the host knows who the user is, and its services lead out",
    },
    {
        id: "PATH-lan",
        title: "No Workstation reaches the LAN",
        run: "workstations",
        breaks: place("lan"),
        why: "neighbours and routers tell where the user is",
    },
    {
        id: "PATH-enclave",
        title: "No Workstation reaches another enclave",
        run: "workstations-by-enclave",
        why: "two identities that meet are one",
        breaks: (node, label, guestAt, enclaveAt) => {
            const guest = guestAt(node);
            // A NIC is enough: another enclave's tor is its identity.
            return (
                (node.place === "nic-in" || node.place === "guest-in") &&
                guest !== undefined &&
                label !== NONE &&
                label !== enclaveAt(guest)
            );
        },
    },
    {
        id: "PATH-workstation",
        title: "No Workstation reaches another Workstation",
        run: "workstations",
        why: "whoever takes over one takes over its neighbours",
        breaks: (node, label) =>
            node.place === "guest-in" && label !== NONE && (label === MANY || label !== node.domain),
    },
    {
        id: "PATH-gateway",
        title: "No Workstation reaches a program on a Gateway other than tor",
        run: "workstations",
        why: "every program that listens is one more to take over",
        breaks: (node, label) => node.place === "guest-in" && label !== NONE,
    },
    {
        id: "PATH-tor",
        title: "Nothing on a Gateway but tor reaches anything outside",
        run: "gateways",
        breaks: place("outside", "host", "lan"),
        why: "a program beside tor would talk with the address that tor hides",
    },
];
