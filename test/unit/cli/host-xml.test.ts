import { readHost } from "../../../cli/live/host-xml";
import { filterProblems } from "../../../cli/live/host-filters";
import { CliError } from "../../../cli/error";
import type { Virsh } from "../../../cli/virsh";
import { modelOfExport } from "../../../topology/adapters";
import { workstationFilterXml } from "../../../topology/workstation-filter";
import { exportOf, planOf } from "../../support/stacks";

const ANSWERS: Readonly<Record<string, string>> = {
    "net-list --all --uuid": "n1\n n2\n\n", "list --all --uuid": "d1\n\n", "net-dumpxml n1": "<network>1</network>", "net-dumpxml n2": "<network>2</network>", "dumpxml d1": "<domain>1</domain>",
    "list --all --autostart --name": "\n", "net-list --all --autostart --name": "default\n\n",
};
const answers = (more: Readonly<Record<string, string>> = {}) => (_uri: string, args: readonly string[]): Promise<string> => {
    const found = { ...ANSWERS, ...more }[args.join(" ")];
    return found === undefined ? Promise.reject(new CliError(`virsh ${args.join(" ")}: not there`, "look")) : Promise.resolve(found);
};

it("reads every domain and network, and which start with the host", async () => {
    expect(await readHost("qemu:///system", answers())).toEqual({
        uri: "qemu:///system", networks: ["<network>1</network>", "<network>2</network>"], domains: ["<domain>1</domain>"], autostart: { domains: [], networks: ["default"] },
    });
});

it("fails when one goes meanwhile: half a host is none", async () => {
    await expect(readHost("qemu:///system", answers({ "list --all --uuid": "d1\nd2\n" }))).rejects.toThrow("virsh dumpxml d2: not there");
});

describe("filters", () => {
    const NAME = "shop-dev-red-isolated";
    const model = modelOfExport(JSON.stringify(exportOf(planOf({ enclaves: [{ name: "red" }] }))), "export.json");
    const virsh = (stdout: string): Virsh => (args) => Promise.resolve({ outcome: "ok", stdout: args.join(" ") === `nwfilter-dumpxml ${NAME}` ? stdout : "", message: "" });
    const problems = async (live: Virsh, uri = "qemu:///system"): Promise<string[]> => (await filterProblems(model, [uri], () => live)).map((p) => p.what);

    it("that are ours are no problem, nor are those of another host", async () => {
        expect(await problems(virsh(workstationFilterXml(NAME)))).toEqual([]);
        expect(await problems(virsh("<filter/>"), "qemu+ssh://192.0.2.9/system")).toEqual([]);
    });

    it.each([
        ["one rule less", workstationFilterXml(NAME).replace(/^.*action='drop'.*\n/m, "")], ["another filter", workstationFilterXml("other")], ["nothing", ""], ["no XML", "<filter"],
    ])("with %s are one", async (_title, live) => {
        expect(await problems(virsh(live))).toEqual([`filter ${NAME} at qemu:///system has other rules than its step defined`]);
    });

    it("that cannot be read are one", async () => {
        expect(await problems(() => Promise.resolve({ outcome: "error", stdout: "", message: "no such filter" }))).toEqual([`filter ${NAME} at qemu:///system cannot be read: no such filter`]);
    });
});
