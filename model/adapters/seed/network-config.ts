/** cloud-init's network configuration, version 2 (netplan's keys). */
import type { SeedNetworkConfig, SeedNic } from "../..";
import { isCidr } from "./numbers";
import { isRecord, plainYaml } from "./yaml";

const KEYS: ReadonlySet<string> = new Set([
    "match",
    "set-name",
    "addresses",
    "routes",
    "dhcp4",
    "dhcp6",
    "accept-ra",
    "nameservers",
    "gateway4",
    "gateway6",
]);

function strings(value: unknown, where: string): string[] {
    if (value === undefined) {
        return [];
    }
    if (!Array.isArray(value) || value.some((v) => typeof v !== "string")) {
        throw new Error(`${where} is no list of texts`);
    }
    return value as string[];
}

/** Addresses and networks go into files of systemd-networkd's as they stand. */
function cidr(value: unknown, where: string): string {
    if (typeof value !== "string" || !isCidr(value)) {
        throw new Error(`${where} ${JSON.stringify(value)} is no address in digits that do not begin with 0`);
    }
    return value;
}

const cidrs = (value: unknown, where: string): string[] =>
    strings(value, where).map((text) => cidr(text, where));

function flag(value: unknown, where: string): boolean | undefined {
    if (value === undefined || typeof value === "boolean") {
        return value;
    }
    throw new Error(`${where} is neither true nor false`);
}

function routes(entry: Readonly<Record<string, unknown>>, where: string): SeedNic["routes"] {
    const list = entry.routes ?? [];
    if (!Array.isArray(list)) {
        throw new Error(`${where}.routes is no list`);
    }
    const written = list.map((route: unknown) => {
        if (!isRecord(route)) {
            throw new Error(`${where}.routes: a route is no mapping`);
        }
        return {
            to: route.to === "default" ? route.to : cidr(route.to, `${where}.routes to`),
            via: cidr(route.via, `${where}.routes via`),
        };
    });
    const old = [
        ["gateway4", "0.0.0.0/0"],
        ["gateway6", "::/0"],
    ] as const;
    return [
        ...written,
        ...old.flatMap(([key, to]) =>
            entry[key] === undefined ? [] : [{ to, via: cidr(entry[key], `${where}.${key}`) }],
        ),
    ];
}

const unread = (value: unknown, where: string, ...known: readonly string[]): string[] =>
    isRecord(value)
        ? Object.keys(value)
              .filter((key) => !known.includes(key))
              .map((key) => `${where}.${key}`)
        : [];

/** Keys that are not read, of the entry and of what is in it. */
const unreadKeys = (entry: Readonly<Record<string, unknown>>): string[] => [
    ...Object.keys(entry).filter((key) => !KEYS.has(key)),
    ...unread(entry.nameservers, "nameservers", "addresses"),
    ...(Array.isArray(entry.routes) ? entry.routes : []).flatMap((route: unknown) =>
        unread(route, "routes", "to", "via"),
    ),
];

function nic(key: string, entry: unknown): SeedNic {
    const where = `ethernets.${key}`;
    if (!isRecord(entry)) {
        throw new Error(`${where} is no mapping`);
    }
    const match = entry.match ?? {};
    if (!isRecord(match) || Object.keys(match).some((k) => k !== "macaddress")) {
        throw new Error(`${where}.match: only macaddress is read`);
    }
    const mac = match.macaddress;
    const name = entry["set-name"] ?? key;
    if ((mac !== undefined && typeof mac !== "string") || typeof name !== "string") {
        throw new Error(`${where}: match.macaddress and set-name are texts`);
    }
    const acceptRa = flag(entry["accept-ra"], `${where}.accept-ra`);
    const servers = entry.nameservers ?? {};
    if (!isRecord(servers)) {
        throw new Error(`${where}.nameservers is no mapping`);
    }
    return {
        key,
        ...(mac === undefined ? {} : { mac: mac.toLowerCase() }),
        name,
        addresses: cidrs(entry.addresses, `${where}.addresses`),
        routes: routes(entry, where),
        dhcp4: flag(entry.dhcp4, `${where}.dhcp4`) ?? false,
        dhcp6: flag(entry.dhcp6, `${where}.dhcp6`) ?? false,
        ...(acceptRa === undefined ? {} : { acceptRa }),
        nameservers: cidrs(servers.addresses, `${where}.nameservers.addresses`),
        otherKeys: unreadKeys(entry),
    };
}

/** @throws Error saying what cannot be read; version 1 is one such thing */
export function parseNetworkConfig(text: string): SeedNetworkConfig {
    const data = plainYaml(text);
    const wrapped = isRecord(data) && isRecord(data.network) ? data.network : undefined;
    const root = wrapped ?? data;
    if (!isRecord(root) || root.version !== 2) {
        throw new Error("network-config is not of version 2");
    }
    const ethernets = root.ethernets ?? {};
    if (!isRecord(ethernets)) {
        throw new Error("ethernets is no mapping");
    }
    return {
        version: 2,
        nics: Object.entries(ethernets).map(([key, entry]) => nic(key, entry)),
        otherKeys: [
            ...Object.keys(root).filter((key) => key !== "version" && key !== "ethernets"),
            ...(wrapped === undefined || !isRecord(data)
                ? []
                : Object.keys(data).filter((key) => key !== "network")),
        ],
    };
}
