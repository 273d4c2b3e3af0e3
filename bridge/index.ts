/** The door of the bridge: the policy core that the accounts' side uses, and what the process at the door needs. */
export * from "./consent/tables.ts";
