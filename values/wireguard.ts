/** WireGuard's keys (wg(8), "keys"): 32 bytes in base64. */

const KEY = /^[A-Za-z0-9+/]{42}[AEIMQUYcgkosw048]=$/;

/** What a key looks like, for messages. */
export const KEY_FORM = "44 characters of base64, as wg genkey and wg pubkey print them";

export const isWireGuardKey = (text: string): boolean => KEY.test(text);
