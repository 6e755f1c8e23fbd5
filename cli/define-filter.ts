/** `sallyport define-filter`: the filter on Workstations' NICs, which no provider declares. */
import { writeFile } from "node:fs/promises";
import { join } from "node:path";
import { Command } from "commander";
import { parseXml, type XmlElement } from "../util/xml";
import { WORKSTATION_FILTER_DIGEST, workstationFilterXml } from "../libvirt/workstation-filter";
import { CliError } from "../util/error";
import { emit, passed, report } from "../util/output";
import { withTemporaryFolder } from "../util/temporary";
import { virshAt, type Virsh } from "../libvirt/client";
import { virshFix } from "../libvirt/errors";
import { jsonOption } from "./options";

export interface FilterOptions {
    readonly uri: string;
    readonly name: string;
    readonly json?: boolean;
}

/**
 * Rules in libvirt's words; what it adds to a document of ours (indentation, an order of its own) is left
 * out.
 */
function rulesOf(filter: XmlElement): string[] {
    const attributes = (element: XmlElement): string =>
        JSON.stringify(Object.entries(element.attributes).sort());
    return filter.children
        .filter((child) => child.name !== "uuid")
        .map(
            (child) =>
                `${child.name} ${attributes(child)} ${child.children.map((match) => `${match.name} ${attributes(match)}`).join(" ")}`,
        )
        .sort();
}

/**
 * Whether libvirt's document of a filter says what ours does, no more and no less. @throws Error when one is
 * no XML
 */
export function sameFilter(live: string, ours: string): boolean {
    const [a, b] = [parseXml(live), parseXml(ours)];
    return (
        a.attributes["name"] === b.attributes["name"] &&
        a.attributes["chain"] === b.attributes["chain"] &&
        JSON.stringify(rulesOf(a)) === JSON.stringify(rulesOf(b))
    );
}

async function withFile<T>(text: string, use: (file: string) => Promise<T>): Promise<T> {
    return withTemporaryFolder("filter", async (folder) => {
        const file = join(folder, "filter.xml");
        await writeFile(file, text);
        return await use(file);
    });
}

/**
 * Define the filter, or define it anew, and read it back.
 * @throws CliError when libvirt can't or won't, or then says something else
 */
export async function defineFilter(virsh: Virsh, uri: string, name: string): Promise<void> {
    const ours = workstationFilterXml(name);
    const defined = await withFile(ours, (file) => virsh(["nwfilter-define", file]));
    if (defined.outcome !== "ok") {
        throw new CliError(
            `libvirt does not define filter ${name}: ${defined.message}`,
            defined.outcome === "error"
                ? `its driver for network filters has to be there (packages libvirt-daemon-driver-nwfilter or libvirt-daemon, and ebtables); a filter of that name that is not ours goes with virsh -c '${uri}' nwfilter-undefine ${name}`
                : virshFix(defined.outcome, uri),
        );
    }
    const live = await virsh(["nwfilter-dumpxml", name]);
    if (live.outcome !== "ok") {
        throw new CliError(
            `filter ${name} was defined and can't be read back: ${live.message}`,
            virshFix(live.outcome, uri),
        );
    }
    if (!sameFilter(live.stdout, ours)) {
        throw new CliError(
            `filter ${name} was defined and is not what was asked for: ${live.stdout.trim()}`,
            `look at virsh -c '${uri}' nwfilter-dumpxml ${name}; a libvirt of version 9.0 or newer keeps every rule`,
        );
    }
}

async function run(o: FilterOptions & { rules: string }): Promise<void> {
    if (o.rules !== WORKSTATION_FILTER_DIGEST) {
        throw new CliError(
            `filter rules differ: the stack wants digest ${o.rules}, this checkout has ${WORKSTATION_FILTER_DIGEST}`,
            "run bin/pulumi up in this checkout",
        );
    }
    await defineFilter(virshAt(o.uri), o.uri, o.name);
    emit(
        report([
            passed(
                "filter.defined",
                `Filter ${o.name}`,
                `Workstations on it reach the Gateway's MAC and nothing else (rules ${o.rules})`,
            ),
        ]),
        o.json === true,
    );
}

/** Options of the filter's two verbs. */
export const filterOptions = (command: Command): Command =>
    jsonOption(command)
        .requiredOption("--uri <uri>", "libvirt connection URI")
        .requiredOption("--name <name>", "the filter's name: the isolated network's");

export function defineFilterCommand(): Command {
    return filterOptions(new Command("define-filter"))
        .description("define the filter that leaves Workstations on an isolated network the Gateway alone")
        .requiredOption("--rules <digest>", "digest of the rules that are meant")
        .action(run);
}
