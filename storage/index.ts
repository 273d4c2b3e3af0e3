/** The door of the stores: what services may import. Engines stay behind the open functions. */
export * from "./blobs.ts";
export { copyDatabase } from "./copy-database.ts";
export * from "./disk/seed.ts";
export * from "./hints.ts";
export * from "./logs.ts";
export * from "./ports.ts";
export * from "./read-only.ts";
export * from "./records.ts";
