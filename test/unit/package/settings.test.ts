/** Arguments of a program are the configuration, with the same errors in a program's words. */
import * as pulumi from "@pulumi/pulumi";
import { ConfigError } from "../../../config/error";
import { inArguments, loadArguments } from "../../../package/settings";

const BRIDGE = "192.0.2.44:443 0123456789ABCDEF0123456789ABCDEF01234567";
const behind = (bridge: unknown): pulumi.Inputs => ({
    enclaves: [{ name: "red", egress: { mode: "bridges", bridges: [bridge] } }],
});
const load = (inputs: pulumi.Inputs): ReturnType<typeof loadArguments> =>
    loadArguments("team", "prod", inputs);

beforeAll(async () => {
    await pulumi.runtime.setMocks(
        { newResource: () => ({ id: "", state: {} }), call: () => ({}) },
        "team",
        "prod",
        true,
    );
});
afterAll(() => pulumi.runtime.disconnect());

it("plans what they say, under the names of the program's project and stack", async () => {
    const { plan } = await load({ enclaves: [{ name: "red", workstations: [{ name: "irc" }] }] });
    expect(plan.enclaves[0]?.workstations[0]?.domain).toBe("team-prod-red-workstation-irc");
});

it("takes Outputs, wherever they are", async () => {
    const { plan } = await load({
        uri: pulumi.output("qemu:///system"),
        enclaves: pulumi.output([{ name: pulumi.output("red") }]),
    });
    expect(plan.enclaves.map((e) => e.name)).toEqual(["red"]);
});

it("takes null, as SDKs write it, for what is not given", async () => {
    const { plan } = await load({
        uri: null as never,
        enclaves: pulumi.output([
            { name: "red", egress: null, workstations: [{ name: "irc", address: null }] },
        ]),
    });
    expect(plan).toEqual((await load({ enclaves: [{ name: "red", workstations: [{ name: "irc" }] }] })).plan);
});

it.each([
    ["by itself", behind(pulumi.secret(BRIDGE))],
    [
        "in a list",
        { enclaves: [{ name: "red", egress: { mode: "bridges", bridges: pulumi.secret([BRIDGE]) } }] },
    ],
    ["as a whole", { enclaves: pulumi.secret((behind(BRIDGE) as { enclaves: unknown[] }).enclaves) }],
])("takes a secret %s", async (_how, inputs) => {
    const { plan } = await load(inputs);
    expect(plan.enclaves[0]?.egress?.mode).toBe("bridges");
});

it("refuses a secret that is none, without showing it", async () => {
    const refused = load(behind(BRIDGE));
    await expect(refused).rejects.toThrow(ConfigError);
    await expect(refused).rejects.toThrow(
        /enclaves\[0\]\.egress\.bridges\[0\].*allowed: a secret.*fn::secret/,
    );
    await expect(refused).rejects.not.toThrow(/192\.0\.2\.44/);
});

it("refuses one plain secret beside another that is one", async () => {
    const two = (b: unknown): pulumi.Inputs => ({
        enclaves: [{ name: "red", egress: { mode: "bridges", bridges: [pulumi.secret(BRIDGE), b] } }],
    });
    await expect(load(two(pulumi.secret(BRIDGE.replace("44", "45"))))).resolves.toBeDefined();
    await expect(load(two(BRIDGE.replace("44", "45")))).rejects.toThrow(/bridges\[1\]/);
});

it("refuses what is not known before the update", async () => {
    class Later extends pulumi.CustomResource {}
    const { id } = new Later("test:index:Later", "later", {});
    await expect(load({ uri: id })).rejects.toMatchObject({
        propertyPath: "uri",
        reason: expect.stringContaining("known at preview") as string,
    });
});

it("names a wrong key, its value, what is allowed, and a fix that a program's author can use", async () => {
    const wrong = load({ enclaves: [{ name: "Red" }], typo: 1 }).catch((error: Error) =>
        inArguments(error.message),
    );
    const message = String(await wrong);
    expect(message).toMatch(/^The arguments cannot be used:/);
    expect(message).toMatch(
        /enclaves\[0\]\.name: got "Red"; allowed: .*; fix: set enclaves\[0\]\.name to VALUE/,
    );
    expect(message).toMatch(/typo: got 1; allowed: the keys uri, /);
    expect(message).not.toMatch(/config set|sallyport:/);
});
