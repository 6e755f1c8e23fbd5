/**
 * cloud-init's network configuration, version 2: static addresses, NICs known by their MAC, no
 * auto-configuration.
 */
import { stringify } from "yaml";
import type { NicPlan } from "../plan/guest-plan";
import { NETWORKD_DROP_IN } from "./guest";
import { lines } from "./text";
import type { GuestFile } from "./user-data";

interface Ethernet {
    readonly match: { readonly macaddress: string };
    readonly "set-name": string;
    readonly addresses: readonly string[];
    readonly routes?: readonly { readonly to: string; readonly via: string }[];
    readonly dhcp4: false;
    readonly dhcp6: false;
    readonly "accept-ra": false;
}

function ethernet(nic: NicPlan): Ethernet {
    return {
        match: { macaddress: nic.mac },
        "set-name": nic.interface,
        addresses: [`${nic.address}/${nic.prefix}`],
        ...(nic.route === undefined
            ? {}
            : {
                  routes: [
                      {
                          to: nic.routeOnlyTo === undefined ? "0.0.0.0/0" : `${nic.routeOnlyTo}/32`,
                          via: nic.route,
                      },
                  ],
              }),
        dhcp4: false,
        dhcp6: false,
        "accept-ra": false,
    };
}

/** The network-config file for these NICs. */
export function networkConfig(nics: readonly NicPlan[]): string {
    // cloud-init reads YAML 1.1, to which a MAC of decimal digits alone is a number of base 60.
    return stringify(
        { version: 2, ethernets: Object.fromEntries(nics.map((nic) => [nic.interface, ethernet(nic)])) },
        { version: "1.1" },
    );
}

/**
 * A drop-in to the .network file that cloud-init writes for each NIC: what systemd-networkd would do by
 * itself and cloud-init's renderer has no word for (systemd.network(5)).
 */
export function networkdDropIns(nics: readonly NicPlan[]): GuestFile[] {
    return nics.map((nic) => ({
        path: NETWORKD_DROP_IN(nic.interface),
        content: lines(
            nic.interface,
            "[Network]",
            "LinkLocalAddressing=no",
            "IPv6AcceptRA=no",
            "LLMNR=no",
            "MulticastDNS=no",
            "LLDP=no",
            "EmitLLDP=no",
        ),
        permissions: "0644",
        owner: "root:root",
    }));
}
