/**
 * A stand-in for Pulumi's `command` plugin where that cannot be downloaded. It serves command:local:Command
 * for the SDK
 * @pulumi/command and nothing else.
 *
 * Arguments are the engine's: flags, and the address of the engine. The port is the first line of the
 * standard output.
 */
import * as grpc from "@grpc/grpc-js";
import { ResourceProviderService } from "@pulumi/pulumi/proto/provider_grpc_pb";
import { engineAddress, engineLog } from "./engine-log";
import { Jobs } from "./run";
import { commandService } from "./service";

/** The engine's limit for one message (sdk/go/common/util/rpcutil), in bytes. */
const MAX_MESSAGE = 400 * 1024 * 1024;

function main(): void {
    const jobs = new Jobs();
    const server = new grpc.Server({
        "grpc.max_receive_message_length": MAX_MESSAGE,
        "grpc.max_send_message_length": MAX_MESSAGE,
    });
    server.addService(
        ResourceProviderService,
        commandService(engineLog(engineAddress(process.argv.slice(2))), jobs),
    );

    // Whatever ends this process ends what it has started.
    const end = (): void => {
        void jobs.stop().finally(() => process.exit(0));
    };
    process.on("SIGINT", end);
    process.on("SIGTERM", end);
    process.on("exit", () => jobs.kill());

    server.bindAsync("127.0.0.1:0", grpc.ServerCredentials.createInsecure(), (error, port) => {
        if (error !== null) {
            process.stderr.write(
                `command plugin: cannot listen on the loopback interface: ${error.message}\n`,
            );
            process.exit(1);
        }
        process.stdout.write(`${port}\n`);
    });
}

main();
