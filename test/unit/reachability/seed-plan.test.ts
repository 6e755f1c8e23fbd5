/** A Gateway's plan is worked out from its seed: what is rendered from it is the seed again. */
import { hasSecrets } from "../../../cloud-init/egress";
import { gatewayFiles } from "../../../cloud-init/gateway";
import { PATHS } from "../../../cloud-init/guest";
import { gatewaySeed } from "../../../cloud-init/seed";
import { known, type SeedContent } from "../../../model";
import { seedContent } from "../../../model/adapters/seed/content";
import type { EnclavePlan } from "../../../plan/plan";
import { loadPlan } from "../../../plan/load";
import type { GatewayFilesPlan } from "../../../plan/guest-plan";
import { gatewayPlanOf } from "../../../reachability/seed-plan";
import { CONFIGS } from "../../policy/fixtures/good";

const AT = { resource: "seed", path: "userData" };

/** @param change what a person did to the texts */
function contentOf(enclave: EnclavePlan, change = (text: string): string => text): SeedContent {
    const { userData, networkConfig, metaData } = gatewaySeed(enclave);
    return seedContent({
        userData: known(change(userData), AT),
        networkConfig: known(networkConfig, AT),
        metaData: known(metaData, AT),
    });
}

const recovered = (enclave: EnclavePlan, content: SeedContent): GatewayFilesPlan =>
    gatewayPlanOf(content, {
        inner: enclave.gateway.inner,
        outer: enclave.gateway.outer,
        workstations: enclave.workstations.map((w) => w.nic),
    });

const enclaveOf = (config: unknown): EnclavePlan =>
    loadPlan("sallyport", "test", config).plan.enclaves[0] as EnclavePlan;

it.each(Object.entries(CONFIGS))("of: %s", (_, config) => {
    const enclave = enclaveOf(config);
    const plan = recovered(enclave, contentOf(enclave));
    // A set holds no order, so that the file's text may differ from the plan's; torrc and the rest may not.
    const texts = (files: ReturnType<typeof gatewayFiles>): unknown[] =>
        files.filter((file) => file.path !== PATHS.ruleset);
    expect(texts(gatewayFiles(plan))).toEqual(texts(gatewayFiles(enclave)));
    expect(hasSecrets(plan)).toBe(hasSecrets(enclave));
});

describe("a password that no torrc of ours says", () => {
    const proxy = { endpoint: "192.168.7.7:1080", user: "user", password: "pass" };
    const changed = (kind: string, from: string, to: string): GatewayFilesPlan => {
        const enclave = enclaveOf({ enclaves: [{ name: "a", upstreamProxy: { ...proxy, kind } }] });
        return recovered(
            enclave,
            contentOf(enclave, (text) => {
                expect(text).toContain(from);
                return text.replace(from, to);
            }),
        );
    };

    it.each([
        ["without its user", "socks5", "Socks5ProxyUsername user\n", "Log notice stdout\n"],
        ["without its colon", "https", "HTTPSProxyAuthenticator user:pass", "HTTPSProxyAuthenticator pass"],
    ])("%s is a secret all the same", (_, kind, from, to) => {
        const plan = changed(kind, from, to);
        expect(plan.upstreamProxy?.user).toBeUndefined();
        expect(hasSecrets(plan)).toBe(true);
    });

    it("a proxy without one holds none", () => {
        const enclave = enclaveOf({
            enclaves: [{ name: "a", upstreamProxy: { kind: "https", endpoint: "192.168.7.7:8080" } }],
        });
        expect(hasSecrets(recovered(enclave, contentOf(enclave)))).toBe(false);
    });
});
