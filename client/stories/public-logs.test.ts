/** What everybody may read, held by a person's device against what the server tells that person alone. */
import assert from "node:assert/strict";
import { after, before, test } from "node:test";
import { ListSharesResponseSchema } from "@troth/protocol";
import type { ChainEnd, TermsView } from "../device/api.ts";
import { Untrusted } from "../identity/untrusted.ts";
import { Middleman } from "./_lying.ts";
import { type Person, until } from "./_people.ts";
import { DAY, type SharingWorld, startSharingWorld } from "./_sharing.ts";

const ALICE = "+15550106101";
const SETTINGS = { control: "switch", initiallyOn: false, place: "settings" } as const;

const man = new Middleman();
let town: SharingWorld;
let alice: Person;

before(async () => {
	town = await startSharingWorld({ members: [ALICE] });
	await town.door.tick();
	alice = await town.world.person("Alice", { phone: ALICE, ports: man.between });
});

after(async () => {
	await town[Symbol.asyncDispose]();
});

/** Once the index has got as far as this. */
async function end(holds: (end: ChainEnd) => boolean): Promise<ChainEnd> {
	return until("the index gets there", async () => {
		town.clock.advance(10_000);
		await town.door.tick();
		const view = await alice.device.shares();
		return holds(view.end) && view.end;
	});
}

/** The bytes with one letter changed. */
const changed = (at: number) => (bytes: Uint8Array) => {
	const copy = Uint8Array.from(bytes);
	copy[at] = copy[at] === 0x41 ? 0x42 : 0x41;
	return copy;
};

test("a version that everybody can read in the log of policies is accepted, and its place is told", async () => {
	await town.publish("opt-in");
	const terms = await until("the door logs it", async () => {
		await town.door.tick();
		const view = await alice.device.terms(2);
		return view.policyLog.kind === "logged" && view;
	});
	assert.deepEqual(terms.policyLog, {
		kind: "logged",
		log: "troth.example/policy",
		index: 1,
		witnesses: ["witness.example"],
	});
	await alice.device.acceptTerms(2);
});

test("a log of policies that can not be reached holds nobody up; one that does not hold does", async () => {
	const policyLog = async (): Promise<TermsView["policyLog"]> => (await alice.device.terms(2)).policyLog;
	man.cut.add("checkpoint");
	assert.deepEqual(await policyLog(), { kind: "unreachable", reason: "UNREACHABLE" });
	await alice.device.acceptTerms(2);
	man.cut.clear();
	man.answers.set("000.p", (bytes) => bytes);
	man.answers.set("2", changed(40));
	assert.deepEqual(await policyLog(), { kind: "contradicted", reason: "NOT_INCLUDED" });
	await assert.rejects(alice.device.acceptTerms(2), (error: unknown) => {
		return error instanceof Untrusted && error.code === "POLICY_LOG_CONTRADICTS";
	});
	man.answers.clear();
	assert.equal((await policyLog()).kind, "logged");
});

test("before and behind what was shared, the index shows that there is nothing else", async () => {
	const nothing = await end(({ kind }) => kind === "complete");
	assert.ok(nothing.kind === "complete" && nothing.after === 0);
	assert.deepEqual(nothing.witnesses, ["witness.example"]);
	await alice.device.decide([{ purpose: "friend_suggestions", granted: true }], SETTINGS);
	const two = await end((view) => view.kind === "complete" && view.after === 2 && view.size >= 16);
	assert.ok(two.kind === "complete" && Math.abs(two.atMs - town.clock.now()) < DAY);
});

test("a server that leaves out the newest entry is found out", async () => {
	man.lie("ListShares", ListSharesResponseSchema, (answer) => {
		answer.shares = answer.shares.filter(({ n }) => n < 2);
		answer.more = false;
	});
	const { shares, holes, end: hidden } = await alice.device.shares();
	assert.deepEqual([shares.length, holes, hidden.kind === "hidden" && hidden.n], [1, [], 2]);
	man.answers.clear();
	assert.equal((await alice.device.shares()).end.kind, "complete");
});

test("an index that was changed proves nothing, and one that is not there leaves it open", async () => {
	man.answers.set("head", changed(60));
	assert.equal((await alice.device.shares()).end.kind, "wrong");
	man.answers.clear();
	man.answers.set("0", (bytes) => {
		// One value less: as if nobody had it.
		const lines = new TextDecoder().decode(bytes).split("\n");
		lines.splice(3, 1);
		return new TextEncoder().encode(lines.join("\n"));
	});
	assert.deepEqual((await alice.device.shares()).end, { kind: "wrong", reason: "INDEX_WRONG" });
	man.answers.clear();
	man.cut.add("head");
	assert.deepEqual((await alice.device.shares()).end, { kind: "unchecked", reason: "UNREACHABLE" });
	man.cut.clear();
});

test("a state of the index that is days old leaves it open, and the door writes a new one each day", async () => {
	const old = new Map<string, Uint8Array>();
	for (const file of ["head", "0"])
		man.answers.set(file, (bytes) => {
			const first = old.get(file) ?? bytes;
			old.set(file, first);
			return first;
		});
	assert.equal((await alice.device.shares()).end.kind, "complete");
	town.clock.advance(3 * DAY);
	assert.deepEqual((await alice.device.shares()).end, { kind: "unchecked", reason: "STALE" });
	man.answers.clear();
	const now = await end(({ kind }) => kind === "complete");
	assert.ok(now.kind === "complete" && town.clock.now() - now.atMs < DAY);
});
