/** What the setting `image` is as long as no golden image is named: `up` is refused then. */
export const NO_IMAGE = "none";
