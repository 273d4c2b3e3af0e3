/** Signed statements as they come from outside. */
import { type DescMessage, fromBinary, type MessageShape } from "@bufbuild/protobuf";
import { Refusal, type Signed } from "@troth/protocol";

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
