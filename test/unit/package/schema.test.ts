/** The package's schema is the configuration's: every key, with its type. */
import { CONFIG_KEYS } from "../../../config/schema";
import { packageSchema } from "../../../package/schema";

interface Property {
    readonly $ref?: string;
    readonly type?: string;
    readonly items?: Property;
    readonly default?: unknown;
    readonly secret?: boolean;
}
interface Type {
    readonly properties?: Readonly<Record<string, Property>>;
    readonly required?: readonly string[];
    readonly enum?: readonly { readonly value: string }[];
}

const schema = JSON.parse(packageSchema()) as {
    readonly types: Readonly<Record<string, Type>>;
    readonly resources: Readonly<Record<string, { readonly inputProperties: Record<string, Property> }>>;
};
const type = (name: string): Type => schema.types[`sallyport:index:${name}`] ?? {};

it("a LabHost takes the keys of the configuration, none of them required", () => {
    const host = schema.resources["sallyport:index:LabHost"];
    expect(Object.keys(host?.inputProperties ?? {}).sort()).toEqual([...CONFIG_KEYS].sort());
    expect(host).not.toHaveProperty("requiredInputs");
    expect(host?.inputProperties["enclaves"]?.items?.$ref).toBe("#/types/sallyport:index:Enclave");
});

it("has numbers as integers with their defaults, and choices as enums", () => {
    expect(type("EnclaveWorkstation").required).toEqual(["name"]);
    expect(type("EnclaveWorkstation").properties?.["vcpus"]).toMatchObject({ type: "integer", default: 1 });
    expect(type("VirtType").enum).toEqual([{ value: "kvm" }, { value: "qemu" }]);
});

it("has a choice of several objects as one flat object, of which only the choice is required", () => {
    expect(type("EnclaveExternal").required).toEqual(["mode"]);
    expect(Object.keys(type("EnclaveExternal").properties ?? {}).sort()).toEqual(
        ["address", "bridge", "mac", "mode", "route", "subnet"].sort(),
    );
    expect(type("EnclaveExternalMode").enum).toEqual([{ value: "nat" }, { value: "bridge" }]);
    expect(type("EnclaveEgressMode").enum).toEqual(
        ["tor", "bridges", "relay-set"].map((value) => ({ value })),
    );
});

it("marks every secret of the configuration", () => {
    const secrets = Object.entries(schema.types).flatMap(([name, { properties }]) =>
        Object.entries(properties ?? {}).flatMap(([key, property]) =>
            property.secret === true ? [`${name.split(":").at(-1) ?? ""}.${key}`] : [],
        ),
    );
    expect(secrets.sort()).toEqual([
        "EnclaveEgress.bridges",
        "EnclaveTunnel.presharedKey",
        "EnclaveTunnel.privateKey",
        "EnclaveUpstreamProxy.password",
    ]);
});

it("refers to no type that it does not have", () => {
    const references = [...packageSchema().matchAll(/"#\/types\/([^"]+)"/g)].map(([, name]) => name ?? "");
    expect(references.filter((name) => !(name in schema.types))).toEqual([]);
});
