import { sourcePath } from "../../../values/source-path";

/**
 * What Go 1.24's net/url makes of a source: the path that provider 0.8.3 opens, or nothing where it ends with
 * an error.
 */
const GO: readonly (readonly [source: string, opens: string | undefined])[] = [
    ["/images/x.qcow2", "/images/x.qcow2"],
    ["file:///images/x.qcow2", "/images/x.qcow2"],
    ["/my images/x.qcow2", "/my images/x.qcow2"],
    ["/a:b@c/x+y;z=1&w/x.qcow2", "/a:b@c/x+y;z=1&w/x.qcow2"],
    ["/ü/x.qcow2", "/ü/x.qcow2"],
    ["/images/../x", "/images/../x"],
    ["/images//x", "/images//x"],
    ["/a[b]\\c/x", "/a[b]\\c/x"],
    ["/images/x.qcow2?good", "/images/x.qcow2"],
    ["/images/%78.qcow2", "/images/x.qcow2"],
    ["/images/x.qcow2#good", "/images/x.qcow2"],
    ["file://decoy/images/x.qcow2", "/images/x.qcow2"],
    ["//decoy/images/x.qcow2", "/images/x.qcow2"],
    ["file:/images/x.qcow2", "/images/x.qcow2"],
    ["file:images/x.qcow2", ""],
    ["FILE:///images/x.qcow2", "/images/x.qcow2"],
    ["images/x.qcow2", "images/x.qcow2"],
    ["./x.qcow2", "./x.qcow2"],
    ["file://localhost/images/x.qcow2", "/images/x.qcow2"],
    ["file:////images/x.qcow2", "//images/x.qcow2"],
    ["///images/x.qcow2", "///images/x.qcow2"],
    ["/images/x.qcow2?", "/images/x.qcow2"],
    ["/images/x.qcow2#", "/images/x.qcow2"],
    ["/images/%2e%2e/x", "/images/../x"],
    ["/images/%zz", undefined],
    ["https://cloud.example.test/x", "/x"],
    ["httpfoo:///x", "/x"],
    ["file://u@h:1/x", "/x"],
    ["c:/x", "/x"],
    ["?/images/x", ""],
    ["#/images/x", ""],
    ["/images/\u0001x", undefined],
    ["file:", ""],
    ["file://", ""],
    ["/", "/"],
    ["", ""],
];

it.each(GO)("%j is one file to every reader, or none", (source, opens) => {
    const path = sourcePath(source);
    // Whoever checks the sum, and provider 0.9, take the text without file://.
    expect([undefined, opens]).toContain(path);
    expect([undefined, source.replace(/^file:\/\//, "")]).toContain(path);
});

it("takes plain paths, bare or after file://", () => {
    expect(GO.slice(0, 8).map(([source]) => sourcePath(source))).toEqual(
        GO.slice(0, 8).map(([, opens]) => opens),
    );
});
