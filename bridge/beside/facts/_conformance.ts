/** What every adapter has to do, told on the same three people of the same host. */
import assert from "node:assert/strict";
import { test } from "node:test";
import { FieldsUnavailable } from "../../door/source/share-source.ts";
import type { HostFacts } from "./host-facts.ts";

/** A host with alice, bob who gave no number, and nobody else; some of it can be changed. */
export interface TestHost extends AsyncDisposable {
	readonly facts: HostFacts;
	setPhone(id: string, phone: string | null): Promise<void>;
	remove(id: string): Promise<void>;
	/** The host is away, and comes back. */
	goAway(): Promise<void>;
	comeBack(): Promise<void>;
	/** A moment passes, long enough to ask again. */
	wait(): void;
}

/** What the host counted on 22 November 2026: two systems that it is alone with, and what can not be a count. */
export const COUNTED = [
	["Linux", "0.1.0", "delivered", "12"],
	["alice's laptop", "0.1.0-alice", "left", "3"],
	["bob's", "", "left", "2"],
	["Linux", "0.1.0", "lost", "7"],
	["Linux", "0.1.0", "left", "-1"],
] as const;

/** Ids as databases have them: numbers. */
export const ALICE = "17";
export const BOB = "18";
const NOBODY = "99";
const UNAVAILABLE = (error: unknown) => error instanceof FieldsUnavailable;

export function testAdapter(name: string, start: () => Promise<TestHost>, skip: string | false = false): void {
	const story = (title: string, run: (host: TestHost) => Promise<void>) =>
		test(`${title} (${name})`, { skip }, async () => {
			await using host = await start();
			await run(host);
		});

	story("it gives a purpose's fields, null for what is missing, nothing for nobody", async ({ facts }) => {
		for (const purpose of ["friend_suggestions", "relevant_ads"] as const) {
			assert.deepEqual(await facts.read(purpose, ALICE), { phone_number: "+15550100001" });
			assert.equal((await facts.read(purpose, BOB))?.phone_number, null);
			assert.equal(await facts.read(purpose, NOBODY), undefined);
		}
	});

	story("it reads anew each time, and sends nothing that is no number", async ({ facts, setPhone }) => {
		const read = async () => (await facts.read("friend_suggestions", ALICE))?.phone_number;
		await setPhone(ALICE, "+1 (555) 010-0002");
		assert.equal(await read(), "+15550100002");
		for (const broken of ["call me", "0155501", "+1555010000200000000", "+15550100002; drop", "", null]) {
			await setPhone(ALICE, broken);
			assert.equal(await read(), null, String(broken));
		}
	});

	story("it knows who is there, and hostile ids find nobody", async ({ facts, remove }) => {
		const hostile = ["", "0 or 1=1", "17'--", "../people/17", "17/../18", "\u0000", "é".repeat(300), "%31%37", "1e1"];
		assert.deepEqual([...(await facts.known([ALICE, NOBODY, BOB, ...hostile]))].sort(), [ALICE, BOB]);
		for (const id of hostile) assert.equal(await facts.read("friend_suggestions", id), undefined, id);
		await remove(ALICE);
		assert.deepEqual([...(await facts.known([ALICE, BOB]))], [BOB]);
		assert.equal(await facts.read("relevant_ads", ALICE), undefined);
	});

	story(
		"it says how delivery went on a day, in coarse words, and counts nothing that is no count",
		async ({ facts }) => {
			assert.deepEqual(await facts.deliveries("2026-11-22"), [
				{ os: "Linux", app_version: "0.1.0", outcome: "delivered", times: 12 },
				{ os: "other", app_version: "other", outcome: "left", times: 5 },
			]);
			assert.deepEqual(await facts.deliveries("2026-11-23"), []);
		},
	);

	story("a host that is away is told apart from one that has nobody", async (host) => {
		await host.goAway();
		await assert.rejects(host.facts.read("friend_suggestions", ALICE), UNAVAILABLE);
		await assert.rejects(host.facts.known([ALICE]), UNAVAILABLE);
		await assert.rejects(host.facts.deliveries("2026-11-22"), UNAVAILABLE);
		await host.comeBack();
		await assert.rejects(host.facts.known([ALICE]), UNAVAILABLE, "not asked again at once");
		host.wait();
		assert.deepEqual([...(await host.facts.known([ALICE]))], [ALICE]);
	});

	story("many questions at once are all answered", async ({ facts }) => {
		const many = Array.from({ length: 200 }, (_, n) => facts.read("friend_suggestions", n % 2 ? ALICE : BOB));
		const answers = await Promise.all(many);
		assert.equal(answers.filter((answer) => answer?.phone_number === "+15550100001").length, 100);
	});
}
