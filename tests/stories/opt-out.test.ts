/**
 * The articles' model, corrected (H2): the box is shown ticked, and for 30 days after acceptance nothing leaves. Anna
 * unticks at acceptance, ben does nothing, cora accepts and opts out on day 29. Through the real API and the real
 * command, with the parent as it is and the clock moved.
 */
import assert from "node:assert/strict";
import { join } from "node:path";
import { after, before, test } from "node:test";
import { openProfile, registerProfile } from "@troth/client/device/open.node.ts";
import { isResidual } from "@troth/protocol";
import { openRecords } from "@troth/storage";
import { linkOf } from "@troth/transparency";
import { openDoorStore } from "../../bridge/door/store/open-store.ts";
import { DAY } from "../../client/stories/_sharing.ts";
import { troth } from "../../client/troth/_troth.ts";
import type { Records } from "../../messenger/records/schema.ts";
import { type ParentWorld, startParentWorld } from "./_parent.ts";

const ANNA = "+15550108301";
const BEN = "+15550108302";
const CORA = "+15550108303";
const EVERYBODY = { anna: ANNA, ben: BEN, cora: CORA } as const;
type Name = keyof typeof EVERYBODY;
const NAMES = Object.keys(EVERYBODY) as readonly Name[];

let world: ParentWorld;
let acceptedAtMs: number;
const dirOf = (name: Name) => join(world.directory, `profile-${name}`);
const command = async (name: Name, ...args: readonly string[]) => {
	const ran = await troth([...args, "--profile", dirOf(name), "--json"]);
	assert.equal(ran.code, 0, ran.stderr);
	return ran.lines;
};

before(async () => {
	world = await startParentWorld();
	for (const name of NAMES) {
		const phone = EVERYBODY[name];
		const where = { dir: dirOf(name), server: world.world.url, phone, name };
		await registerProfile({ ...where, code: async () => world.world.code(phone), acceptTerms: true });
		for (const company of [world.family, world.photos]) await company.signUp(name, phone);
	}
	await world.publish("opt-out");
	world.clock.advance(DAY);
});

after(async () => {
	await world?.[Symbol.asyncDispose]();
});

/** The door does all there is to do, and what the companies hold of each is told. */
async function held(): Promise<Readonly<Record<Name, readonly string[]>>> {
	for (let n = 0; n < 3; n++) {
		world.clock.advance(60_000);
		await world.door.tick();
	}
	const of = async (name: Name) =>
		[...(await world.family.holds(EVERYBODY[name])), ...(await world.photos.holds(EVERYBODY[name]))] as const;
	return { anna: await of("anna"), ben: await of("ben"), cora: await of("cora") };
}

const NOTHING = { anna: [], ben: [], cora: [] };

/**
 * Of whom the public log has anything that is theirs to refuse. Who has a share key knows beforehand what chain values
 * would be theirs, so every leaf is looked for: all others are padding, or what needs nobody's yes.
 */
async function inTheLog(): Promise<readonly Name[]> {
	const records = await openRecords<Records>({
		kind: "sqlite",
		path: join(world.directory, "messenger", "records.sqlite"),
	});
	const store = await openDoorStore({ kind: "sqlite", path: join(world.directory, "door", "door.sqlite") });
	try {
		const leaves = await store.selectFrom("leaf").select("bytes").execute();
		const keys = await records
			.selectFrom("share_key")
			.innerJoin("account", "account.account_id", "share_key.account_id")
			.select(["phone", "share_key"])
			.execute();
		const rows = await store
			.selectFrom("share")
			.innerJoin("chain", "chain.account_id", "share.account_id")
			.select(["share_key", "n", "purpose"])
			.execute();
		return NAMES.filter((name) => {
			const key = keys.find(({ phone }) => phone === EVERYBODY[name])?.share_key;
			assert.ok(key !== undefined);
			const recorded = rows.filter(({ share_key }) => Buffer.compare(share_key, key) === 0);
			for (let n = 1; n <= 20; n++) {
				const link = Buffer.from(linkOf(key, n));
				const there = leaves.some(({ bytes }) => Buffer.from(bytes).includes(link));
				assert.equal(
					there,
					recorded.some((row) => row.n === n),
					"a leaf without a record, or a record without one",
				);
			}
			return recorded.some(({ purpose }) => !isResidual(purpose));
		});
	} finally {
		await records.destroy();
		await store.destroy();
	}
}

/** What the command says was shared for a purpose that one can refuse. */
async function sharesOf(name: Name): Promise<readonly string[]> {
	const lines = await command(name, "shares");
	return lines
		.filter(({ purpose }) => !isResidual(String(purpose)))
		.map(({ field, purpose, recipient, state, basis, verified }) => {
			return [field, purpose, recipient, state, basis, verified].join(" ");
		})
		.sort();
}

test("each accepts: anna unticks, ben and cora leave the boxes as they are shown", async () => {
	{
		await using anna = await openProfile({ dir: dirOf("anna") });
		await anna.caughtUp();
		const { purposes, model } = await anna.terms(2);
		assert.equal(model, "opt_out");
		const ticked = purposes.filter(({ choice, initiallyOn }) => choice && initiallyOn).map(({ id }) => id);
		assert.deepEqual(ticked, ["friend_suggestions", "relevant_ads"]);
		await anna.confirmNotice(2);
		await anna.acceptTerms(2);
		const unticked = ticked.map((purpose) => ({ purpose, granted: false }));
		await anna.decide(unticked, { control: "buttons", initiallyOn: true, place: "notice" });
	}
	for (const name of ["ben", "cora"] as const) {
		const [accepted] = await command(name, "accept", "2");
		const choices = accepted?.["choices"] as readonly { purpose: string; state: string; flowsFrom?: number }[];
		const stand = choices.map(({ purpose, state }) => `${purpose} ${state}`);
		assert.deepEqual(stand, ["friend_suggestions granted", "relevant_ads granted", "account_linking unset"]);
		acceptedAtMs = (choices[0]?.flowsFrom ?? 0) - 30 * DAY;
		assert.ok(Math.abs(acceptedAtMs - world.clock.now()) < 60_000);
	}
	assert.deepEqual(await held(), NOTHING);
});

test("29 days later nothing of anybody has left: no record, no leaf, nothing at the companies", async () => {
	world.clock.advance(acceptedAtMs + 29 * DAY - world.clock.now());
	assert.deepEqual(await held(), NOTHING);
	assert.deepEqual(await inTheLog(), []);
	for (const name of NAMES) assert.deepEqual(await sharesOf(name), []);
});

test("on day 29 cora opts out; at the last second of the 30 days still nothing has left", async () => {
	for (const purpose of ["friend_suggestions", "relevant_ads"]) {
		const [{ state } = {}] = await command("cora", "consent", "withdraw", purpose);
		assert.equal(state, "withdrawn");
	}
	world.clock.advance(acceptedAtMs + 30 * DAY - 200_000 - world.clock.now());
	assert.deepEqual(await held(), NOTHING);
	assert.deepEqual(await inTheLog(), []);
});

test("31 days after the acceptance only ben's has come, each entry with its proof", async () => {
	world.clock.advance(acceptedAtMs + 31 * DAY - world.clock.now());
	const numbers = ["friend_suggestions phone_number", "relevant_ads phone_number", "friend_suggestions phone_number"];
	assert.deepEqual(await held(), { ...NOTHING, ben: numbers });
	assert.deepEqual(await inTheLog(), ["ben"]);
	assert.deepEqual(await sharesOf("ben"), [
		"phone_number friend_suggestions family shared opt_out true",
		"phone_number friend_suggestions photos shared opt_out true",
		"phone_number relevant_ads family shared opt_out true",
	]);
	for (const name of ["anna", "cora"] as const) assert.deepEqual(await sharesOf(name), []);
	assert.ok((await world.family.traces(ANNA)).every((trace) => !trace.includes(ANNA.slice(1))));
});

const SUGGESTIONS = ["friend_suggestions phone_number", "friend_suggestions phone_number"];

test("version 3 has no ads: ben does nothing, and what that covered leaves the parent", async () => {
	await world.publish("opt-out", 3, "relevant_ads");
	assert.deepEqual(await held(), { ...NOTHING, ben: SUGGESTIONS });
	assert.ok((await sharesOf("ben")).includes("phone_number relevant_ads family acknowledged opt_out true"));
});

test("who accepts version 3 does not wait another 30 days for what has the same words, and its no stays a no", async () => {
	await command("ben", "accept", "3");
	assert.deepEqual(await held(), { ...NOTHING, ben: SUGGESTIONS });
	await command("anna", "accept", "3");
	assert.deepEqual(await held(), { ...NOTHING, ben: SUGGESTIONS });
	await command("anna", "consent", "grant", "friend_suggestions");
	assert.deepEqual(await held(), { ...NOTHING, anna: SUGGESTIONS, ben: SUGGESTIONS });
});

test("anna and ben take it back as easily, and it is gone there", async () => {
	for (const name of ["anna", "ben"] as const) await command(name, "consent", "withdraw", "friend_suggestions");
	assert.deepEqual(await held(), NOTHING);
});
