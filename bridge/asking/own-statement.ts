/** Statements that a device signs about its own person and about a published version. */
import { type DescMessage, fromBinary, type MessageShape } from "@bufbuild/protobuf";
import { type AccountId, type DeviceId, idBytes, type Label, Refusal, type Signed } from "@troth/protocol";
import type { PublishedTerms } from "./published-terms.ts";

/** Who speaks: an account through one of its devices. */
export interface Speaker {
	readonly account: AccountId;
	readonly device: DeviceId;
	/** Did this device sign the statement as this kind of statement? */
	signed(label: Label, signed: Signed): Promise<boolean>;
}

/** The statement inside a `Signed`, its signature not yet checked. Refuses with MALFORMED. */
export function decodeStatement<Desc extends DescMessage>(
	schema: Desc,
	signed: Signed | undefined,
): { readonly signed: Signed; readonly statement: MessageShape<Desc> } {
	if (signed === undefined) throw new Refusal("MALFORMED", `a signed ${schema.name} is missing`);
	try {
		return { signed, statement: fromBinary(schema, signed.statement) };
	} catch (error) {
		throw new Refusal("MALFORMED", `the statement is not a ${schema.name}`, { cause: error });
	}
}

/** Reads a statement of the speaking device. Refuses with MALFORMED, or UNAUTHENTICATED where another one speaks. */
export async function readOwnStatement<Desc extends DescMessage>(
	speaker: Speaker,
	label: Label,
	schema: Desc,
	value: Signed | undefined,
): Promise<{ readonly signed: Signed; readonly statement: MessageShape<Desc> }> {
	const { signed, statement } = decodeStatement(schema, value);
	if (!(await speaker.signed(label, signed)))
		throw new Refusal("UNAUTHENTICATED", "the statement is not signed by this device");
	const { accountId, deviceId } = statement as Partial<{ accountId: Uint8Array; deviceId: Uint8Array }>;
	if (!sameBytes(accountId, idBytes(speaker.account)) || !sameBytes(deviceId, idBytes(speaker.device)))
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
