/**
 * What two parts of a plan may not share, and what no part may use. Pure; every finding names its fix.
 */
import { HIDDEN, setTo, type ConfigProblem } from "../config/error";
import {
    AUTOMAP_SUBNET,
    INNER_GATEWAY,
    INNER_SUBNET,
    RESERVED_SUBNETS,
    WORKSTATION_OCTETS,
    contains,
    innerMacs,
    overlap,
    parseSubnet,
    subnetAround,
    toNumber,
} from "../values/addresses";
import { parseCpuset } from "../values/cpuset";
import { egressConflicts } from "./egress-conflicts";
import type { AddressPlan, AddressedEnclave } from "./addressed";
import type { StackPlan } from "./plan";
import { timeConflicts } from "./time";

interface Claim {
    readonly property: string;
    readonly value: string;
}

/** One problem for each claim after the first on the same value. */
function duplicates(claims: readonly Claim[], allowed: string, fix: string): ConfigProblem[] {
    const first = new Map<string, Claim>();
    return claims.flatMap((claim) => {
        const owner = first.get(claim.value);
        if (owner === undefined) {
            first.set(claim.value, claim);
            return [];
        }
        return [
            {
                property: claim.property,
                value: claim.value,
                allowed: `${allowed}; ${owner.property} has this one`,
                fix,
            },
        ];
    });
}

const each = <T, E extends AddressedEnclave>(
    plan: AddressPlan<E>,
    claim: (enclave: E, at: string) => T[],
): T[] => plan.enclaves.flatMap((enclave, i) => claim(enclave, `enclaves[${i}]`));

function externalSubnets(plan: AddressPlan): ConfigProblem[] {
    const reserved = RESERVED_SUBNETS.map(({ owner, cidr }) => ({
        property: owner,
        subnet: parseSubnet(cidr),
    }));
    // A bridge's LAN is the host's, and two Gateways may be in one: only NAT may not take any of it.
    const lans = each(plan, ({ external, gateway: { outer } }, at) =>
        external.mode === "bridge"
            ? [
                  {
                      property: `the LAN of ${at}.external.address`,
                      subnet: subnetAround(outer.address, outer.prefix),
                  },
              ]
            : [],
    );
    const fix = "set external.subnet of this enclave to a free subnet, such as 10.140.7.0/24";
    const seen: { property: string; subnet: ReturnType<typeof parseSubnet> }[] = [];
    return each(plan, ({ external }, at) => {
        if (external.mode !== "nat") {
            return [];
        }
        const property = `${at}.external.subnet`;
        const subnet = parseSubnet(external.subnet);
        const clash = [...reserved, ...lans, ...seen].find((other) => overlap(other.subnet, subnet));
        seen.push({ property, subnet });
        return clash === undefined
            ? []
            : [
                  {
                      property,
                      value: external.subnet,
                      allowed: `a subnet that overlaps no other; it overlaps ${clash.subnet.cidr} of ${clash.property}`,
                      fix,
                  },
              ];
    });
}

function externalAddresses(plan: AddressPlan): ConfigProblem[] {
    return each(plan, ({ external, gateway }, at) => {
        if (external.mode !== "bridge") {
            return [];
        }
        const { address, prefix, route = "" } = gateway.outer;
        const problems: ConfigProblem[] = [];
        if ([INNER_SUBNET, AUTOMAP_SUBNET].some((range) => contains(parseSubnet(range), address))) {
            problems.push({
                property: `${at}.external.address`,
                value: address,
                allowed: `an address outside ${INNER_SUBNET} and ${AUTOMAP_SUBNET}`,
                fix: setTo(`${at}.external.address`),
            });
        }
        if (!contains(subnetAround(address, prefix), route) || address === route) {
            problems.push({
                property: `${at}.external.route`,
                value: route,
                allowed: `another address in the subnet of ${address}/${prefix}`,
                fix: setTo(`${at}.external.route`),
            });
        }
        return problems;
    });
}

function workstationAddresses(plan: AddressPlan): ConfigProblem[] {
    const subnet = parseSubnet(INNER_SUBNET);
    const range = `${INNER_SUBNET.replace(/\.0\/.*/, "")}.${WORKSTATION_OCTETS.first} to .${WORKSTATION_OCTETS.last}`;
    return each(plan, ({ workstations }, at) =>
        workstations.flatMap(({ nic }, i) => {
            const octet = toNumber(nic.address) - subnet.network;
            return contains(subnet, nic.address) &&
                octet >= WORKSTATION_OCTETS.first &&
                octet <= WORKSTATION_OCTETS.last
                ? []
                : [
                      {
                          property: `${at}.workstations[${i}].address`,
                          value: nic.address,
                          allowed: `${range} (${INNER_GATEWAY} is the Gateway)`,
                          fix: setTo(`${at}.workstations[${i}].address`),
                      },
                  ];
        }),
    );
}

/**
 * Addresses that would be on two sides of a Gateway, that two guests would have, or that no packet can reach.
 * The rules ask the same of seeds (GUEST-02).
 */
export const addressConflicts = (plan: AddressPlan): ConfigProblem[] => [
    ...each(plan, (e, at) =>
        duplicates(
            e.workstations.map((w, i) => ({
                property: `${at}.workstations[${i}].address`,
                value: w.nic.address,
            })),
            "one address for each Workstation",
            "give one of the Workstations another address",
        ),
    ),
    ...workstationAddresses(plan),
    ...externalSubnets(plan),
    ...externalAddresses(plan),
    ...each(plan, egressConflicts),
    ...duplicates(
        each(plan, (e, at) =>
            e.external.mode === "bridge"
                ? [{ property: `${at}.external.address`, value: e.gateway.outer.address }]
                : [],
        ),
        "one external address for each Gateway",
        "give one of the Gateways another external.address",
    ),
];

/** One key in two enclaves makes them one (SH-03). */
function tunnelKeys(plan: StackPlan): ConfigProblem[] {
    const owners = new Map<string, { readonly at: string; readonly property: string }>();
    return each(plan, ({ tunnel }, at) =>
        (["privateKey", "presharedKey"] as const).flatMap((name) => {
            const key = tunnel?.[name];
            const property = `${at}.tunnel.${name}`;
            const owner = key === undefined ? undefined : owners.get(key);
            if (key !== undefined && owner === undefined) {
                owners.set(key, { at, property });
            }
            return owner === undefined || owner.at === at
                ? []
                : [
                      {
                          property,
                          value: HIDDEN,
                          allowed: `a key that no other enclave's tunnel has; it is that of ${owner.property}`,
                          fix: `bin/pulumi config set --secret --path 'sallyport:${property}' "$(wg ${name === "privateKey" ? "genkey" : "genpsk"})"`,
                      },
                  ];
        }),
    );
}

/** Every conflict in the plan; an empty list means that it can be built. */
export function findConflicts(plan: StackPlan): ConfigProblem[] {
    const rename = "give one of them another name";
    return [
        ...duplicates(
            each(plan, (e, at) => [{ property: `${at}.name`, value: e.name }]),
            "names that differ",
            rename,
        ),
        ...each(plan, (e, at) =>
            duplicates(
                e.workstations.map((w, i) => ({ property: `${at}.workstations[${i}].name`, value: w.name })),
                "names that differ",
                rename,
            ),
        ),
        ...duplicates(
            each(plan, (e, at) => [
                { property: `${at}.name`, value: e.gateway.domain },
                ...e.workstations.map((w, i) => ({
                    property: `${at}.workstations[${i}].name`,
                    value: w.domain,
                })),
            ]),
            "names that give every domain a name of its own",
            rename,
        ),
        ...duplicates(
            [
                { property: "(the stack's image pool)", value: plan.imagePool.name },
                ...each(plan, (e, at) => [
                    { property: `${at}.name`, value: e.pool.name },
                    { property: `${at}.name`, value: e.statusPool.name },
                    { property: `${at}.name`, value: e.dataPool.name },
                ]),
            ],
            "names that give every pool a name of its own",
            rename,
        ),
        ...addressConflicts(plan),
        ...tunnelKeys(plan),
        ...timeConflicts(plan),
        ...duplicates(
            each(plan, ({ cpus }, at) =>
                cpus === undefined
                    ? []
                    : parseCpuset(cpus).map((cpu) => ({ property: `${at}.cpus`, value: String(cpu) })),
            ),
            "processors that no other enclave has",
            "give the enclaves cpus that do not overlap",
        ),
        ...duplicates(
            each(plan, (e, at) => [{ property: `${at}.external.mac`, value: e.gateway.outer.mac }]),
            "one external MAC for each Gateway",
            "give one of the Gateways another external.mac, or leave it out",
        ),
        ...each(
            plan,
            (
                {
                    gateway: {
                        outer: { mac },
                    },
                },
                at,
            ) =>
                innerMacs().has(mac)
                    ? [
                          {
                              property: `${at}.external.mac`,
                              value: mac,
                              allowed: `a MAC that no place of ${INNER_SUBNET} has: those are the same in every enclave`,
                              fix: "give the Gateway another external.mac, or leave it out",
                          },
                      ]
                    : [],
        ),
        ...duplicates(
            each(plan, (e, at) => [
                { property: `${at}.isolated.bridge`, value: e.isolated.bridge },
                // The host's as well: two Gateways on one wire could take over each other's neighbour tables
                // (NT-11).
                { property: `${at}.external.bridge`, value: e.external.bridge },
            ]),
            "one bridge for each network",
            "give one of the networks another bridge; or leave isolated.bridge out, and set external.mode to nat",
        ),
    ];
}
