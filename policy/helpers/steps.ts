/**
 * Whether a command of the stack is one of this project's steps for something that the stack declares: by its
 * values, not by its verb.
 */
import { CLOCK_WINDOW } from "../../values/clock";
import { READY_TIMEOUT } from "../../values/gate";
import { enclavesOf, isGateway, type Domain, type Model, type Resource } from "../../model";
import { own } from "../../util/own";
import { sourcePath } from "../../values/source-path";
import { leadsTo, type Step } from "../../model/steps";
import { WORKSTATION_FILTER_DIGEST } from "../../libvirt/workstation-filter";
import { statusFileOf, storedAs } from "./storage";

type Options = Readonly<Record<string, string>>;
/** Why a step is not as the stack needs it; undefined: it is. */
type Objection = (model: Model, options: Options) => string | undefined;

const unless = (holds: boolean, why: string): string | undefined => (holds ? undefined : why);
const within = (
    text: string | undefined,
    { least, most }: { readonly least: number; readonly most: number },
): boolean => /^[1-9]\d{0,5}$/.test(text ?? "") && Number(text) >= least && Number(text) <= most;

/** Whether a step reads or removes this very Gateway's status file, where the Gateway is. */
export function isStatusOf(model: Model, gateway: Domain, { uri, pool, volume }: Options): boolean {
    const status = statusFileOf(model, gateway);
    return (
        status !== undefined &&
        pool === status.pool &&
        volume === status.volume &&
        leadsTo(model, gateway.host, uri)
    );
}

const isCalled = (domain: Domain, name: string | undefined): boolean =>
    domain.name.kind === "known" && domain.name.value === name;
const gateways = (model: Model): readonly Domain[] => model.domains.filter(isGateway);

/** Isolated networks have a filter each, under their name. */
const filterOfOurs: Objection = (model, { uri, name }) =>
    unless(
        enclavesOf(model).some(
            ({ network }) =>
                network.name.kind === "known" &&
                network.name.value === name &&
                leadsTo(model, network.host, uri),
        ),
        "no isolated network of this name is declared at this URI",
    );

const verifyImage: Objection = (model, { image, sha256 = "" }) =>
    unless(
        /^[0-9a-f]{64}$/.test(sha256) &&
            model.volumes.some(
                (volume) =>
                    volume.source.kind === "known" &&
                    volume.source.value !== undefined &&
                    sourcePath(volume.source.value) === image &&
                    volume.name.kind === "known" &&
                    volume.name.value.includes(sha256.slice(0, 12)),
            ),
        "no volume is filled from this file and named by this sum",
    );

const waitReady: Objection = (model, options) =>
    unless(
        within(options["timeout"], READY_TIMEOUT) &&
            gateways(model).some(
                (gateway) => isCalled(gateway, options["domain"]) && isStatusOf(model, gateway, options),
            ),
        "no Gateway of this name logs to this file at this URI, or the timeout is not " +
            `${READY_TIMEOUT.least} to ${READY_TIMEOUT.most}`,
    );

const defineFilter: Objection = (model, options) =>
    filterOfOurs(model, options) ??
    unless(
        options["rules"] === WORKSTATION_FILTER_DIGEST,
        `these are not the rules of this version, ${WORKSTATION_FILTER_DIGEST}`,
    );

const clearStatus: Objection = (model, options) =>
    unless(
        gateways(model).some((gateway) => isStatusOf(model, gateway, options)),
        "no Gateway logs to this file at this URI",
    );

const checkHost: Objection = (model, { uri, host = "" }) =>
    unless(
        /^[0-9a-f]{8}(-[0-9a-f]{4}){3}-[0-9a-f]{12}\/(system|session)$/.test(host) &&
            model.hosts.some(({ key }) => leadsTo(model, key, uri)),
        "nothing of the stack is at this URI, or the host is no UUID/system",
    );

const wipe: Objection = (model, { uri, pool = "", volume = "", domain }) =>
    unless(
        model.domains.some(
            (guest) =>
                isCalled(guest, domain) &&
                leadsTo(model, guest.host, uri) &&
                storedAs(model, guest.host, pool, volume) !== undefined,
        ),
        "no such guest, or no such volume of the stack, is declared at this URI",
    );

const declaredGuest: Objection = (model, { uri, domain }) =>
    unless(
        model.domains.some((guest) => isCalled(guest, domain) && leadsTo(model, guest.host, uri)),
        "no guest of this name is declared at this URI",
    );

/**
 * Whether a step runs for what it is about. Of a preview's, one that stays has run for what was there before:
 * what is made anew (`pulumi up --target`, `--replace`) comes without it.
 */
export const runsFor = ({ operation: step }: Resource, { operation: made }: Resource): boolean =>
    step !== "same" || (made !== "create" && made !== "replace");

const VERBS: Readonly<Record<string, { readonly when: "create" | "delete"; readonly objection: Objection }>> =
    {
        "verify-image": { when: "create", objection: verifyImage },
        "wait-ready": { when: "create", objection: waitReady },
        "clock-offset": {
            when: "create",
            objection: (_model, { window }) =>
                unless(
                    within(window, CLOCK_WINDOW),
                    `the window is not ${CLOCK_WINDOW.least} to ${CLOCK_WINDOW.most}`,
                ),
        },
        "define-filter": { when: "create", objection: defineFilter },
        "remove-filter": { when: "delete", objection: filterOfOurs },
        "clear-status": { when: "delete", objection: clearStatus },
        "check-host": { when: "delete", objection: checkHost },
        wipe: { when: "delete", objection: wipe },
        "guest-id": { when: "create", objection: declaredGuest },
        "stop-guest": { when: "delete", objection: declaredGuest },
    };

/**
 * Why a step is none of this project's for what the stack declares; undefined: it is one.
 * @param property of the command that it stands in
 */
export function stepObjection(model: Model, property: string, { verb, options }: Step): string | undefined {
    if (verb === "true") {
        return unless(
            property === "create" || property === "delete",
            "it runs when the resource is created or deleted, and at no other time",
        );
    }
    const known = own(VERBS, verb);
    if (known === undefined) {
        return "it is no step";
    }
    return known.when === property ? known.objection(model, options) : `it runs at ${known.when} alone`;
}
