import type { MessageInitShape } from "@bufbuild/protobuf";
import {
	idBytes,
	LIMITS,
	type LookUpNumbersRequest,
	type LookUpNumbersResponseSchema,
	type PhoneNumber,
	Refusal,
} from "@troth/protocol";
import { possibleNumber } from "../accounts/phone-numbers.ts";
import type { MessengerContext, Session } from "../context.ts";
import { findByNumbers } from "./findable.ts";

/**
 * The accounts of an address book's numbers. The numbers live as long as this call: they are compared, and written
 * nowhere. Refuses with MALFORMED, RATE_LIMITED.
 */
export async function lookUpNumbers(
	{ records, rateLimits, limits }: MessengerContext,
	{ phones }: LookUpNumbersRequest,
	session: Session,
): Promise<MessageInitShape<typeof LookUpNumbersResponseSchema>> {
	if (phones.length > LIMITS.numbersPerRequest)
		throw new Refusal("MALFORMED", `at most ${LIMITS.numbersPerRequest} numbers at once`);
	if (phones.length === 0) return { found: [] };
	rateLimits.lookUpNumbers(session.account, phones.length);
	if ((await limits.restriction(session.account, "new-conversations")) !== undefined)
		rateLimits.limitedLookUp(session.account, phones.length);
	const numbers = phones.map(possibleNumber);
	const asked = [...new Set(numbers.filter((number) => number !== undefined))];
	const rows = asked.length === 0 ? [] : await findByNumbers(records, asked, session.account);
	const holders = new Map<PhoneNumber | undefined, (typeof rows)[number]>(rows.map((row) => [row.phone, row]));
	return {
		found: numbers.flatMap((number, index) => {
			const row = holders.get(number);
			return row === undefined
				? []
				: {
						index,
						accountId: idBytes(row.account_id),
						deviceList: { statement: row.list_statement, signature: row.list_signature },
					};
		}),
	};
}
