/** What NICs are plugged into on a host: networks over one bridge are one wire, whatever they are called. */
import {
    networkById,
    nicsOf,
    possible,
    type Attachment,
    type Domain,
    type Model,
    type Network,
    type Nic,
} from "../../model";

const onBridge = (host: string, bridge: string): string => `${host} bridge ${bridge}`;

/** Wires that a network may be; the network itself while nothing tells its bridge. */
export const wiresOf = (network: Network): readonly string[] =>
    (possible(network.bridge) ?? [undefined]).map((bridge) =>
        bridge === undefined ? network.resource.id : onBridge(network.host, bridge),
    );

/** Wires that a NIC may be plugged into. */
export const wiresOfNic = (model: Model, { host }: Domain, nic: Nic): readonly string[] =>
    (possible<Attachment>(nic.attachment) ?? []).flatMap((place) => {
        const network = place.to === "network" ? networkById(model, place.network) : undefined;
        return network !== undefined
            ? wiresOf(network)
            : [
                  place.to === "host-bridge"
                      ? onBridge(host, place.bridge)
                      : `${host} ${JSON.stringify(place)}`,
              ];
    });

/** Domains with a NIC that may be on one of the wires. */
export const guestsOn = (model: Model, wires: readonly string[]): readonly Domain[] =>
    model.domains.filter((domain) =>
        nicsOf(domain).some((nic) => wiresOfNic(model, domain, nic).some((wire) => wires.includes(wire))),
    );
