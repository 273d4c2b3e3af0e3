/** Names of messages and people as Cloud API clients see them. */
import { createHmac } from "node:crypto";
import { type AccountId, fromHex, ID_BYTES, type MessageId, readId } from "@troth/protocol";

/** Two bytes in front of the message id make 24 characters without padding, and tell ours from others'. */
const WAMID_MARK = Buffer.from([0x54, 0x01]);

/** `wamid.` and the message's own id: nothing has to be kept to go from one to the other. */
export function wamidOf(message: MessageId): string {
	const id = fromHex(message) ?? new Uint8Array();
	return `wamid.${Buffer.concat([WAMID_MARK, id]).toString("base64url")}`;
}

/** The message with this id; undefined for an id that this gateway never gave out. */
export function messageOfWamid(wamid: string): MessageId | undefined {
	const bytes = Buffer.from(/^wamid\.([\w-]{24})$/.exec(wamid)?.[1] ?? "", "base64url");
	const marked = bytes.length === WAMID_MARK.length + ID_BYTES && bytes.subarray(0, 2).equals(WAMID_MARK);
	return marked ? readId<MessageId>(bytes.subarray(2)) : undefined;
}

const ALIAS_DIGITS = 10;

/**
 * Digits for somebody whose number the business does not have: other ones at every business, the same for as long as
 * the gateway keeps its key. Country code 999 is assigned to nobody.
 */
export function aliasOf(key: Uint8Array, account: AccountId): string {
	const number = createHmac("sha256", key).update(account).digest().readBigUInt64BE();
	return `999${(number % 10n ** BigInt(ALIAS_DIGITS)).toString().padStart(ALIAS_DIGITS, "0")}`;
}

export function isAlias(digits: string): boolean {
	return digits.length === 3 + ALIAS_DIGITS && digits.startsWith("999");
}

/** The business-scoped user id; ZZ stands for no country. */
export function userIdOf(alias: string): string {
	return `ZZ.${alias}`;
}

/** The digits of a number or user id however it is written; undefined where it can be neither. */
export function digitsOf(address: string): string | undefined {
	const digits = address.replace(/^ZZ\./, "").replaceAll(/[\s().+-]/g, "");
	return /^[1-9]\d{6,14}$/.test(digits) ? digits : undefined;
}
