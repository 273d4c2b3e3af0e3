/** The session's device as a speaker: its statements are checked with the key of the account's device list. */
import type { DescMessage, MessageShape } from "@bufbuild/protobuf";
import { readOwnStatement as readStatementOf, type Speaker } from "@troth/bridge";
import { type Label, type Signed, verifySigned } from "@troth/protocol";
import type { MessengerContext, Session } from "../context.ts";

type Needs = Pick<MessengerContext, "directory">;

export function speakerOf({ directory }: Needs, { account, device }: Session): Speaker {
	return {
		account,
		device,
		async signed(label, signed) {
			const known = await directory.known(device);
			return known !== undefined && verifySigned(known.signatureKey, label, signed);
		},
	};
}

/** Reads a statement of the session's own device. Refuses with MALFORMED, or UNAUTHENTICATED where another one speaks. */
export function readOwnStatement<Desc extends DescMessage>(
	context: Needs,
	session: Session,
	label: Label,
	schema: Desc,
	value: Signed | undefined,
): Promise<{ readonly signed: Signed; readonly statement: MessageShape<Desc> }> {
	return readStatementOf(speakerOf(context, session), label, schema, value);
}
