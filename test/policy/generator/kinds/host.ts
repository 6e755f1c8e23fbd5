/** The lab host: how it is reached, and whether two names are one machine. */
import { PROVIDER, type FixtureResource } from "../../fixtures/resources";
import { COMMAND } from "../../mutants/mutant";
import { ofKind, type Props, type State } from "../production";
import type { Random } from "../random";
import { URI, parametersOf } from "../forms";

/**
 * Addresses of libvirt that are open to all who reach them, unchecked, or another hypervisor's (libvirt's
 * uri.html, 0.8.3 uri/).
 */
function open(r: Random): string {
    const host = r.pick([r.word(), r.ipv4()]);
    return r.pick([
        `qemu+tcp://${host}/system`,
        `qemu+tls://${host}/system`,
        `qemu://${host}/system`,
        `qemu+ext://${host}/system?command=${r.path()}`,
        `qemu+libssh2://${host}/system`,
        `qemu+libssh://${host}/system`,
        `qemu+ssh://${host}/system?no_verify=${r.pick([0, 1])}`,
        `qemu+ssh://${host}/system?command=${r.path()}`,
        `qemu+ssh://${host}/system?netcat=${r.path()}`,
        `qemu+ssh://${host}/system?known_hosts_verify=ignore`,
        `qemu+ssh://${host}/system?known_hosts_verify=auto`,
        `qemu+ssh://root:${r.word()}@${host}/system`,
        `qemu+ssh://${host}/system?knownhosts=/dev/null`,
        `qemu+ssh://${host}/system?sshauth=ignore`,
        `qemu+ssh://${host}/system?${r.word()}=1`,
        "test:///default",
        `xen:///system`,
        `lxc:///system`,
        `esx://${host}/`,
        `vbox:///session`,
        `bhyve:///system`,
        `qemu:///system?name=test:///default`,
        `qemu+unix:///system?mode=legacy&name=${r.word()}`,
        `qemu:///embed?root=${r.path()}`,
        `qemu+ssh://-oProxyCommand=${r.word()}/system`,
        `qemu+ssh://-${r.word()}@${host}/system`,
        `${r.word()}`,
        `qemu+ssh:///system`,
        `qemu+sshcmd://${host}/system?no_verify=1`,
        `qemu:///system?socket=`,
        `qemu+unix://${host}/system`,
        `qemu+ssh://${host}/system?keyfile=${r.path()}&keyfile=${r.path()}`,
        `qemu+ssh://${host}/${r.word()}`,
        ` qemu:///system`,
        `qemu:///system\n`,
        `qemu:///system?socket=${r.path()}&socket=${r.path()}`,
    ]);
}

/** One daemon, by another spelling: libvirt's uri.html; transport, port and user are not who it is. */
const SPELLINGS = [
    "qemu+unix:///system",
    "qemu:///system?",
    "qemu:///system?socket=/var/run/libvirt/libvirt-sock",
    "qemu:///system?socket=/run/libvirt/libvirt-sock",
    "qemu+unix:///system?socket=/run//libvirt/libvirt-sock",
];

const providerAt = (uri: string): string => `${PROVIDER}-twin at ${uri}`;

/** The whole stack once more, on what is called another host. */
function twin(stack: FixtureResource[], uri: string): void {
    const urn = (text: string): string => `${text}-twin`;
    const text = (value: unknown): unknown => {
        if (typeof value === "string") {
            return value.replaceAll(URI, uri);
        }
        if (Array.isArray(value)) {
            return value.map(text);
        }
        return typeof value === "object" && value !== null
            ? Object.fromEntries(Object.entries(value).map(([k, v]) => [k, text(v)]))
            : value;
    };
    for (const f of [...stack]) {
        stack.push({
            ...structuredClone({ ...f, props: {} }),
            urn: urn(f.urn),
            name: f.name,
            props: f.type === COMMAND ? (text(f.props) as Props) : f.props,
            ...(f.parent === undefined ? {} : { parent: urn(f.parent) }),
            dependencies: f.dependencies.map(urn),
            propertyDependencies: Object.fromEntries(
                Object.entries(f.propertyDependencies).map(([key, urns]) => [key, urns.map(urn)]),
            ),
            ...(f.type.startsWith("libvirt:") ? { provider: providerAt(uri) } : {}),
        });
    }
}

const provider = (states: readonly State[], pkg = "libvirt"): State =>
    states.find((s) => s.type === `pulumi:providers:${pkg}`) as State;

export default ofKind("host", [
    {
        on: "stack",
        forms: ["resources"],
        name: "a libvirt that is open, unchecked or another",
        why: "HS-08",
        change: (r, stack) => {
            const uri = open(r);
            for (const f of stack.filter((x) => x.type.startsWith("libvirt:"))) {
                f.provider = `${PROVIDER} at ${uri}`;
            }
        },
    },
    {
        on: "export",
        name: "a libvirt that is open, unchecked or another",
        why: "HS-08",
        change: (r, states) => {
            provider(states).inputs["uri"] = open(r);
        },
    },
    {
        on: "export",
        name: "a libvirt that the environment names",
        why: "HS-08: LIBVIRT_DEFAULT_URI is whatever the next shell says",
        change: (r, states) => {
            const { inputs } = provider(states);
            r.pick<() => void>([
                () => {
                    Reflect.deleteProperty(inputs, "uri");
                    Reflect.deleteProperty(provider(states).outputs, "uri");
                },
                () => {
                    inputs["uri"] = "";
                },
                () => {
                    inputs["uri"] = "04da6b54-80e4-46f7-96ec-b56ff0331ba9";
                },
            ])();
        },
    },
    {
        on: "stack",
        forms: ["resources", "export"],
        needs: (base) => !base.title.includes("tunnel"),
        name: "one libvirt under two names, with everything twice",
        why: "uri.html: both reach one daemon, whose second network of a name is the first",
        change: (r, stack) => {
            twin(stack, r.pick(SPELLINGS));
        },
    },
    {
        on: "export",
        name: "a provider from somewhere else",
        why:
            "sdk providers: pluginDownloadURL, name, version and parameterization say which program " +
            "is run as the provider",
        change: (r, states) => {
            const state = provider(states, r.pick(["libvirt", "command"]));
            const internal = state.inputs["__internal"] as Props;
            const url = r.pick([
                `https://${r.word()}.test`,
                `github://api.github.com/${r.word()}/${r.word()}`,
            ]);
            const remote = (value: Props): string =>
                Buffer.from(JSON.stringify({ remote: value })).toString("base64");
            r.pick<() => void>([
                () => {
                    internal["pluginDownloadURL"] = url;
                },
                () => {
                    state.inputs["pluginDownloadURL"] = url;
                },
                ...(state.type.endsWith(":libvirt")
                    ? [
                          () => {
                              internal["parameterization"] = parametersOf((p) => {
                                  p.url = p.url.replace("dmacvicar", r.word());
                              });
                          },
                          () => {
                              internal["parameterization"] = parametersOf((p) => {
                                  p.url = `${r.word()}.test/dmacvicar/libvirt`;
                              });
                          },
                          () => {
                              internal["name"] = r.word();
                          },
                      ]
                    : [
                          () => {
                              internal["name"] = r.word();
                              internal["parameterization"] = remote({ url: r.word(), version: "1" });
                          },
                      ]),
            ])();
        },
    },
    {
        on: "export",
        name: "a provider of a package that may do anything",
        why: "ACT-01",
        change: (r, states) => {
            const pkg = r.pick(["docker", "kubernetes", "terraform-provider", r.word()]);
            states.push({
                ...structuredClone(provider(states, "command")),
                urn: `urn:pulumi:test::sallyport::pulumi:providers:${pkg}::default`,
                type: `pulumi:providers:${pkg}`,
            });
        },
    },
]);
