import { Refusal } from "@troth/protocol";
import type { Directory, Session } from "../context.ts";

interface Asked {
	readonly directory: Directory;
}

/**
 * Gives the time from which on this has to be asked again. Refuses with TERMS_NOT_ACCEPTED where no version is
 * accepted, with SUSPENDED where the deadline to accept a newer one passed.
 */
export async function requireTerms({ directory }: Asked, { account }: Pick<Session, "account">): Promise<number> {
	const service = await directory.service(account);
	if (service.open) return service.untilMs;
	throw service.code === "SUSPENDED" ? suspended() : new Refusal("TERMS_NOT_ACCEPTED", "no terms are accepted yet");
}

/** Refuses with SUSPENDED only: for what who has not accepted anything yet may do. */
export async function requireNoSuspension({ directory }: Asked, { account }: Pick<Session, "account">): Promise<void> {
	const service = await directory.service(account);
	if (!service.open && service.code === "SUSPENDED") throw suspended();
}

function suspended(): Refusal {
	return new Refusal("SUSPENDED", "the time to accept the terms in force is over: accepting them lifts this");
}
