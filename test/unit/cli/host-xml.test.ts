import { readHost } from "../../../cli/live/host-xml";
import { CliError } from "../../../cli/error";

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
