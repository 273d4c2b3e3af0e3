/** Statements with a signature over `label || 0x00 || statement` (`protocol/labels.ts`), made and checked. */
import { create } from "@bufbuild/protobuf";
import { type Label, type Signed, SignedSchema, signedBytes } from "@troth/protocol";
import type { MlsEngine, SigningKeys } from "../mls/engine.ts";

/** Signs the statement for one purpose; it verifies for no other. */
export async function signStatement(
	engine: MlsEngine,
	keys: SigningKeys,
	label: Label,
	statement: Uint8Array,
): Promise<Signed> {
	const signature = await engine.sign(keys, signedBytes(label, statement));
	return create(SignedSchema, { statement, signature });
}

/** True where this key signed this statement for this purpose. Never throws on hostile bytes. */
export async function verifyStatement(
	engine: MlsEngine,
	publicKey: Uint8Array,
	label: Label,
	signed: Pick<Signed, "statement" | "signature">,
): Promise<boolean> {
	if (publicKey.length !== 32 || signed.signature.length !== 64) return false;
	try {
		return await engine.verify(publicKey, signedBytes(label, signed.statement), signed.signature);
	} catch {
		return false;
	}
}
