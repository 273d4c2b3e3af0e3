import { type AccountId, idBytes, LIMITS, readId } from "@troth/protocol";
import type { DeviceContext } from "../device/context.ts";
import { showChangedKeys } from "./changed-keys.ts";
import { learnDeviceList } from "./directory.ts";

/** Asks the server for these accounts' device lists and keeps those that may be believed. */
export async function learnLists(context: DeviceContext, accounts: readonly AccountId[]): Promise<void> {
	for (let i = 0; i < accounts.length; i += LIMITS.accountsPerRequest) {
		const asked = accounts.slice(i, i + LIMITS.accountsPerRequest);
		const { lists } = await context.rpc.accounts.getDeviceLists({ accountIds: asked.map((id) => idBytes(id)) });
		await context.state.transact(async (draft) => {
			for (const { accountId, deviceList } of lists) {
				const account = readId<AccountId>(accountId);
				if (account === undefined || !asked.includes(account)) continue;
				await learnDeviceList(context.engine, draft, account, deviceList, (part, changed, what) =>
					showChangedKeys(context, part, changed, context.serverNow(), what),
				);
			}
		});
	}
}
