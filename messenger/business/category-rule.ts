/**
 * Which messages of a business may be stored, decided from what the sender authenticated outside of the ciphertext
 * (`AuthenticatedData`) and from what each receiver said and did. A pure function; it knows nothing of the content.
 * That the content keeps what the outside says is checked by the receiver's device (`client/content/template.ts`).
 */
import { BusinessCategory, Refusal, toHex } from "@troth/protocol";

/** How long after a person's message a business may answer freely. */
export const SERVICE_WINDOW_MS = 24 * 60 * 60 * 1000;

/** The part of a message's header that the rule is about. */
export interface CategoryHeader {
	/** As it stands on the wire: 0 where there is none, and perhaps a number that nobody knows. */
	readonly category: number;
	readonly consentId: Uint8Array | undefined;
	readonly hasTemplate: boolean;
}

/** A decision of a person about one category of one business. Nothing said is no decision. */
export interface Said {
	readonly permission: "allowed" | "stopped";
	readonly consentId: string;
}

/** One of those who would get the message. */
export interface Receiver {
	said(category: BusinessCategory): Said | undefined;
	/** When they last wrote in this conversation, UTC milliseconds; undefined where they never did. */
	readonly wroteMs: number | undefined;
}

/** Why somebody who is no business may not send this. Undefined for what people send. */
export function judgePerson({ category, consentId, hasTemplate }: CategoryHeader): Refusal | undefined {
	if (category === BusinessCategory.UNSPECIFIED && consentId === undefined && !hasTemplate) return undefined;
	return new Refusal("CATEGORY_INVALID", "only businesses name a category, a receipt or a template");
}

/**
 * Why a business may not send this to these receivers now, or undefined where it may. CATEGORY_INVALID: no category, or
 * a template where it does not belong. CATEGORY_STOPPED, CATEGORY_NOT_ALLOWED, WINDOW_CLOSED: what one receiver said,
 * did not say, or when they last wrote.
 */
export function judgeBusiness(
	header: CategoryHeader,
	receivers: Iterable<Receiver>,
	nowMs: number,
): Refusal | undefined {
	const category = knownCategory(header.category);
	if (category === undefined) return new Refusal("CATEGORY_INVALID", "a business names the category of its message");
	if (header.hasTemplate === (category === BusinessCategory.SERVICE))
		return new Refusal("CATEGORY_INVALID", "every category but service is for messages from a template");
	const consentId = header.consentId === undefined ? undefined : toHex(header.consentId);
	for (const receiver of receivers) {
		const refusal = judgeReceiver(category, consentId, receiver, nowMs);
		if (refusal !== undefined) return refusal;
	}
	return undefined;
}

function judgeReceiver(
	category: BusinessCategory,
	consentId: string | undefined,
	{ said, wroteMs }: Receiver,
	nowMs: number,
): Refusal | undefined {
	const decision = said(category);
	if (decision?.permission === "stopped")
		return new Refusal("CATEGORY_STOPPED", "the person stopped messages of this category from this business");
	if (consentId !== undefined && decision?.consentId !== consentId)
		return new Refusal("CATEGORY_NOT_ALLOWED", "the receipt that the message names is not in force");
	switch (category) {
		case BusinessCategory.MARKETING:
			if (consentId !== undefined) return undefined;
			return new Refusal("CATEGORY_NOT_ALLOWED", "marketing names the person's receipt");
		case BusinessCategory.SERVICE:
			if (wroteMs !== undefined && nowMs - wroteMs <= SERVICE_WINDOW_MS) return undefined;
			return new Refusal("WINDOW_CLOSED", "the person has not written within the customer service window");
		default:
			// Without a receipt the first one is a request that the person answers (E3); until then it arrives.
			return undefined;
	}
}

/** The category with this number; undefined for 0 and for numbers that this version does not know. */
export function knownCategory(value: number): BusinessCategory | undefined {
	switch (value) {
		case BusinessCategory.SERVICE:
		case BusinessCategory.UTILITY:
		case BusinessCategory.AUTHENTICATION:
		case BusinessCategory.MARKETING:
			return value;
		default:
			return undefined;
	}
}
