import { PATHS } from "../../../cloud-init/guest";
import { eachFile, wrongFile } from "../../helpers/seed";
import { eachTorrc, wrongLine } from "../../helpers/torrc";
import type { Rule } from "../../rule";

const rule: Rule = {
    id: "TR-21",
    title: "torrc is one file of root's",
    why: "What tor includes, another user may write.",
    severity: "high",
    fix: "Remove %include; leave the file to root with mode 0644 or less.",
    scope: "seed",
    check: (model) => [
        ...eachTorrc(model, (torrc) =>
            torrc.lines
                .filter((line) => line.option.startsWith("%"))
                .map((line) => wrongLine(torrc, line, "other files are not read")),
        ),
        ...eachFile(model, "gateway", (file, domain) =>
            file.path.startsWith("/etc/tor/") && file.path !== PATHS.torrc
                ? [wrongFile(domain, file, "a second file of tor's")]
                : [],
        ),
        ...eachFile(model, "gateway", (file, domain) =>
            file.path === PATHS.torrc &&
            ((file.owner ?? "root:root") !== "root:root" || !/^0?6[04][04]$/.test(file.permissions ?? "0644"))
                ? [
                      wrongFile(
                          domain,
                          file,
                          `owner ${file.owner ?? "root:root"}, mode ${file.permissions ?? "0644"}`,
                      ),
                  ]
                : [],
        ),
    ],
};

export default rule;
