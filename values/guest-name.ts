/** Names of guests as people write them: `ENCLAVE/WORKSTATION`, `ENCLAVE/gateway`, or libvirt's of the domain. */

const NAME = /^[a-z][a-z0-9-]*(\/[a-z][a-z0-9-]*)?$/;

/** What such a name looks like, for messages. */
export const GUEST_FORM = "ENCLAVE/WORKSTATION or ENCLAVE/gateway, such as default/ws1";

export const isGuestName = (text: string): boolean => text.length <= 200 && NAME.test(text);
