/** Settings of an enclave: its ports, its Gateway and its Workstations. */
import { z } from "zod";
import { BRIDGE_FORM, OWN_BRIDGE_FORM } from "../values/bridges";
import { CUSTOM_PORTS, HTTP_TUNNEL_PORTS } from "../values/ports";
import { READY_TIMEOUT } from "../values/gate";
import { egressKeys } from "./egress";
import { clock } from "./clock";
import { name, NAME_FORM, bridge, cpus } from "./forms";
import { natNetwork, bridgeNetwork } from "./networks";
import { memoryMiB, vcpus, root, workstation } from "./guest";

/** Some of the ports of a range, each once. */
const ports = (range: readonly number[], what: string): z.ZodArray<z.ZodInt> =>
    z
        .array(
            z
                .int("a port's number")
                .refine((port) => range.includes(port), `${what}; docs/ports.md says how each is isolated`)
                .meta({ minimum: range[0], maximum: range.at(-1) }),
        )
        .superRefine((list, context) =>
            list.forEach((port, i) => {
                if (list.indexOf(port) < i) {
                    context.addIssue({
                        code: "custom",
                        path: [i],
                        message: `each port once; ${port} is there already`,
                    });
                }
            }),
        );

const CUSTOM_FORM = `the SocksPorts ${CUSTOM_PORTS[0]} to ${CUSTOM_PORTS.at(-1)}`;

const HTTP_TUNNEL_FORM = `the HTTP tunnel ports ${HTTP_TUNNEL_PORTS[0]?.port} to ${HTTP_TUNNEL_PORTS.at(-1)?.port}`;

export const enclave = z.strictObject({
    name: name.meta({
        description:
            "Name of the enclave. Guests, networks, pools and MACs hang on it: another name is another enclave.",
        allowed: NAME_FORM,
        examples: ["research"],
    }),
    external: z
        .discriminatedUnion("mode", [natNetwork, bridgeNetwork])
        .default({ mode: "nat" })
        .meta({
            description: "The network of the Gateway's outer NIC.",
            examples: [{ mode: "bridge", bridge: "br0", address: "192.0.2.10/24", route: "192.0.2.1" }],
        }),
    isolated: z
        .strictObject({
            bridge: bridge
                .optional()
                .meta({
                    description: "Name of the isolated network's bridge.",
                    allowed: `${BRIDGE_FORM}, ${OWN_BRIDGE_FORM}`,
                    defaults: "derived from the names of project, stack and enclave",
                    examples: ["lab-inner"],
                }),
        })
        .default({})
        .meta({
            description: "The network of Gateway and Workstations.",
            examples: [{ bridge: "lab-inner" }],
        }),
    transparentProxy: z
        .boolean()
        .default(true)
        .meta({
            description:
                "Whether TCP and DNS that go to no SocksPort are carried over Tor as well. If false, SocksPorts only.",
            examples: [false],
        }),
    ...egressKeys,
    customSocksPorts: ports(CUSTOM_PORTS, CUSTOM_FORM)
        .optional()
        .meta({
            description: "Which SocksPorts for other programs are open.",
            allowed: `${CUSTOM_FORM}, each once; docs/ports.md says how each is isolated`,
            defaults: "all",
            examples: [[9152, 9160]],
        }),
    httpTunnelPorts: ports(
        HTTP_TUNNEL_PORTS.map((p) => p.port),
        HTTP_TUNNEL_FORM,
    )
        .default([])
        .meta({
            description: "Which ports for programs that speak HTTP CONNECT and no SOCKS are open.",
            allowed: `${HTTP_TUNNEL_FORM}, each once; docs/ports.md says how each is isolated`,
            examples: [[9190]],
        }),
    clock,
    cpus: cpus
        .optional()
        .meta({
            description: "Processors of the lab host for this enclave alone.",
            allowed: "processors as libvirt writes them, such as 2-5,8; no other enclave's",
            defaults: "any",
            examples: ["2-5,8"],
        }),
    gateway: z
        .strictObject({
            memoryMiB,
            vcpus,
            root,
            state: z
                .strictObject({
                    sizeMiB: z
                        .int("a whole number of MiB")
                        .min(64, "at least 64 MiB")
                        .max(65536, "at most 65536 MiB")
                        .default(256)
                        .meta({
                            description:
                                "Size of the state volume when it is made. Later: `bin/sallyport resize`.",
                            unit: "MiB",
                            examples: [512],
                        }),
                })
                .prefault({})
                .meta({
                    description:
                        "The volume for tor's data: entry guards, keys, consensus. It outlives its guest.",
                    examples: [{ sizeMiB: 512 }],
                }),
            readyTimeoutSeconds: z
                .int("a whole number of seconds")
                .min(READY_TIMEOUT.least, `at least ${READY_TIMEOUT.least}`)
                .max(READY_TIMEOUT.most, `at most ${READY_TIMEOUT.most}`)
                .default(READY_TIMEOUT.default)
                .meta({
                    description: "How long Workstations wait for their Gateway's tor.",
                    unit: "seconds",
                    examples: [600],
                }),
        })
        .prefault({})
        .meta({ description: "The guest that runs tor.", examples: [{ memoryMiB: 512 }] }),
    workstations: z
        .array(workstation)
        .max(200, "at most 200 Workstations")
        .prefault([{ name: "ws1" }])
        .meta({
            description: "Guests that can reach their Gateway and nothing else.",
            examples: [[{ name: "irc" }, { name: "browser", control: true }]],
        }),
});
