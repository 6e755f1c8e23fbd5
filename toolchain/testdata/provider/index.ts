import * as pulumi from "@pulumi/pulumi";

interface Echo { text: string; echoed?: string }

const schema = {
    name: "testing",
    version: "0.1.0",
    resources: {
        "testing:index:Echo": {
            properties: { text: { type: "string" }, echoed: { type: "string" } },
            required: ["text", "echoed"],
            inputProperties: { text: { type: "string" } },
            requiredInputs: ["text"],
        },
    },
};

const echo = (inputs: Echo): Echo => ({ text: inputs.text, echoed: inputs.text });

const provider: pulumi.provider.Provider = {
    version: "0.1.0",
    schema: JSON.stringify(schema),
    async check(_urn: string, _olds: Echo, news: Echo) {
        return { inputs: news, failures: news.text === "" ? [{ property: "text", reason: "must not be empty" }] : [] };
    },
    async diff(_id: string, _urn: string, olds: Echo, news: Echo) {
        return { changes: olds.text !== news.text };
    },
    async create(urn: string, inputs: Echo) {
        return { id: urn.split("::").pop()!, outs: echo(inputs) };
    },
    async update(_id: string, _urn: string, _olds: Echo, news: Echo) {
        return { outs: echo(news) };
    },
};

pulumi.provider.main(provider, process.argv.slice(2));
