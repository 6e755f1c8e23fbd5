/** `sallyport check-certificate`: a reviewer's own look at a certificate of `plan`, without a search. */
import { basename } from "node:path";
import { isDeepStrictEqual } from "node:util";
import { Command } from "commander";
import { z } from "zod";
import { InputError } from "../model/adapters";
import { checkCertificate } from "../reachability/check-certificate";
import { proofOf, reachabilityRules } from "../policy/reachability-rules";
import { CliError } from "../util/error";
import { quote } from "../util/quote";
import { emit, failed, passed, printed, report, type Report } from "../util/output";
import { jsonOption } from "./options";
import { tooMuch } from "./plan";
import { fileText, inputOptions, readInput, type InputOptions } from "./plan-input";

const whole = z.number().int();
const schema = z.object({
    version: whole,
    input: z.object({ name: z.string(), digest: z.string() }).optional(),
    classes: z.array(z.string()),
    nodes: z.array(
        z.object({
            place: z.string(),
            id: z.string(),
            domain: whole.optional(),
            role: z.string().optional(),
            enclave: whole.optional(),
        }),
    ),
    edges: z.array(z.object({ from: whole, to: whole, classes: whole, rewrites: z.boolean().optional() })),
    cut: z.array(z.string()),
    runs: z.array(
        z.object({
            sources: z.string(),
            groups: z.array(whole),
            labels: z.array(whole),
            claims: z.array(z.string()),
        }),
    ),
});
type Read = z.infer<typeof schema>;

/** The line that writes the certificate of the same input. */
function planLine(path: string, { stack, file, preview, live, uri }: InputOptions): string {
    const given = Object.entries({ stack, file, preview, uri }).flatMap(([option, value]) =>
        value === undefined ? [] : [`--${option}`, quote(value)],
    );
    return [
        "bin/sallyport plan",
        ...(live === true ? ["--live"] : []),
        ...given,
        "--certificate",
        quote(path),
    ].join(" ");
}

async function read(path: string, options: InputOptions): Promise<Read> {
    const fix = "give a file that `sallyport plan --certificate FILE` has written, unedited";
    let value: unknown;
    try {
        value = JSON.parse(await fileText(path, planLine(path, options)));
    } catch (error) {
        throw error instanceof CliError ? error : new CliError(`${basename(path)} is not JSON`, fix);
    }
    const found = schema.safeParse(value);
    if (!found.success) {
        const [issue] = found.error.issues;
        throw new CliError(
            `${basename(path)} is no certificate: ${issue?.path.join(".") ?? ""}: ${issue?.message ?? ""}`,
            fix,
        );
    }
    return found.data;
}

function madeFrom({ input }: Read, digest: string): string {
    if (input === undefined) {
        return "it names no input";
    }
    return input.digest === digest
        ? `it was made from this very input (${input.name}, digest ${digest})`
        : `it was made from another text (${input.name}, digest ${input.digest}; this one has ${digest})`;
}

export interface CertificateCheck extends Report {
    readonly text: string;
}

/** Checks a certificate by itself, and that its graph is the one of this input. */
export async function check(path: string, options: InputOptions): Promise<CertificateCheck> {
    try {
        const certificate = await read(path, options);
        const { model, source, digest } = await readInput(options);
        const own = proofOf(model).certificate;
        const same = (["classes", "nodes", "edges", "cut"] as const).filter(
            (part) => !isDeepStrictEqual(certificate[part], JSON.parse(JSON.stringify(own[part]))),
        );
        const claims = new Set(certificate.runs.flatMap((run) => run.claims));
        const missing = reachabilityRules.map((rule) => rule.id).filter((id) => !claims.has(id));
        const wrong = [
            ...checkCertificate(certificate),
            ...same.map(
                (part) =>
                    `its ${part} are not those of ${source}: it is about another stack, or another state of it`,
            ),
            ...missing.map((id) => `it does not claim ${id}`),
        ];
        const lines = [
            `${basename(path)} against ${source}: ${certificate.nodes.length} places, ${certificate.edges.length} edges, ${certificate.cut.length} tor taken out; ${madeFrom(certificate, digest)}`,
            ...wrong.map((objection) => `FAIL ${objection}`),
            wrong.length === 0
                ? `ok: it holds for this input, and shows ${[...claims].join(", ")}`
                : `not ok: ${wrong.length} objections; fix: read \`sallyport plan\` of this input`,
        ];
        const checks =
            wrong.length === 0
                ? [passed("certificate.holds", "Certificate", `it shows ${[...claims].join(", ")}`)]
                : wrong.map((objection) =>
                      failed(
                          "certificate.holds",
                          "Certificate",
                          objection,
                          "read `sallyport plan` of this input",
                      ),
                  );
        return { ...report(checks), text: printed(lines) };
    } catch (error) {
        throw error instanceof InputError ? new CliError(error.message, error.fix) : tooMuch(error);
    }
}

export function checkCertificateCommand(): Command {
    return inputOptions(jsonOption(new Command("check-certificate")))
        .description("check a certificate of `plan` against the input that it is said to be about")
        .argument("<certificate.json>", "what `plan --certificate` has written")
        .action(async (path: string, options: InputOptions & { json?: boolean }) => {
            const { text, ...result } = await check(path, options);
            emit(result, options.json === true, text);
        });
}
