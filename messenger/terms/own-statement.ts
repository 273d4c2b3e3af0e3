/** Statements that a device signs about its own person and about a published version. */
import type { DescMessage, MessageShape } from "@bufbuild/protobuf";
import { idBytes, type Label, Refusal, type Signed } from "@troth/protocol";
import { verifySigned } from "../accounts/ed25519.ts";
import { decodeStatement } from "../accounts/statements.ts";
import type { MessengerContext, Session } from "../context.ts";
import type { PublishedTerms } from "./published-terms.ts";

/** Reads a statement of the session's own device. Refuses with MALFORMED, or UNAUTHENTICATED where another one speaks. */
export async function readOwnStatement<Desc extends DescMessage>(
	{ directory }: Pick<MessengerContext, "directory">,
	session: Session,
	label: Label,
	schema: Desc,
	value: Signed | undefined,
): Promise<{ readonly signed: Signed; readonly statement: MessageShape<Desc> }> {
	const { signed, statement } = decodeStatement(schema, value);
	const known = await directory.known(session.device);
	if (known === undefined || !verifySigned(known.key, label, signed))
		throw new Refusal("UNAUTHENTICATED", "the statement is not signed by this device");
	const { accountId, deviceId } = statement as Partial<{ accountId: Uint8Array; deviceId: Uint8Array }>;
	if (!sameBytes(accountId, idBytes(session.account)) || !sameBytes(deviceId, idBytes(session.device)))
		throw new Refusal("UNAUTHENTICATED", "the statement is another device's");
	return { signed, statement };
}

/** What a statement names as the text that was shown. */
export interface ShownText {
	readonly version: number;
	readonly policyHash: Uint8Array;
	readonly textHash: Uint8Array;
	/** Where it is left out, any locale of the version will do. */
	readonly locale?: string;
}

/** Was this very text published? Refuses with TERMS_VERSION_UNKNOWN. */
export function checkPublishedText(terms: PublishedTerms, shown: ShownText): void {
	const policy = terms.version(shown.version);
	const texts = policy?.texts.filter(({ locale }) => shown.locale === undefined || locale === shown.locale) ?? [];
	if (
		policy === undefined ||
		!sameBytes(shown.policyHash, policy.hash) ||
		!texts.some(({ hash }) => sameBytes(shown.textHash, hash))
	)
		throw new Refusal("TERMS_VERSION_UNKNOWN", "no such version, or another text than the published one");
}

export function sameBytes(bytes: Uint8Array | undefined, expected: Uint8Array): boolean {
	return bytes !== undefined && Buffer.compare(bytes, expected) === 0;
}
