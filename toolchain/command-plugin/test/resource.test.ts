import { check, commandInputs, diff, environment, outputOf, UNKNOWN, updateCommand } from "../resource";

const none = { stdout: "", stderr: "" };

describe("check", () => {
    it("accepts every property, and values that are not known yet", () => {
        const inputs = {
            create: "a",
            update: "b",
            delete: UNKNOWN,
            stdin: "",
            dir: "/",
            environment: { A: UNKNOWN },
            interpreter: ["sh", "-c"],
            triggers: [1, { a: [] }],
            logging: "none",
            addPreviousOutputInEnv: false,
        };
        expect(check(inputs)).toEqual({ inputs, failures: [] });
        expect(
            check({ environment: UNKNOWN, triggers: UNKNOWN, interpreter: UNKNOWN, logging: UNKNOWN })
                .failures,
        ).toEqual([]);
    });

    it("adds the default that Pulumi's plugin records in the state", () => {
        expect(check({ create: "a" }).inputs).toEqual({ create: "a", addPreviousOutputInEnv: true });
    });

    it.each([
        ["create", 3],
        ["environment", { A: 1 }],
        ["environment", ["A=1"]],
        ["interpreter", []],
        ["interpreter", "sh"],
        ["triggers", "x"],
        ["logging", "loud"],
        ["addPreviousOutputInEnv", "true"],
    ])("refuses %s = %j and names it", (property, value) => {
        expect(check({ [property]: value }).failures).toEqual([
            { property, reason: expect.stringContaining(JSON.stringify(value)) as string },
        ]);
    });

    it("refuses what it does not know, and says what Pulumi's plugin has and it has not", () => {
        expect(check({ craete: "a" }).failures[0]?.reason).toContain("allowed: create, update");
        expect(check({ assetPaths: ["*"] }).failures[0]?.reason).toContain("install Pulumi's");
    });
});

describe("diff", () => {
    it("is empty for the same inputs, whatever their order and however absence is written", () => {
        expect(
            diff(
                { create: "a", environment: { A: "1", B: "2" } },
                { environment: { B: "2", A: "1" }, create: "a", stdin: null },
            ),
        ).toEqual([]);
    });

    it("tells what was added, removed and changed", () => {
        expect(diff({ create: "a", dir: "/" }, { create: "b", stdin: "x" })).toEqual([
            { property: "create", kind: "update", replace: false },
            { property: "stdin", kind: "add", replace: false },
            { property: "dir", kind: "delete", replace: false },
        ]);
    });

    it("replaces for triggers alone", () => {
        expect(diff({ triggers: [1] }, { triggers: [2] })).toEqual([
            { property: "triggers", kind: "update", replace: true },
        ]);
    });

    it("ignores outputs", () => {
        expect(diff({ create: "a", stdout: "old" }, { create: "a" })).toEqual([]);
    });
});

describe("environment", () => {
    it("passes the previous output on, unless told not to or when there is none", () => {
        expect(environment({}, { stdout: "o", stderr: "e" })).toEqual({
            PULUMI_COMMAND_STDOUT: "o",
            PULUMI_COMMAND_STDERR: "e",
        });
        expect(environment({ addPreviousOutputInEnv: false }, { stdout: "o", stderr: "e" })).toEqual({});
        expect(environment({}, none)).toEqual({});
    });

    it("lets the user's variables win", () => {
        expect(
            environment({ environment: { PULUMI_COMMAND_STDOUT: "mine" } }, { stdout: "o", stderr: "" }),
        ).toEqual({ PULUMI_COMMAND_STDOUT: "mine" });
    });
});

describe("what is run", () => {
    it("is the update command, or the create command, or nothing", () => {
        expect(updateCommand({ create: "c", update: "u" })).toBe("u");
        expect(updateCommand({ create: "c" })).toBe("c");
        expect(updateCommand({ delete: "d" })).toBeUndefined();
    });

    it("never has an unknown value in it", () => {
        expect(() => commandInputs({ create: UNKNOWN })).toThrow("not known");
        expect(() => commandInputs({ create: "c", environment: { A: `x${UNKNOWN}` } })).toThrow("not known");
        expect(() => commandInputs({ interpreter: "sh" })).toThrow("interpreter");
    });

    it("takes inputs out of a state that has outputs too", () => {
        const state = { create: "c", stdin: null, stdout: "o", stderr: "e" };
        expect(commandInputs(state)).toEqual({ create: "c" });
        expect(outputOf(state)).toEqual({ stdout: "o", stderr: "e" });
        expect(outputOf({})).toEqual(none);
    });
});
