/** The end of the account, asked for by its person on this device. */
import { create, toBinary } from "@bufbuild/protobuf";
import { AccountDeletionSchema, idBytes, LABELS } from "@troth/protocol";
import { signStatement } from "../identity/signed.ts";
import type { DeviceContext } from "./context.ts";

/**
 * Ends the account at the server. Resolves when everything that was shared is on its way to be recalled and no device
 * of the account counts any more. Rejects with UNAVAILABLE where the server does not answer.
 */
export async function deleteAccount({ engine, keys, self, rpc, serverNow }: DeviceContext): Promise<void> {
	const statement = create(AccountDeletionSchema, {
		accountId: idBytes(self.account),
		deviceId: idBytes(self.device),
		requestedAtMs: BigInt(serverNow()),
	});
	const bytes = toBinary(AccountDeletionSchema, statement);
	await rpc.accounts.deleteAccount({ deletion: await signStatement(engine, keys, LABELS.accountDeletion, bytes) });
}
