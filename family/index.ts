/** The door of the company: what starts it. */
export type { CodeSender } from "./codes/port.ts";
export { familyKeys } from "./keys.ts";
export { type Family, type FamilyOptions, startFamily } from "./server.ts";
