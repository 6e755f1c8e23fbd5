/** Secrets of a Gateway's fix: Pulumi keeps them, and nothing that anybody reads shows them. */
import assert from "../support/assert";
import { readdirSync, readFileSync } from "node:fs";
import { join } from "node:path";
import { labStackConfig } from "../../cli/live/lab-stack-config";
import { runToEnd } from "../../cli/live/process";
import type { StackSession } from "../../cli/live/stack-session";
import { failedWith, succeeded } from "./support/expect";
import { type Inventory, inventory } from "./support/inventory";
import { recorded, wiped, wipedInTime } from "./support/wiped";
import { LIMIT, lab, root, stack, work, inLab } from "./support/world";

const SEED = "sallyport-e2e-secret-hidden-gateway-seed";

/** Each is used nowhere else. The settings that they stand in, and the words of them that may appear nowhere. */
const SECRETS: Readonly<Record<string, readonly [value: string, ...words: string[]]>> = {
    "egress.bridges[0]": [
        "obfs4 192.0.2.77:4433 0123456789ABCDEF0123456789ABCDEF01234567 " +
            "cert=c2FsbHlwb3J0IHRlc3Qgc2VjcmV0IG9mIGEgYnJpZGdl iat-mode=0",
        "192.0.2.77",
        "0123456789ABCDEF0123456789ABCDEF01234567",
        "c2FsbHlwb3J0IHRlc3Qgc2VjcmV0IG9mIGEgYnJpZGdl",
    ],
    "upstreamProxy.password": ["correct-horse-battery", "correct-horse-battery"],
    "tunnel.privateKey": [
        "yAnz5TF+lXXJte14tji3zlMNq+hd2rYUIgJBgB3fBmk=",
        "yAnz5TF+lXXJte14tji3zlMNq+hd2rYUIgJBgB3fBmk",
    ],
    "tunnel.presharedKey": [
        "ePTcRWnH1ifvzdDyZe3cTGUvNnFDsiNKeNeDrdnWyl0=",
        "ePTcRWnH1ifvzdDyZe3cTGUvNnFDsiNKeNeDrdnWyl0",
    ],
};
const PLAIN = {
    name: "hidden",
    workstations: [],
    egress: { mode: "bridges" },
    upstreamProxy: { kind: "socks5", endpoint: "192.0.2.66:1080", user: "somebody" },
    tunnel: {
        endpoint: "192.0.2.66:51820",
        address: "10.66.0.2",
        peerPublicKey: "xTIBA5rboUvnH4htodjb6e697QjLERt1NAB4mZqp8Dg=",
    },
};

/**
 * A word as it may stand in base64, whatever stands before it (RFC 4648): the middle that depends on the word
 * alone.
 */
const inBase64 = (word: string): string[] =>
    [0, 1, 2].map((shift) =>
        Buffer.from("x".repeat(shift) + word)
            .toString("base64")
            .slice(4, -6),
    );

/** Words of the secrets that a text holds. */
function shownIn(text: string): string[] {
    const words = Object.values(SECRETS).flatMap(([, ...rest]) => rest);
    return words.filter((word) =>
        [word, encodeURIComponent(word), ...inBase64(word)].some((form) => text.includes(form)),
    );
}

inLab();
describe("Secrets", () => {
    let session: StackSession;
    let empty: Inventory;
    const seen: [what: string, text: string][] = [];
    const run = async (what: string, ...args: string[]): Promise<string> => {
        const changes = args[0] === "up" || args[0] === "destroy";
        const { args: record, env } = changes ? recorded(`${what}.events`) : { args: [], env: {} };
        const result = await session.run([...args, ...record], { timeoutSeconds: LIMIT.up, env });
        seen.push([what, result.output]);
        succeeded(result);
        return result.output;
    };
    const set = async (key: string, value: string, ...flags: string[]): Promise<void> =>
        succeeded(
            await session.run(["config", "set", ...flags, "--path", `sallyport:enclaves[0].${key}`, value], {
                timeoutSeconds: 60,
            }),
        );

    beforeAll(async () => {
        empty = await inventory();
        session = stack("secret");
        await session.init({ ...wiped(labStackConfig(lab())), enclaves: [PLAIN] });
    });
    afterAll(() => session.forget());

    it("given in plain they are refused at preview, unseen", async () => {
        for (const [key, [value]] of Object.entries(SECRETS)) {
            await set(key, value, "--plaintext");
        }
        const result = await session.run(["preview"], { timeoutSeconds: LIMIT.preview });
        failedWith(
            result,
            /enclaves\[0\]\.egress\.bridges\[0\]: got a value that is not shown; allowed: a Pulumi secret/,
            /fix: bin\/pulumi config set --secret --path/,
        );
        assert.deepEqual(shownIn(result.output), []);
    });

    it("a secret that is wrong is named at preview, unseen", async () => {
        session.configure({ ...wiped(labStackConfig(lab())), enclaves: [PLAIN] });
        for (const [key, [value]] of Object.entries(SECRETS)) {
            await set(key, key.startsWith("egress") ? value.replace("obfs4 ", "obfs5 ") : value, "--secret");
        }
        const result = await session.run(["preview"], { timeoutSeconds: LIMIT.preview });
        failedWith(
            result,
            /enclaves\[0\]\.egress\.bridges\[0\]: got a value that is not shown; allowed: a bridge line/,
        );
        assert.deepEqual(shownIn(result.output), []);
        await set("egress.bridges[0]", SECRETS["egress.bridges[0]"]?.[0] ?? "", "--secret");
    });

    it("one in plain beside encrypted ones is refused at preview, unseen", async () => {
        const [value] = SECRETS["tunnel.presharedKey"] ?? [""];
        await set("tunnel.presharedKey", value, "--plaintext");
        const result = await session.run(["preview"], { timeoutSeconds: LIMIT.preview });
        failedWith(
            result,
            /enclaves\[0\]\.tunnel\.presharedKey: got a value that is not shown; allowed: a Pulumi secret/,
        );
        assert.doesNotMatch(result.output, /privateKey|bridges\[0\]/);
        assert.deepEqual(shownIn(result.output), []);
        await set("tunnel.presharedKey", value, "--secret");
    });

    it("previews with the policy pack pass: policies judge the seed", async () => {
        for (const form of [[], ["--diff"], ["--json"]]) {
            await run(`preview ${form.join("")}`, "preview", ...form, "--policy-pack", join(root, "policy"));
        }
    });

    it("up, refresh and an update of a secret, which wipes the old seed", async () => {
        // Everything but the image and what needs it: the seed is there in three seconds.
        const partly = ["--yes", "--exclude", "**-image-volume", "--exclude-dependents"];
        await run("up", "up", ...partly);
        await run("outputs", "stack", "output", "--json");
        await run("refresh", "refresh", "--yes");
        await set("tunnel.mtuBytes", "1380");
        await run("preview of an update", "preview", "--diff", "--json");
        await run("update", "up", "--diff", ...partly);
        wipedInTime(["update.events"], [SEED]);
    });

    it("rendered files are private, and the terminal shows their names alone", async () => {
        const out = join(work, "rendered");
        const result = await runToEnd(
            join(root, "bin/sallyport"),
            ["render", "hidden", "--stack", session.options.stack, "--out", out],
            { cwd: root, env: session.environment, timeoutSeconds: 60 },
        );
        succeeded(result);
        seen.push(["render", result.output]);
        assert.deepEqual(shownIn(readFileSync(join(out, "gateway/user-data"), "utf8")).length, 6);
    });

    it("no state, preview, diff, log, output or file name holds a byte of one", async () => {
        const exported = await run("export", "stack", "export");
        assert.match(exported, /hidden-gateway-seed/);
        const files = (folder: string): string[] =>
            readdirSync(folder, { recursive: true, withFileTypes: true })
                .filter((f) => f.isFile())
                .map((f) => join(f.parentPath, f.name));
        const state = files(join(session.options.home, "state"));
        assert.ok(state.length > 0);
        seen.push(...state.map((path): [string, string] => [path, readFileSync(path, "latin1")]), [
            "settings",
            readFileSync(session.settingsFile, "utf8"),
        ]);
        seen.push(["what is on the host", JSON.stringify(await inventory())]);
        assert.ok(seen.length >= 12, String(seen.length));
        assert.deepEqual(
            seen.map(([what, text]) => [what, shownIn(text)]).filter(([, words]) => words?.length !== 0),
            [],
        );
    });

    it("the search itself finds every one of them where they are shown on purpose", async () => {
        const shown = await session.must(["stack", "export", "--show-secrets"], { timeoutSeconds: 60 });
        assert.equal(shownIn(shown).length, 6);
        assert.equal(shownIn(Buffer.from(shown).toString("base64")).length, 6);
    });

    it("destroy leaves nothing", async () => {
        await run("destroy", "destroy", "--yes", "--skip-preview");
        wipedInTime(["destroy.events"], [SEED]);
        assert.deepEqual(await inventory(), empty);
    });
});
