import { existsSync, mkdtempSync, readdirSync, readFileSync, rmSync, statSync, writeFileSync } from "node:fs";
import { tmpdir } from "node:os";
import { join } from "node:path";
import { renderCommand, renderEnclave } from "../../../cli/render";
import { gatewaySeed, workstationSeed } from "../../../cloud-init/seed";
import { loadPlan } from "../../../plan/load";
import { enclaveOf } from "./plans";

let folder = "";
beforeEach(() => {
    folder = mkdtempSync(join(tmpdir(), "sallyport-render-"));
});
afterEach(() => {
    jest.restoreAllMocks();
    rmSync(folder, { recursive: true, force: true });
});

async function render(...args: string[]): Promise<string> {
    let said = "";
    jest.spyOn(process.stdout, "write").mockImplementation((text) => {
        said += String(text);
        return true;
    });
    const { plan } = loadPlan("sallyport", "test", { enclaves: [{ name: "red" }, { name: "blue" }] });
    await renderCommand(() => plan)
        .exitOverride()
        .configureOutput({ outputError: () => undefined })
        .parseAsync(args, { from: "user" });
    return said;
}

it("writes the seed's files and every guest file with its content and mode", async () => {
    const out = join(folder, "new");
    const said = await render("red", "--out", out, "--json");
    const { files } = JSON.parse(said) as { files: string[] };
    expect(files.every((f) => existsSync(f))).toBe(true);
    expect(readdirSync(out).sort()).toEqual(["gateway", "workstation-ws1"]);
    const { plan } = loadPlan("sallyport", "test", { enclaves: [{ name: "red" }, { name: "blue" }] });
    const [red] = plan.enclaves;
    const seed = red === undefined ? undefined : gatewaySeed(red);
    expect(readFileSync(join(out, "gateway/user-data"), "utf8")).toBe(seed?.userData);
    expect(readFileSync(join(out, "gateway/network-config"), "utf8")).toBe(seed?.networkConfig);
    for (const file of seed?.files ?? []) {
        expect(readFileSync(join(out, "gateway/files", file.path), "utf8")).toBe(file.content);
    }
    expect(statSync(join(out, "workstation-ws1/files/usr/local/bin/socks-connect")).mode & 0o777).toBe(0o755);
});

it("writes one role when one is named", async () => {
    await render("blue", "workstation", "--out", folder);
    expect(readdirSync(folder)).toEqual(["workstation-ws1"]);
});

it("gives a guest that holds secrets to its writer alone, and prints none", async () => {
    const egress = { mode: "bridges", bridges: ["192.0.2.8:9001"] };
    const { plan } = loadPlan("sallyport", "test", { enclaves: [{ name: "red", egress }] });
    const guests = renderEnclave(plan.enclaves[0] as (typeof plan.enclaves)[number]);
    const modes = (folder: string): Set<number> =>
        new Set(guests.find((g) => g.folder === folder)?.files.map((f) => f.mode));
    expect(modes("gateway")).toEqual(new Set([0o600]));
    expect(modes("workstation-ws1").has(0o644)).toBe(true);
    const said = await render("red", "--out", join(folder, "out"), "--json");
    expect(said).not.toContain("192.0.2.8");
});

it("renders what the stack will write, no more and no less", () => {
    const enclave = enclaveOf();
    const guests = renderEnclave(enclave);
    const seeds = [gatewaySeed(enclave), ...enclave.workstations.map((w) => workstationSeed(enclave, w))];
    expect(guests.map((g) => g.files.length)).toEqual(seeds.map((s) => s.files.length + 3));
});

it("names what is wrong: enclave, role, folder", async () => {
    await expect(render("green", "--out", folder)).rejects.toThrow("no enclave green; allowed: red, blue");
    await expect(render("red", "router", "--out", folder)).rejects.toThrow(
        "no role router; allowed: gateway, workstation",
    );
    writeFileSync(join(folder, "mine"), "");
    await expect(render("red", "--out", folder)).rejects.toThrow("is not empty");
    expect(readdirSync(folder)).toEqual(["mine"]);
    await expect(render("red")).rejects.toThrow("--out");
});
