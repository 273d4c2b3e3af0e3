/** Where people live and how old they are: what the server says, takes and takes back (B11). */
import assert from "node:assert/strict";
import { test } from "node:test";
import { refusalOf, startTestMessenger } from "../_fixture.ts";
import { type Decider, fileOf, newDecider, OPERATOR, publish } from "./_person.ts";

const CARLA = "+15550100003";
/** A number that is in use in Germany. */
const DORA = "+4930901820";
const settings = { operatorToken: OPERATOR };
const SHOWN_ON = { presentation: { initiallyOn: true } };

const CHOICES = ["friend_suggestions", "relevant_ads", "account_linking"];

/** Of what is asked: "purpose", with "(on)" where the control stands on, and why nothing flows. */
async function shown(person: Decider): Promise<readonly string[]> {
	const { choices } = await person.standing();
	return choices
		.filter(({ purpose }) => CHOICES.includes(purpose))
		.map(({ purpose, initiallyOn, denied }) => `${purpose}${initiallyOn ? " (on)" : ""}: ${denied}`);
}

const outbox = (rows: readonly { kind: string; purpose: string; recipient: string; generation: number }[]) =>
	rows.map(({ kind, purpose, recipient, generation }) => `${kind} ${purpose} ${recipient} ${generation}`);

test("an opt-out stands on only for people in its regions; elsewhere a yes has to be their own (sqlite)", async () => {
	await using messenger = await startTestMessenger({ stores: "sqlite", settings });
	assert.equal((await publish(messenger, await fileOf("opt-out"))).status, 201);
	const carla = await newDecider(messenger, CARLA);
	const dora = await newDecider(messenger, DORA);
	assert.equal((await carla.standing()).person?.numberRegion, "US");
	assert.equal((await dora.standing()).person?.numberRegion, "DE");
	const unasked = ["friend_suggestions (on)", "relevant_ads (on)", "account_linking"];
	assert.deepEqual(
		await shown(carla),
		unasked.map((one) => `${one}: NOT_GRANTED`),
	);
	assert.deepEqual(
		await shown(dora),
		unasked.map((one) => `${one.replace(" (on)", "")}: NOT_GRANTED`),
	);
	const left = dora.decide({ relevant_ads: true }, SHOWN_ON);
	assert.equal((await refusalOf(left)).code, "PURPOSE_NOT_ALLOWED");
	assert.equal(await dora.choice("relevant_ads"), "UNSET 0");
	await dora.decide({ relevant_ads: true });
	assert.equal(await dora.choice("relevant_ads"), "GRANTED 1");

	await carla.decide({ friend_suggestions: true, relevant_ads: true }, SHOWN_ON);
	assert.equal((await shown(carla))[0], "friend_suggestions (on): EMBARGO");
	// She lives in Germany: what she left on ends, and does not come back with her.
	const { standing } = await carla.sharing.describePerson({ declaredRegion: "DE" });
	assert.deepEqual([standing?.person?.numberRegion, standing?.person?.declaredRegion], ["US", "DE"]);
	assert.equal(await carla.choice("friend_suggestions"), "WITHDRAWN 1");
	await carla.sharing.describePerson({ declaredRegion: "" });
	assert.equal((await carla.standing()).person?.declaredRegion, "");
	assert.equal(await carla.choice("friend_suggestions"), "WITHDRAWN 1");
	assert.equal((await shown(carla))[0], "friend_suggestions (on): WITHDRAWN");
	await messenger.restart(async ({ records }) => {
		const rows = await records.selectFrom("share_outbox").selectAll().orderBy("id").execute();
		assert.deepEqual(outbox(rows.filter(({ account_id }) => account_id === carla.account)).slice(3), [
			"recall friend_suggestions family 1",
			"recall friend_suggestions photos 1",
			"recall relevant_ads family 1",
			"recall usage_metrics family 0",
			"recall usage_metrics photos 0",
		]);
	});
	await carla.login();
	assert.equal((await carla.standing()).person?.numberRegion, "US", "it is stored");
});

test("who says that they are a minor gets no ads by a profile, and can say no all the same", async () => {
	await using messenger = await startTestMessenger({ settings });
	await publish(messenger, await fileOf("opt-in"));
	const carla = await newDecider(messenger, CARLA);
	await carla.decide({ friend_suggestions: true, relevant_ads: true });
	assert.equal((await carla.sharing.describePerson({ minor: true })).standing?.person?.minor, true);
	assert.deepEqual(
		[await carla.choice("friend_suggestions"), await carla.choice("relevant_ads")],
		[...["GRANTED 1", "WITHDRAWN 1"]],
	);
	assert.equal((await shown(carla))[1], "relevant_ads: MINOR");
	assert.equal((await refusalOf(carla.decide({ relevant_ads: true }))).code, "PURPOSE_NOT_ALLOWED");
	await carla.decide({ relevant_ads: false });
	await carla.sharing.describePerson({ minor: false });
	assert.equal(await carla.choice("relevant_ads"), "WITHDRAWN 1");
	await carla.decide({ relevant_ads: true });
	assert.equal(await carla.choice("relevant_ads"), "GRANTED 2");
});

test("a region is two capital letters of ISO, and what is not said stays as it was", async () => {
	await using messenger = await startTestMessenger({ settings });
	const carla = await newDecider(messenger, CARLA);
	for (const declaredRegion of ["de", "ZZ", "*", "DEU"])
		assert.equal((await refusalOf(carla.sharing.describePerson({ declaredRegion }))).code, "MALFORMED", declaredRegion);
	await carla.sharing.describePerson({ declaredRegion: "DE", minor: true });
	await carla.sharing.describePerson({});
	const { person } = await carla.standing();
	assert.deepEqual([person?.declaredRegion, person?.minor], ["DE", true]);
});
