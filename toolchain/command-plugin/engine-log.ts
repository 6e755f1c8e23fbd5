/** Lines in the engine's log, in the order in which they were given. */
import * as grpc from "@grpc/grpc-js";
import { EngineClient } from "@pulumi/pulumi/proto/engine_grpc_pb";
import { LogRequest, LogSeverity } from "@pulumi/pulumi/proto/engine_pb";

export interface EngineLog {
    /** Shown for the resource `urn` while it is being worked on. */
    status(urn: string, line: string): void;
    /** Resolves when everything that was given has been delivered or has failed. */
    drain(): Promise<void>;
}

/** Without an address, and for lines that cannot be delivered, the log is the standard error stream. */
export function engineLog(address: string | undefined): EngineLog {
    const client =
        address === undefined ? undefined : new EngineClient(address, grpc.credentials.createInsecure());
    let last: Promise<void> = Promise.resolve();
    const write = (urn: string, line: string): void => {
        if (client === undefined) {
            process.stderr.write(`${line}\n`);
            return;
        }
        const request = new LogRequest();
        request.setSeverity(LogSeverity.INFO);
        request.setMessage(line);
        request.setUrn(urn);
        request.setEphemeral(true);
        last = last.then(
            () =>
                new Promise((resolve) => {
                    client.log(request, (error) => {
                        if (error !== null) {
                            process.stderr.write(`${line}\n`);
                        }
                        resolve();
                    });
                }),
        );
    };
    return { status: write, drain: () => last };
}

/** The engine's address: the argument that is no flag. `--tracing` takes a value. */
export function engineAddress(args: readonly string[]): string | undefined {
    return args.find((arg, i) => !arg.startsWith("-") && args[i - 1] !== "--tracing");
}
