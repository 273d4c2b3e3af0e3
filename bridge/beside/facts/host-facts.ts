/**
 * What the host application knows about its people, read when a decision needs it and never stored. One port; an
 * adapter for a host's HTTP endpoint and one for views of its SQL database fulfil it (`_conformance.ts`).
 */
import type { Field, Purpose } from "@troth/protocol";

/** What a host can be asked about one of its people, by purpose. Nothing else beside a host needs the host. */
export const HOST_COLUMNS = {
	friend_suggestions: ["phone_number"],
	relevant_ads: ["phone_number"],
} as const satisfies { readonly [purpose in Purpose]?: readonly Field[] };

export type HostPurpose = keyof typeof HOST_COLUMNS;
export type HostColumn<P extends HostPurpose = HostPurpose> = (typeof HOST_COLUMNS)[P][number];

export function isHostPurpose(purpose: string): purpose is HostPurpose {
	return Object.hasOwn(HOST_COLUMNS, purpose);
}

/** What the host calls each of these columns; what is left out it does not have. */
export type ColumnNames<P extends HostPurpose = HostPurpose> = { readonly [column in HostColumn<P>]?: string };

/** Null where the host has nothing in a column, or nothing that can be a value of it. */
export type HostValues<P extends HostPurpose = HostPurpose> = { readonly [column in HostColumn<P>]: string | null };

export interface HostFacts extends AsyncDisposable {
	/**
	 * The columns of one purpose about one person, and no others; undefined where the host has no such person.
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

/** The columns of a purpose as they may leave, out of what the host said under its own names. */
export function cleanValues<P extends HostPurpose>(
	purpose: P,
	names: ColumnNames<P>,
	said: Readonly<Record<string, unknown>>,
): HostValues<P> {
	const columns: readonly HostColumn<P>[] = HOST_COLUMNS[purpose];
	const values = columns.map((column) => {
		const name = names[column];
		return [column, name === undefined ? null : cleanValue(column, said[name])] as const;
	});
	return Object.fromEntries(values) as HostValues<P>;
}

/** A value as it may leave, or null: what is no number in E.164 is not sent as one. */
function cleanValue(field: Field, value: unknown): string | null {
	if (typeof value !== "string" || value === "" || value.length > LONGEST_FACT || /\p{Cc}/u.test(value)) return null;
	if (field !== "phone_number") return value;
	const number = value.replaceAll(/[\s().-]/g, "");
	return E164.test(number) ? number : null;
}
