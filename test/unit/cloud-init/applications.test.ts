/** Applications of a Workstation: what their files say. That it is so in a guest is shown by test-image. */
import { applicationFiles } from "../../../cloud-init/applications/index";
import { socksPortOf } from "../../../values/ports";

const files = applicationFiles("10.152.152.10", false);
const content = (path: string): string => files.find((f) => f.path === path)?.content ?? `no ${path}`;

it("gpg's network part asks none but a tor", () => {
    expect(content("/etc/gnupg/dirmngr.conf")).toMatch(/^use-tor$/m);
});

it.each([
    ["/home/user/.curlrc", "curl"],
    ["/etc/gitconfig", "git"],
    ["/etc/apt/apt.conf.d/90sallyport", "apt"],
])("%s leaves names to the exit, on the port for %s", (path, port) => {
    expect(content(path)).toContain(`socks5h://10.152.152.10:${socksPortOf(port)}`);
});

it("ssh goes through its own port, and shell functions wrap nothing", () => {
    expect(content("/etc/ssh/ssh_config.d/30-sallyport.conf")).toContain(
        `socks-connect 10.152.152.10 ${socksPortOf("ssh")} %h %p`,
    );
    expect(content("/etc/profile.d/sallyport.sh")).not.toContain("()");
});

describe("Tor Browser", () => {
    const environment = (control: boolean): string[] =>
        (
            applicationFiles("10.152.152.10", control).find((f) => f.path === "/etc/profile.d/sallyport.sh")
                ?.content ?? ""
        )
            .split("\n")
            .filter((line) => line.startsWith("export "))
            .flatMap((line) => line.replace("export ", "").split(" "))
            .sort();
    const socks = ["TOR_SKIP_LAUNCH=1", "TOR_SOCKS_HOST=10.152.152.10", "TOR_SOCKS_PORT=9150"];

    it("without a control port only sets its proxy", () => {
        expect(environment(false)).toEqual(["TOR_PROVIDER=none", ...socks]);
    });

    it("with one is led to the filtered one", () => {
        expect(environment(true)).toEqual([
            "TOR_CONTROL_HOST=10.152.152.10",
            "TOR_CONTROL_PORT=9051",
            ...socks,
        ]);
    });
});
