/**
 * What the host application knows about its people, read when a decision needs it and never stored. One port; an
 * adapter for a host's HTTP endpoint and one for views of its SQL database fulfil it (`_conformance.ts`).
 */
import type { FieldsOf, Purpose } from "@troth/protocol";

/** Purposes that can be shared beside a host: those that ask the person, and whose fields a host can have. */
export const HOST_PURPOSES = ["friend_suggestions", "relevant_ads"] as const satisfies readonly Purpose[];
export type HostPurpose = (typeof HOST_PURPOSES)[number];

export function isHostPurpose(purpose: string): purpose is HostPurpose {
	return (HOST_PURPOSES as readonly string[]).includes(purpose);
}

/** Null where the host has nothing under a field, or nothing that can be a value of it. */
export type HostValues<P extends HostPurpose> = { readonly [field in FieldsOf<P>]: string | null };

export interface HostFacts extends AsyncDisposable {
	/**
	 * The fields of one purpose about one person, and no other fields; undefined where the host has no such person.
	 * Rejects with FieldsUnavailable, soon, where the host does not answer.
	 */
	read<P extends HostPurpose>(purpose: P, hostId: string): Promise<HostValues<P> | undefined>;
	/** Which of these people the host has. Rejects as `read` does: silence never says that somebody is gone. */
	known(hostIds: readonly string[]): Promise<ReadonlySet<string>>;
}

/** Can this be somebody's id? What is none is asked of nobody. */
export function isHostId(id: string): boolean {
	return id !== "" && id.length <= LONGEST_ID && !/\p{Cc}/u.test(id) && id.isWellFormed();
}

const LONGEST_ID = 128;
const E164 = /^\+[1-9]\d{6,14}$/;
const LONGEST_FACT = 100;

/** A value as it may leave, or null: what is no number in E.164 is not sent as one. */
export function cleanValue(field: string, value: unknown): string | null {
	if (typeof value !== "string" || value === "" || value.length > LONGEST_FACT || /\p{Cc}/u.test(value)) return null;
	if (field !== "phone_number") return value;
	const number = value.replaceAll(/[\s().-]/g, "");
	return E164.test(number) ? number : null;
}
