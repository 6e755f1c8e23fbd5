/** What must not be reached. */
import type { GraphNode, Place } from "./graph";

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
    /** Where it can be broken. */
    readonly places: readonly Place[];
    /** Whether this label, which is not NONE, breaks it at a node of these places. */
    readonly breaks: (node: GraphNode, label: number) => boolean;
}

const always = (): boolean => true;

export const QUERIES: readonly Query[] = [
    {
        id: "PATH-outside",
        title: "No Workstation reaches the outside but through tor",
        run: "workstations",
        places: ["outside"],
        breaks: always,
        why: "one packet past tor shows the address behind the identity",
    },
    {
        id: "PATH-host",
        title: "No Workstation reaches its host",
        run: "workstations",
        places: ["host"],
        breaks: always,
        why: "the host knows who the user is, and its services lead out",
    },
    {
        id: "PATH-lan",
        title: "No Workstation reaches the LAN",
        run: "workstations",
        places: ["lan"],
        breaks: always,
        why: "neighbours and routers tell where the user is",
    },
    {
        id: "PATH-enclave",
        title: "No Workstation reaches another enclave",
        run: "workstations-by-enclave",
        why: "two identities that meet are one",
        // A NIC is enough: another enclave's tor is its identity.
        places: ["nic-in", "guest-in"],
        breaks: (node, label) => label !== node.enclave,
    },
    {
        id: "PATH-workstation",
        title: "No Workstation reaches another Workstation",
        run: "workstations",
        why: "an attacker who has one has its neighbours",
        places: ["guest-in"],
        breaks: (node, label) => node.role !== "gateway" && label !== node.domain,
    },
    {
        id: "PATH-gateway",
        title: "No Workstation reaches a program on a Gateway other than tor",
        run: "workstations",
        why: "every program that listens is one more to take over",
        places: ["guest-in"],
        breaks: (node) => node.role === "gateway",
    },
    {
        id: "PATH-tor",
        title: "Nothing on a Gateway but tor reaches anything outside",
        run: "gateways",
        places: ["outside", "host", "lan"],
        breaks: always,
        why: "a program beside tor would talk with the address that tor hides",
    },
];
