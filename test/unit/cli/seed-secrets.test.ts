import { encryptsSeeds, withPlainSeeds } from "../../../cli/seed-secrets";

const SEED = "libvirt:index/cloudinitDisk:CloudinitDisk";
const exported = (seed: unknown, other: unknown): string =>
    JSON.stringify({
        version: 3,
        deployment: {
            manifest: {},
            resources: [
                { urn: "a", type: SEED, inputs: { userData: seed } },
                { urn: "b", type: "x:y:Z", inputs: { password: other } },
            ],
        },
    });
const hidden = { sig: "1b", ciphertext: "v1:x" };

it("decrypts seeds and nothing else", () => {
    expect(encryptsSeeds(exported(hidden, "x"))).toBe(true);
    expect(encryptsSeeds(exported("plain", hidden))).toBe(false);
    expect(encryptsSeeds('no JSON, with "ciphertext"')).toBe(false);
    expect(
        withPlainSeeds(exported(hidden, hidden), exported({ plaintext: "seed" }, { plaintext: "hunter2" })),
    ).toBe(exported({ plaintext: "seed" }, hidden));
});
