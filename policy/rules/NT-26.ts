import { nicsOf, type Attachment } from "../../topology/model";
import { must, nicSubject, subjectOf } from "../check";
import type { Rule } from "../rule";
import { eachDomain } from "../select";

const rule: Rule = {
    id: "NT-26",
    title: "Every reference leads to something that is declared here",
    why: "A network, volume or seed that the host happens to have by this name may be anything: \"default\" is a NAT network on most hosts.",
    severity: "critical",
    fix: "Declare it in this stack, or correct the name.",
    limits: "In a first preview ids are not known: as many as volumes feed the input are taken for those volumes', which reports name under what they rest on; a text that the program makes of an id cannot be told from it.",
    check: (model) => [...model.volumes.flatMap((volume) =>
        must(`${subjectOf(volume)} base`, volume.base, (base) => base === undefined || base.from === "volume", "no base, or a volume that is declared in this stack, is needed")),
    ...eachDomain(model, "all", (domain) => [
        ...nicsOf(domain).flatMap((nic) => must<Attachment>(nicSubject(domain, nic), nic.attachment, (a) => a.to !== "undeclared-network", "the network has to be declared in this stack")),
        ...(domain.disks.kind === "known" ? domain.disks.value : []).flatMap((disk) =>
            must(`${subjectOf(domain)} disk ${disk.index}`, disk.source, (source) => source.from === "volume", "a volume or seed that is declared in this stack is needed")),
    ])],
};

export default rule;
