/** Takes a seed apart. What cannot be parsed is opaque with the parser's own words; nothing is skipped. */
import { PATHS } from "../../../cloud-init/guest";
import {
    hidden,
    known,
    mapFact,
    marked,
    opaque,
    sealOf,
    type Fact,
    type Origin,
    type SeedContent,
    type SeedFile,
} from "../..";
import { parseNetworkConfig } from "./network-config";
import { parseRuleset } from "./nft";
import { once } from "./once";
import { parseSysctls } from "./sysctl";
import { parseTorrc } from "./torrc";
import { parseUserData } from "./user-data";
import { isRecord, plainYaml } from "./yaml";

/** Characters of one part of a seed; ours have 40,000. */
const LONGEST = 1024 * 1024;

/** Parse a known text; absent stays absent, what throws is opaque. */
function parsed<T>(
    text: Fact<string | undefined>,
    parse: (text: string, at: Origin) => T,
): Fact<T | undefined> {
    if (text.kind !== "known") {
        return hidden(text);
    }
    if (text.value === undefined) {
        return known(undefined, text.at);
    }
    if (text.value.length > LONGEST) {
        return opaque(
            text.at,
            `it has ${text.value.length} characters; at most ${LONGEST} are read ` +
                `${marked(sealOf(text.value))}`,
        );
    }
    try {
        return known(parse(text.value, text.at), text.at);
    } catch (error) {
        const said = error instanceof Error ? error.message : String(error);
        const why = error instanceof RangeError ? "it nests too deep" : said;
        return opaque(text.at, `it cannot be read: ${why} ${marked(sealOf(text.value))}`);
    }
}

const ruleset = once(parseRuleset);
const torrc = once(parseTorrc);
const sysctls = once(parseSysctls);

function textOf(files: Fact<readonly SeedFile[]>, path: string): Fact<string | undefined> {
    if (files.kind !== "known") {
        return hidden(files);
    }
    const file = files.value.find((f) => f.path === path);
    return file === undefined ? known(undefined, files.at) : known(file.content, file.at);
}

/** meta-data, whose values are texts. */
function parseMetaData(text: string): Readonly<Record<string, string>> {
    const data = plainYaml(text) ?? {};
    if (!isRecord(data)) {
        throw new Error("meta-data is no mapping");
    }
    return Object.fromEntries(
        Object.entries(data).map(([key, value]) => {
            if (typeof value !== "string") {
                throw new Error(`meta-data ${key} is no text`);
            }
            return [key, value];
        }),
    );
}

interface SeedTexts {
    readonly userData: Fact<string | undefined>;
    readonly networkConfig: Fact<string | undefined>;
    readonly metaData: Fact<string | undefined>;
}

function read(texts: SeedTexts): SeedContent {
    const user = mapFact(
        parsed(texts.userData, parseUserData),
        (data) => data ?? { files: [], keys: [], settings: {} },
    );
    const meta = parsed(texts.metaData, parseMetaData);
    const files = mapFact(user, (data) => data.files);
    return {
        files,
        keys: mapFact(user, (data) => data.keys),
        settings: mapFact(user, (data) => data.settings),
        role: mapFact(textOf(files, PATHS.role), (text) => text?.replace(/\n$/, "")),
        ruleset: parsed(textOf(files, PATHS.ruleset), ruleset),
        torrc: parsed(textOf(files, PATHS.torrc), torrc),
        sysctls: parsed(textOf(files, PATHS.sysctl), sysctls),
        network: parsed(texts.networkConfig, parseNetworkConfig),
        meta: mapFact(meta, (data) => data ?? {}),
        metaKeys: mapFact(meta, (data) => Object.keys(data ?? {})),
        instanceId: mapFact(meta, (data) => data?.["instance-id"]),
        localHostname: mapFact(meta, (data) => data?.["local-hostname"]),
    };
}

/** The parts of a seed; parsed at the first question, then kept. */
export function seedContent(texts: SeedTexts): SeedContent {
    let content: SeedContent | undefined;
    const part = <K extends keyof SeedContent>(key: K): SeedContent[K] => (content ??= read(texts))[key];
    return {
        get files() {
            return part("files");
        },
        get keys() {
            return part("keys");
        },
        get settings() {
            return part("settings");
        },
        get role() {
            return part("role");
        },
        get ruleset() {
            return part("ruleset");
        },
        get torrc() {
            return part("torrc");
        },
        get sysctls() {
            return part("sysctls");
        },
        get network() {
            return part("network");
        },
        get meta() {
            return part("meta");
        },
        get metaKeys() {
            return part("metaKeys");
        },
        get instanceId() {
            return part("instanceId");
        },
        get localHostname() {
            return part("localHostname");
        },
    };
}
