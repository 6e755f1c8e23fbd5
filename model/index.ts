/** The model; start reading at model.ts. */
export * from "./digest";
export * from "./domain";
export * from "./enclaves";
export * from "./fact";
export * from "./model";
export * from "./network";
export * from "./resource";
export * from "./seed";
export * from "./storage";
export * from "./stylesheet";
export * from "./tree";
