/**
 * What the host application knows about its people, read when a decision needs it and never stored. One port; an
 * adapter for a host's HTTP endpoint and one for views of its SQL database fulfil it (`_conformance.ts`).
 */
import {
	type DeliveryCell,
	type Field,
	isAbuseLabel,
	isAbusePurpose,
	isCaseId,
	isResidual,
	isScoreClass,
	type Purpose,
	readDay,
	USAGE_CLASSES,
} from "@troth/protocol";

/**
 * What a host can be asked about one of its people, by purpose. Where a company gets a name that follows from the number,
 * the number is asked for that name and never shared.
 */
export const HOST_COLUMNS = {
	friend_suggestions: ["phone_number"],
	relevant_ads: ["phone_number"],
	usage_metrics: ["last_used_day", "usage_class"],
	spam_and_abuse: ["phone_number", "label", "score_class"],
	security: ["phone_number", "label", "case_id"],
	infringement: ["phone_number", "label", "case_id"],
} as const satisfies { readonly [purpose in Purpose]?: readonly Field[] };

export type HostPurpose = keyof typeof HOST_COLUMNS;
export type HostColumn<P extends HostPurpose = HostPurpose> = (typeof HOST_COLUMNS)[P][number];

export function isHostPurpose(purpose: string): purpose is HostPurpose {
	return Object.hasOwn(HOST_COLUMNS, purpose);
}

/** What the host calls each of these columns; what is left out it does not have. */
export type ColumnNames<P extends HostPurpose = HostPurpose> = {
	readonly [column in HostColumn<P>]?: string | undefined;
};

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
	/** How delivery went on a day ("2026-11-22"), about nobody. Rejects as `read` does. */
	deliveries(day: string): Promise<readonly DeliveryCell[]>;
}

/** Can this be somebody's id? What is none is asked of nobody. */
export function isHostId(id: string): boolean {
	return id !== "" && id.length <= LONGEST_ID && !/\p{Cc}/u.test(id) && id.isWellFormed();
}

const LONGEST_ID = 128;
/**
 * The columns of a purpose as they may leave, out of what the host said under its own names. Of what asks nobody there is
 * all of it or nothing: half a word is none.
 */
export function cleanValues<P extends HostPurpose>(
	purpose: P,
	names: ColumnNames<P>,
	said: Readonly<Record<string, unknown>>,
): HostValues<P> {
	const columns: readonly HostColumn<P>[] = HOST_COLUMNS[purpose];
	const named = columns.flatMap((column) => {
		const name = names[column];
		return name === undefined ? [] : [[column, cleanValue(purpose, column, said[name])] as const];
	});
	const half = isResidual(purpose) && named.some(([, value]) => value === null);
	const known = new Map(half ? [] : named);
	return Object.fromEntries(columns.map((column) => [column, known.get(column) ?? null])) as HostValues<P>;
}

const LONGEST_FACT = 100;

/** A value as it may leave, or null: what is no number in E.164 is not sent as one. */
function cleanValue(purpose: HostPurpose, field: Field, value: unknown): string | null {
	if (typeof value !== "string" || value === "" || value.length > LONGEST_FACT || /\p{Cc}/u.test(value)) return null;
	const clean = field === "phone_number" ? value.replaceAll(/[\s().-]/g, "") : value;
	return fits(purpose, field, clean) ? clean : null;
}

const E164 = /^\+[1-9]\d{6,14}$/;

function fits(purpose: HostPurpose, field: Field, value: string): boolean {
	switch (field) {
		case "phone_number":
			return E164.test(value);
		case "last_used_day":
			return readDay(value) !== undefined;
		case "usage_class":
			return (USAGE_CLASSES as readonly string[]).includes(value);
		case "label":
			return isAbusePurpose(purpose) && isAbuseLabel(purpose, value);
		case "score_class":
			return isScoreClass(value);
		case "case_id":
			return isCaseId(value);
		default:
			return false;
	}
}
