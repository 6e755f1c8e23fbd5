/** The topology as a Mermaid flowchart; the same model always gives the same text. */
import { oneLine } from "../util/one-line";
import { isGateway, networksOf, nicsOf, possible, type Model, type Network } from "../model";

const quoted = (text: string): string =>
    `"${oneLine(text).replace(/["<>&`#]/g, (c) => `#${c.charCodeAt(0)};`)}"`;

const SHAPE = { gateway: ["[[", "]]"], workstation: ["[", "]"] } as const;

function uplinks(id: string, network: Network): string[] {
    const modes = possible(network.forward);
    if (modes === undefined) {
        return [`    ${id} -. "${network.forward.kind}" .-> outside`];
    }
    return modes
        .filter((m) => m !== "isolated")
        .map(
            (m) =>
                `    ${id} ${modes.length === 1 ? "--" : "-."} ${quoted(m)} ` +
                `${modes.length === 1 ? "-->" : ".->"} outside`,
        );
}

/** Networks are rounded, Gateways doubled; dashed lines are undecided. */
export function mermaid(model: Model): string {
    const networks = [...model.networks].sort((a, b) => (a.resource.id < b.resource.id ? -1 : 1));
    const domains = [...model.domains].sort((a, b) => (a.resource.id < b.resource.id ? -1 : 1));
    const ids = new Map<string, string>([
        ...networks.map((n, i) => [n.resource.id, `n${i}`] as const),
        ...domains.map((d, i) => [d.resource.id, `d${i}`] as const),
    ]);
    const strange: string[] = [];
    const lines = domains.flatMap((domain) => {
        const id = ids.get(domain.resource.id) ?? "";
        const [open, close] = SHAPE[isGateway(domain) ? "gateway" : "workstation"];
        const links = nicsOf(domain).flatMap((nic) => {
            const sure = nic.attachment.kind === "known";
            const on = networksOf(nic).map(
                (network) => `    ${id} ${sure ? "---" : "-.-"} ${ids.get(network) ?? ""}`,
            );
            if (on.length > 0) {
                return on;
            }
            const what = nic.attachment.kind === "known" ? nic.attachment.value.to : nic.attachment.kind;
            strange.push(id);
            return what === "nowhere" ? [] : [`    ${id} -. "nic ${nic.index}: ${what}" .-> outside`];
        });
        const unknownNics =
            domain.nics.kind === "known" ? [] : [`    ${id} -. "NICs ${domain.nics.kind}" .-> outside`];
        return [`    ${id}${open}${quoted(domain.resource.name)}${close}`, ...links, ...unknownNics];
    });
    return [
        "flowchart LR",
        "    outside((outside))",
        ...networks.flatMap((n) => [
            `    ${ids.get(n.resource.id) ?? ""}(${quoted(n.resource.name)})`,
            ...uplinks(ids.get(n.resource.id) ?? "", n),
        ]),
        ...lines,
        ...[...new Set(strange)].sort().map((id) => `    style ${id} stroke:#c00,stroke-width:3px`),
    ].join("\n");
}
