/** Arguments of a program in any language, as the settings of a stack. */
import * as pulumi from "@pulumi/pulumi";
import { ConfigError } from "../config/error";
import { plainSecrets } from "../config/secrets";
import { loadPlan, type Loaded } from "../plan/load";

interface Plain {
    readonly value: unknown;
    /** The same as a settings file would hold it: `{secure: …}` for what is a secret. */
    readonly stored: unknown;
}

/** What the SDK's declarations leave out. */
interface Resolving {
    readonly isKnown: Promise<boolean>;
    promise(): Promise<unknown>;
}

/** What is not given: SDKs name every argument, with null for these. No setting is null. */
function given(value: unknown): unknown {
    if (Array.isArray(value)) {
        return value.map(given);
    }
    return typeof value === "object" && value !== null
        ? Object.fromEntries(
              Object.entries(value)
                  .filter(([, v]) => v !== null && v !== undefined)
                  .map(([key, v]) => [key, given(v)]),
          )
        : value;
}

/** An input without its wrappings. @throws InputPropertyError for a value that an update has to find out */
async function unwrap(input: unknown, path: string): Promise<Plain> {
    if (pulumi.Output.isInstance<unknown>(input)) {
        const whole = pulumi.output(input);
        const resolving = whole as unknown as Resolving;
        if (!(await resolving.isKnown)) {
            throw new pulumi.InputPropertyError({
                propertyPath: path,
                reason: "is not known before the update; allowed: a value that is known at preview",
            });
        }
        const value = await resolving.promise();
        return { value, stored: (await pulumi.isSecret(whole)) ? { secure: "" } : value };
    }
    if (Array.isArray(input)) {
        const items = await Promise.all(input.map((item, i) => unwrap(item, `${path}[${i}]`)));
        return { value: items.map((item) => item.value), stored: items.map((item) => item.stored) };
    }
    if (typeof input !== "object" || input === null) {
        return { value: input, stored: input };
    }
    const entries = await Promise.all(
        Object.entries(input).map(
            async ([key, v]) => [key, await unwrap(v, path === "" ? key : `${path}.${key}`)] as const,
        ),
    );
    const pick = (what: keyof Plain): unknown =>
        Object.fromEntries(entries.map(([key, plain]) => [key, plain[what]]));
    return { value: pick("value"), stored: pick("stored") };
}

/** A settings command, which a program's author has no use for. */
const SET = /bin\/pulumi config set(?: --secret)?(?: --path)? '?sallyport:([^' ]+)'? (\S+)/g;

/** An error about settings, in the words of arguments. */
export const inArguments = (message: string): string =>
    message
        .replace("The stack's configuration cannot be used:", "The arguments cannot be used:")
        .replaceAll(SET, "set $1 to $2")
        .replaceAll("in the stack's settings, Pulumi.STACK.yaml", "in the arguments")
        .replaceAll("sallyport:", "");

/**
 * Parse a component's arguments by the schema of the configuration, and plan.
 * @throws ConfigError with every problem; also for a secret that the program gives in plain
 */
export async function loadArguments(project: string, stack: string, inputs: pulumi.Inputs): Promise<Loaded> {
    const { value, stored } = await unwrap(inputs, "");
    const values = given(value) as Record<string, unknown>;
    // Which part of an argument is the secret, errors need not know.
    const secretKeys = new Set(
        Object.keys(values).filter((key) =>
            JSON.stringify((stored as Record<string, unknown>)[key] ?? null).includes('"secure"'),
        ),
    );
    const loaded = loadPlan(project, stack, values, { secretKeys });
    const plain = plainSecrets(loaded.config, new Set(["enclaves"]), stored).map((problem) => ({
        ...problem,
        allowed: "a secret; this one stands in plain in the program",
        fix: "wrap it: fn::secret in YAML, pulumi.secret(…) elsewhere, of a value that `pulumi config set --secret` keeps",
    }));
    if (plain.length > 0) {
        throw new ConfigError(plain);
    }
    return loaded;
}
