/** The last letter: what a new device begins with, written in one transaction. */

import { sha256 } from "@noble/hashes/sha2.js";
import { type LinkBundle, Refusal, toHex } from "@troth/protocol";
import { ed25519Key } from "@troth/protocol/ed25519.ts";
import type { Self } from "../device/api.ts";
import { UNKNOWN_ACCOUNT } from "../identity/directory.ts";
import { KEYS } from "../state/keys.ts";
import type { JoiningRecord } from "../state/linking-records.ts";
import type { LocalState } from "../state/local-state.ts";
import type { ProfileRecord } from "../state/records.ts";
import { keepHistory } from "./history.ts";
import { mergeConversation, mergeDecision, mergePerson, mergeProfile, readTrust } from "./own-state.ts";

/** Leaves a profile in the store, and the conversations of the account as such to come in to. */
export async function takeBundle(state: LocalState, record: JoiningRecord, bundle: LinkBundle): Promise<Self> {
	const { accepted, device, keys, server, origin } = record;
	const own = bundle.state;
	if (accepted === undefined || own?.profile === undefined) throw new Refusal("MALFORMED", "this is no bundle");
	const { account, identityKey, agreement } = accepted;
	const blank: ProfileRecord = {
		...{ account, device, server, origin, phone: "", name: "", nameChangedAtMs: -1, generation: 0, halted: undefined },
		settings: { readReceipts: true, typingIndicators: true },
		settingsChangedAtMs: -1,
	};
	const profile = { ...blank, ...mergeProfile(blank, own.profile) };
	const listed = {
		...{ device, signatureKey: keys.publicKey, addedAtMs: Number(bundle.addedAtMs), agreement },
	};
	await state.transact(async (draft) => {
		for (const person of own.people) await mergePerson(draft, account, person);
		for (const conversation of own.conversations) await mergeConversation(draft, conversation);
		for (const decision of own.decisions) mergeDecision(draft, decision, (statement) => toHex(sha256(statement)));
		if (own.trust !== undefined) draft.write(KEYS.trust, readTrust(own.trust));
		draft.write(KEYS.profile, profile);
		const publicKey = toHex(ed25519Key(bundle.identitySeed).publicKey);
		draft.write(KEYS.secrets, { identity: { publicKey, privateKey: toHex(bundle.identitySeed) }, device: keys });
		// The list itself is asked for when this device is there; any one of this key is newer.
		draft.write(KEYS.account(account), { ...UNKNOWN_ACCOUNT, account, identityKey, devices: [listed] });
		keepHistory(draft, bundle.history, Number(bundle.addedAtMs));
		draft.write(KEYS.joining, undefined);
	});
	const { phone, name } = profile;
	return { account, device, phone, name, server };
}
