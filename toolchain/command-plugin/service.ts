/** The plugin's gRPC service (pulumirpc.ResourceProvider): turns requests into decisions and runs. */
import { randomBytes } from "node:crypto";
import * as grpc from "@grpc/grpc-js";
import { PluginInfo } from "@pulumi/pulumi/proto/plugin_pb";
import * as pb from "@pulumi/pulumi/proto/provider_pb";
import { Empty } from "google-protobuf/google/protobuf/empty_pb";
import type { JavaScriptValue } from "google-protobuf/google/protobuf/struct_pb";
import { Struct } from "google-protobuf/google/protobuf/struct_pb";
import type { EngineLog } from "./engine-log";
import type { CommandInputs, Output } from "./resource";
import { check, COMMAND_TOKEN, commandInputs, diff, environment, outputOf, updateCommand } from "./resource";
import type { Jobs } from "./run";
import { conceal, revealRecord } from "./secrets";

/** Released version of @pulumi/command that this plugin serves. */
const VERSION = "1.2.1";

type Wire = Record<string, unknown>;
type Method<Q, A> = (request: Q) => A | Promise<A>;

const read = (struct: Struct | undefined): Wire => struct?.toJavaScript() ?? {};
const write = (record: Wire): Struct =>
    // An absent property and an undefined one are the same; JSON drops the second.
    Struct.fromJavaScript(JSON.parse(JSON.stringify(record)) as Record<string, JavaScriptValue>);

/** The token in urn:pulumi:STACK::PROJECT::PARENT$TOKEN::NAME. */
function requireCommand(urn: string): void {
    const token = urn.split("::")[2]?.split("$").pop();
    if (token !== COMMAND_TOKEN) {
        throw new Error(
            `this project's own command plugin serves ${COMMAND_TOKEN} only, not ${token ?? urn}; ` +
                "install Pulumi's where it can be downloaded: pulumi plugin install resource command",
        );
    }
}

/** A method that answers with what `body` returns, or with its error's message. */
function unary<Q, A>(body: Method<Q, A>): grpc.handleUnaryCall<Q, A> {
    return (call, callback) => {
        Promise.resolve()
            .then(() => body(call.request))
            .then(
                (answer) => callback(null, answer),
                (e: unknown) =>
                    callback(
                        { code: grpc.status.UNKNOWN, details: e instanceof Error ? e.message : String(e) },
                        null,
                    ),
            );
    };
}

/** A method that is refused with a reason. */
const refused = (what: string): grpc.handleUnaryCall<object, object> =>
    unary((): object => {
        throw new Error(`this project's own command plugin has no ${what}; it serves ${COMMAND_TOKEN} only`);
    });

export function commandService(log: EngineLog, jobs: Jobs): grpc.UntypedServiceImplementation {
    async function run(
        urn: string,
        command: string,
        inputs: CommandInputs,
        previous: Output,
        secretNames: readonly string[],
    ): Promise<Output> {
        const logged = inputs.logging ?? "stdoutAndStderr";
        try {
            return await jobs.run({
                command,
                interpreter: inputs.interpreter ?? ["/bin/sh", "-c"],
                env: { ...process.env, ...environment(inputs, previous) },
                dir: inputs.dir,
                stdin: inputs.stdin,
                secret: secretNames.some((name) => ["create", "update", "delete"].includes(name)),
                onLine: (stream, line) => {
                    if (logged === stream || logged === "stdoutAndStderr") {
                        log.status(urn, line);
                    }
                },
            });
        } finally {
            await log.drain();
        }
    }

    /** State after a run: the inputs and the output, which is secret when an input was. */
    const state = (inputs: Wire, output: Output, secretNames: readonly string[]): Struct =>
        write(
            conceal(
                { ...inputs, ...output },
                secretNames.length > 0 ? [...secretNames, "stdout", "stderr"] : [],
            ),
        );

    return {
        getPluginInfo: unary(() => {
            const info = new PluginInfo();
            info.setVersion(VERSION);
            return info;
        }),
        getSchema: unary(() => {
            const answer = new pb.GetSchemaResponse();
            answer.setSchema(
                JSON.stringify({ name: "command", version: VERSION, resources: { [COMMAND_TOKEN]: {} } }),
            );
            return answer;
        }),
        checkConfig: unary((q: pb.CheckRequest) => {
            const answer = new pb.CheckResponse();
            answer.setInputs(q.getNews());
            return answer;
        }),
        diffConfig: unary(() => new pb.DiffResponse()),
        configure: unary(() => {
            const answer = new pb.ConfigureResponse();
            answer.setAcceptsecrets(true);
            return answer;
        }),
        check: unary((q: pb.CheckRequest) => {
            requireCommand(q.getUrn());
            const news = revealRecord(read(q.getNews()));
            const result = check(news.value);
            const answer = new pb.CheckResponse();
            answer.setInputs(write(conceal(result.inputs, news.secretNames)));
            answer.setFailuresList(
                result.failures.map(({ property, reason }) => {
                    const failure = new pb.CheckFailure();
                    failure.setProperty(property);
                    failure.setReason(reason);
                    return failure;
                }),
            );
            return answer;
        }),
        diff: unary((q: pb.DiffRequest) => {
            requireCommand(q.getUrn());
            const olds = revealRecord(read(q.getOldInputs() ?? q.getOlds())).value;
            const changes = diff(olds, revealRecord(read(q.getNews())).value);
            const answer = new pb.DiffResponse();
            const { DIFF_SOME, DIFF_NONE } = pb.DiffResponse.DiffChanges;
            answer.setChanges(changes.length > 0 ? DIFF_SOME : DIFF_NONE);
            answer.setDiffsList(changes.map((c) => c.property));
            answer.setReplacesList(changes.filter((c) => c.replace).map((c) => c.property));
            return answer;
        }),
        create: unary(async (q: pb.CreateRequest) => {
            requireCommand(q.getUrn());
            const { value, secretNames } = revealRecord(read(q.getProperties()));
            const inputs = commandInputs(value);
            const none: Output = { stdout: "", stderr: "" };
            const output =
                inputs.create === undefined
                    ? none
                    : await run(q.getUrn(), inputs.create, inputs, none, secretNames);
            const answer = new pb.CreateResponse();
            answer.setId(`${q.getUrn().split("::").pop() ?? "command"}${randomBytes(4).toString("hex")}`);
            answer.setProperties(state(value, output, secretNames));
            return answer;
        }),
        update: unary(async (q: pb.UpdateRequest) => {
            requireCommand(q.getUrn());
            const { value, secretNames } = revealRecord(read(q.getNews()));
            const previous = outputOf(revealRecord(read(q.getOlds())).value);
            const inputs = commandInputs(value);
            const command = updateCommand(inputs);
            const output =
                command === undefined
                    ? previous
                    : await run(q.getUrn(), command, inputs, previous, secretNames);
            const answer = new pb.UpdateResponse();
            answer.setProperties(state(value, output, secretNames));
            return answer;
        }),
        delete: unary(async (q: pb.DeleteRequest) => {
            requireCommand(q.getUrn());
            const { value, secretNames } = revealRecord(read(q.getProperties()));
            const inputs = commandInputs(value);
            if (inputs.delete !== undefined) {
                await run(q.getUrn(), inputs.delete, inputs, outputOf(value), secretNames);
            }
            return new Empty();
        }),
        // What a command did cannot be looked up: the state is taken as it is.
        read: unary((q: pb.ReadRequest) => {
            requireCommand(q.getUrn());
            const answer = new pb.ReadResponse();
            answer.setId(q.getId());
            answer.setProperties(q.getProperties());
            answer.setInputs(q.getInputs());
            return answer;
        }),
        invoke: refused("functions"),
        call: refused("methods"),
        construct: refused("components"),
        cancel: unary(async () => {
            await jobs.stop();
            return new Empty();
        }),
        attach: unary(() => new Empty()),
    };
}
