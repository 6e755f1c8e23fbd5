/** Settings of the networks: zones of firewalld, and the external network as NAT or a bridge. */
import { z } from "zod";
import { BRIDGE_FORM, HOST_BRIDGE_FORM, OWN_BRIDGE_FORM } from "../values/bridges";
import { OPEN_ZONES, ZONE_NAME } from "../values/zones";
import {
    subnet,
    bridge,
    mac,
    hostBridge,
    interfaceAddress,
    INTERFACE_ADDRESS_FORM,
    address,
    ADDRESS_FORM,
} from "./forms";

const ZONE_FORM = `a zone that lets guests reach nothing of the host's, such as drop or one of your own; open by design are ${OPEN_ZONES.join(", ")}`;

const zone = z
    .string()
    .regex(ZONE_NAME, "a zone's name, 1 to 17 characters A-Z a-z 0-9 _ and -")
    .refine((name) => !OPEN_ZONES.includes(name), ZONE_FORM)
    .optional();

export const firewalldZone = z.strictObject({
    isolated: zone.meta({
        description: "Zone for the bridges of isolated networks.",
        allowed: ZONE_FORM,
        defaults: "libvirt's own zone",
        examples: ["drop"],
    }),
    external: zone.meta({
        description: "Zone for the bridges of NAT networks. It has to forward.",
        allowed: ZONE_FORM,
        defaults: "libvirt's own zone",
        examples: ["lab"],
    }),
});

export const natNetwork = z
    .strictObject({
        mode: z.literal("nat"),
        subnet: subnet
            .optional()
            .meta({
                description: "Subnet of the NAT network.",
                allowed: "an IPv4 subnet between /16 and /30",
                defaults: "derived from the names of project, stack and enclave",
                examples: ["10.140.7.0/24"],
            }),
        bridge: bridge
            .optional()
            .meta({
                description: "Name of the bridge that libvirt makes for the NAT network.",
                allowed: `${BRIDGE_FORM}, ${OWN_BRIDGE_FORM}`,
                defaults: "derived from the names of project, stack and enclave",
                examples: ["lab-nat"],
            }),
        mac,
    })
    .meta({ description: "a NAT network of libvirt's, made for this enclave alone" });

export const bridgeNetwork = z
    .strictObject({
        mode: z.literal("bridge"),
        bridge: hostBridge.meta({
            description: "The host's bridge that the Gateway is put on.",
            allowed: HOST_BRIDGE_FORM,
            examples: ["br0"],
        }),
        address: interfaceAddress.meta({
            description: "Address of the Gateway in the bridge's LAN.",
            allowed: INTERFACE_ADDRESS_FORM,
            examples: ["192.0.2.10/24"],
        }),
        route: address.meta({
            description: "The LAN's router, to which the Gateway sends everything.",
            allowed: ADDRESS_FORM,
            examples: ["192.0.2.1"],
        }),
        mac,
    })
    .meta({ description: "a bridge that the host has" });
