/** What is about nobody is shared in the name of the installation: a chain of its own, under a key of the door's. */
import type { AccountId } from "@troth/protocol";

/** Stands in the outbox where a share is about no account. No account has this id: those are random. */
export const INSTALLATION = "0".repeat(32) as AccountId;
