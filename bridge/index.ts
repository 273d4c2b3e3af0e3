/** The door of the bridge: the policy core that the accounts' side uses, and what the process at the door needs. */
export * from "./consent/evidence.ts";
export * from "./consent/record.ts";
export * from "./consent/share-key.ts";
export * from "./consent/standing.ts";
export * from "./consent/tables.ts";
export * from "./decision/decide.ts";
export * from "./lifecycle/lifecycle.ts";
export * from "./policy/lint.ts";
export * from "./policy/policy.ts";
export * from "./policy/policy-error.ts";
export * from "./policy/promises.ts";
