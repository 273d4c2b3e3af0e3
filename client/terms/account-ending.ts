/**
 * The account was about to end, because it is suspended and none of its devices came for long. Whoever reads that is here,
 * which puts it off; it is kept until the person of this device has seen it, or the account is no longer suspended.
 */
import { fromBinary } from "@bufbuild/protobuf";
import { AccountEndingPayloadSchema, type Entry } from "@troth/protocol";
import type { DeviceContext } from "../device/context.ts";
import type { AccountEnding } from "../device/sharing-api.ts";
import type { Draft } from "../state/draft.ts";
import { KEYS } from "../state/keys.ts";

/** Keeps what the server warned of, and tells it once that is durable. The last warning stands for those before it. */
export function noteEnding(context: DeviceContext, draft: Draft, entry: Entry): void {
	const { warning, endsAtMs, awaySinceMs } = fromBinary(AccountEndingPayloadSchema, entry.payload);
	draft.write(KEYS.accountEnding, { warning, endsAtMs: Number(endsAtMs), awaySinceMs: Number(awaySinceMs) });
	draft.after(() => context.announcer.emit({ type: "account-ending" }));
}

export function accountEnding({ state }: DeviceContext): Promise<AccountEnding | undefined> {
	return state.read(KEYS.accountEnding);
}

/** The person has seen it, or accepted. */
export async function dismissEnding({ state, announcer }: DeviceContext): Promise<void> {
	await state.transact(async (draft) => {
		if ((await draft.read(KEYS.accountEnding)) === undefined) return;
		draft.write(KEYS.accountEnding, undefined);
		draft.after(() => announcer.emit({ type: "account-ending" }));
	});
}
