import { defineFilter, sameFilter } from "../../../cli/define-filter";
import { filterNames } from "../../../cli/remove-filter";
import type { Virsh, VirshResult } from "../../../libvirt/client";
import { INNER_GATEWAY, innerMac } from "../../../values/addresses";
import { WORKSTATION_FILTER_RULES, workstationFilterXml } from "../../../libvirt/workstation-filter";

const NAME = "sallyport-test-red-isolated";
const XML = workstationFilterXml(NAME);
const ok = (stdout = ""): VirshResult => ({ outcome: "ok", stdout, message: "" });

/** Answers by the first word. */
const virsh =
    (answers: Readonly<Record<string, VirshResult>>): Virsh =>
    (args) =>
        Promise.resolve(
            answers[args[0] ?? ""] ?? {
                outcome: "error",
                stdout: "",
                message: `not asked: ${args.join(" ")}`,
            },
        );

/** As libvirt 9.0 writes it: spaces, and attributes in an order of its own. */
const libvirts = XML.replace("chain='root'", 'chain="root"')
    .replaceAll("/></rule>", "/>\n  </rule>")
    .replace("srcmacaddr='$MAC' arpsrcmacaddr='$MAC'", "arpsrcmacaddr='$MAC' srcmacaddr='$MAC'");

test("the filter lets out IPv4 to the Gateway's MAC and ARP about its address, lets in the Gateway's frames for this NIC, and drops the rest", () => {
    const gateway = innerMac(INNER_GATEWAY);
    expect(WORKSTATION_FILTER_RULES.filter((r) => r.direction === "out").map((r) => r.match)).toEqual([
        { srcmacaddr: "$MAC", arpsrcmacaddr: "$MAC", arpdstipaddr: INNER_GATEWAY },
        { srcmacaddr: "$MAC", dstmacaddr: gateway, protocolid: "ipv4" },
    ]);
    expect(WORKSTATION_FILTER_RULES.filter((r) => r.direction === "in").map((r) => r.match)).toEqual([
        { srcmacaddr: gateway, dstmacaddr: "$MAC", protocolid: "arp" },
        { srcmacaddr: gateway, dstmacaddr: "ff:ff:ff:ff:ff:ff", protocolid: "arp" },
        { srcmacaddr: gateway, dstmacaddr: "$MAC", protocolid: "ipv4" },
    ]);
    expect(WORKSTATION_FILTER_RULES.at(-1)).toEqual({
        action: "drop",
        direction: "inout",
        priority: 1000,
        protocol: "mac",
        match: {},
    });
    expect(
        WORKSTATION_FILTER_RULES.slice(0, -1).every((r) => r.action === "accept" && r.priority < 1000),
    ).toBe(true);
});

test("one name has one UUID, so that defining it again replaces it; a name that XML would have to quote is refused", () => {
    expect(workstationFilterXml(NAME)).toBe(XML);
    expect(/<uuid>[0-9a-f]{8}-[0-9a-f]{4}-8[0-9a-f]{3}-8[0-9a-f]{3}-[0-9a-f]{12}<\/uuid>/.test(XML)).toBe(
        true,
    );
    expect(workstationFilterXml("other")).not.toContain(/<uuid>.*<\/uuid>/.exec(XML)?.[0]);
    expect(() => workstationFilterXml("a'/><rule")).toThrow(/no name of a filter/);
});

test("what libvirt shows is compared rule by rule", () => {
    expect(sameFilter(libvirts, XML)).toBe(true);
    const changes: [string, string][] = [
        ["action='drop'", "action='accept'"],
        ["direction='inout'", "direction='in'"],
        ["arpdstipaddr='10.152.152.10'", ""],
        ["dstmacaddr='$MAC'", ""],
        ["dstmacaddr='ff:ff:ff:ff:ff:ff'", "dstmacaddr='$MAC'"],
        ["dstmacaddr='52:54:00:98:98:0a'", "dstmacaddr='52:54:00:98:98:0b'"],
        ["</filter>", "  <filterref filter='allow-ipv4'/></filter>"],
        ["</filter>", "  <rule action='accept' direction='out' priority='50'><mac/></rule></filter>"],
        ["chain='root'", "chain='mac'"],
    ];
    for (const [from, to] of changes) {
        const changed = XML.replace(from, to);
        expect(changed).not.toBe(XML);
        expect([from, sameFilter(changed, XML)]).toEqual([from, false]);
    }
});

test("a filter is read back after it was defined", async () => {
    await expect(
        defineFilter(
            virsh({ "nwfilter-define": ok(), "nwfilter-dumpxml": ok(libvirts) }),
            "qemu:///system",
            NAME,
        ),
    ).resolves.toBeUndefined();
    await expect(
        defineFilter(
            virsh({
                "nwfilter-define": ok(),
                "nwfilter-dumpxml": ok(XML.replace("action='drop'", "action='accept'")),
            }),
            "qemu:///system",
            NAME,
        ),
    ).rejects.toThrow(/is not what was asked for/);
    await expect(defineFilter(virsh({ "nwfilter-define": ok() }), "qemu:///system", NAME)).rejects.toThrow(
        /was defined and can't be read back: not asked/,
    );
});

test("a libvirt without a driver for filters is told, with the fix", async () => {
    const refused: VirshResult = {
        outcome: "error",
        stdout: "",
        message: "this function is not supported by the connection driver: virNWFilterDefineXML",
    };
    await expect(
        defineFilter(virsh({ "nwfilter-define": refused }), "qemu:///system", NAME),
    ).rejects.toMatchObject({
        message: expect.stringMatching(/does not define filter .*not supported/) as string,
        fix: expect.stringMatching(/libvirt-daemon-driver-nwfilter/) as string,
    });
});

test("names in a list", () => {
    expect(
        filterNames(
            " 5a11907e-0000-4000-8000-000000000001   a-isolated\n " +
                "5a11907e-0000-4000-8000-000000000002   clean-traffic\n\n",
        ),
    ).toEqual(["a-isolated", "clean-traffic"]);
});
