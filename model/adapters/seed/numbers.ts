/**
 * Numbers and addresses in one spelling: some readers take a number that begins with 0 for octal, others do
 * not.
 */

const NUMBER = /(^|[ ./:-])0\d/;

/** Whether some number of the text begins with 0. A MAC before " . " is hexadecimal, and no matter. */
export const octal = (text: string): boolean =>
    NUMBER.test(text.replace(/^([0-9a-f]{2}:){5}[0-9a-f]{2}(?= \. )/, ""));

const V4 = /^\d{1,3}(\.\d{1,3}){3}(\/\d{1,2})?$/;
const V6 = /^[0-9a-f:]*:[0-9a-f:.]*(\/\d{1,3})?$/i;

/** Whether a text is an address, with or without a prefix length, and nothing more. */
export const isCidr = (text: string): boolean => (V4.test(text) && !octal(text)) || V6.test(text);
