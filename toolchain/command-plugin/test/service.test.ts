/** The service over a real gRPC connection: what the SDK in this project cannot ask for. */
import * as grpc from "@grpc/grpc-js";
import { ResourceProviderClient, ResourceProviderService } from "@pulumi/pulumi/proto/provider_grpc_pb";
import {
    CheckRequest,
    ConfigureRequest,
    CreateRequest,
    InvokeRequest,
} from "@pulumi/pulumi/proto/provider_pb";
import { Struct } from "google-protobuf/google/protobuf/struct_pb";
import { Jobs } from "../run";
import { commandService } from "../service";

const server = new grpc.Server();
let client: ResourceProviderClient;

beforeAll(async () => {
    const log = { status: () => undefined, drain: () => Promise.resolve() };
    server.addService(ResourceProviderService, commandService(log, new Jobs()));
    const port = await new Promise<number>((resolve, reject) =>
        server.bindAsync("127.0.0.1:0", grpc.ServerCredentials.createInsecure(), (e, p) =>
            e === null ? resolve(p) : reject(e),
        ),
    );
    client = new ResourceProviderClient(`127.0.0.1:${port}`, grpc.credentials.createInsecure());
});
afterAll(() => {
    client.close();
    server.forceShutdown();
});

type Call<Q, A> = (
    request: Q,
    done: (e: grpc.ServiceError | null, answer: A) => void,
) => grpc.ClientUnaryCall;
const ask = <Q, A>(method: Call<Q, A>, request: Q): Promise<A> =>
    new Promise((resolve, reject) =>
        method.call(client, request, (e, answer) => (e === null ? resolve(answer) : reject(e))),
    );

const urn = (token: string): string => `urn:pulumi:s::p::parent:index:Group$${token}::n`;

it.each(["command:remote:Command", "command:local:CommandX", "other:index:Command"])(
    "refuses %s by name",
    async (token) => {
        const request = new CheckRequest();
        request.setUrn(urn(token));
        request.setNews(Struct.fromJavaScript({}));
        await expect(ask(client.check.bind(client) as Call<CheckRequest, unknown>, request)).rejects.toThrow(
            `command:local:Command only, not ${token}`,
        );
        const create = new CreateRequest();
        create.setUrn(urn(token));
        await expect(ask(client.create.bind(client) as Call<CreateRequest, unknown>, create)).rejects.toThrow(
            token,
        );
    },
);

it("refuses functions", async () => {
    const request = new InvokeRequest();
    request.setTok("command:local:run");
    await expect(ask(client.invoke.bind(client) as Call<InvokeRequest, unknown>, request)).rejects.toThrow(
        "no functions",
    );
});

it("takes secrets", async () => {
    const answer = await ask(
        client.configure.bind(client) as Call<ConfigureRequest, { getAcceptsecrets(): boolean }>,
        new ConfigureRequest(),
    );
    expect(answer.getAcceptsecrets()).toBe(true);
});
