/** What an existing device hands over to a new one: the account's keys, and where it stands with everybody. */
import { create, toBinary } from "@bufbuild/protobuf";
import { fromHex, LIMITS, LinkBundleSchema, MailboxPlace, type OwnPerson, OwnStateSchema } from "@troth/protocol";
import type { DeviceContext } from "../device/context.ts";
import { KEYS, within } from "../state/keys.ts";
import type { HistoryRecord } from "../state/linking-records.ts";
import type { AccountRecord } from "../state/records.ts";
import type { DecisionRecord } from "../state/sharing-records.ts";
import { sealLetter } from "./letters.ts";
import { identityKeys } from "./own-list.ts";
import { describeConversation, describeDecision, describePerson, describeProfile, describeTrust } from "./own-state.ts";

/** Left for the seal and for what every bundle has. */
const MARGIN_BYTES = 1024;

/** The sealed letter. People that do not fit in come with the history, and in conversations by their device lists. */
export async function makeBundle(
	context: DeviceContext,
	secret: Uint8Array,
	addedAtMs: number,
	history: HistoryRecord,
): Promise<Uint8Array<ArrayBuffer>> {
	const { state, self, random, views } = context;
	const identity = await identityKeys(context);
	const conversations = [...views.records()]
		.filter((record) => record.state === "active" || record.state === "behind" || record.state === "joining")
		.sort((a, b) => b.activityMs - a.activityMs);
	const near = new Set(conversations.flatMap(({ members }) => members.map(({ account }) => account)));
	const people = [...state.keptWithin<AccountRecord>(KEYS.accounts)]
		.filter(({ account }) => account !== self.account)
		.sort((a, b) => Number(near.has(b.account)) - Number(near.has(a.account)));
	const trust = await state.read(KEYS.trust);
	const decisions = await state.rangeKeys<DecisionRecord>(within(KEYS.decisions));
	const bundle = create(LinkBundleSchema, {
		identitySeed: identity.privateKey,
		addedAtMs: BigInt(addedAtMs),
		history: {
			archive: fromHex(history.archive) ?? new Uint8Array(),
			key: fromHex(history.secret) ?? new Uint8Array(),
		},
		state: {
			profile: describeProfile(context.profile()),
			conversations: conversations.map((record) => ({ ...describeConversation(record), active: true })),
			decisions: decisions.map(([key, record]) => describeDecision(key.slice(KEYS.decisions.length), record)),
			...(trust !== undefined && { trust: describeTrust(trust) }),
		},
	});
	const room = LIMITS.letterBytes - MARGIN_BYTES - toBinary(LinkBundleSchema, bundle).length;
	if (bundle.state !== undefined) bundle.state.people = fitting(people.map(describePerson), room);
	return sealLetter(secret, MailboxPlace.BUNDLE, LinkBundleSchema, bundle, random);
}

function fitting(people: readonly OwnPerson[], room: number): OwnPerson[] {
	let left = room;
	const taken: OwnPerson[] = [];
	for (const person of people) {
		left -= toBinary(OwnStateSchema, create(OwnStateSchema, { people: [person] })).length;
		if (left < 0) break;
		taken.push(person);
	}
	return taken;
}
