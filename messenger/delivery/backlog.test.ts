/** What is kept for a device that does not come, and what it is told when it does (promises 1 and 7). */
import assert from "node:assert/strict";
import { test } from "node:test";
import { type ConversationId, GapReason, LIMITS, SystemClock, toHex } from "@troth/protocol";
import { rounds } from "@troth/protocol/_rounds.ts";
import fc from "fast-check";
import type { TestClient } from "./_client.ts";
import { type StoreKind, sealedMessage, TestWorld } from "./_world.ts";
import { levelFor } from "./backlog.ts";

async function sendAll(phone: TestClient, chat: ConversationId, from: number, to: number): Promise<void> {
	for (let number = from; number <= to; number++) {
		phone.send(chat, number, sealedMessage(chat, number));
		await phone.next("sendOk");
	}
}

const trimmedOf = async (world: TestWorld, chat: ConversationId) => (await world.logs.load(chat))?.trimmed;

for (const store of ["memory", "sqlite"] satisfies StoreKind[])
	test(`more than a device's share is lost to it alone, and it is told exactly what (${store})`, async () => {
		const clock = new SystemClock();
		// The day that passes below would take the logs out of memory, and what grows is found there.
		const owners = { idleMs: LIMITS.retentionMs, loaded: 100 };
		await using world = await TestWorld.open({ clock, store, backlogEntries: 40, owners });
		const [alice, bob, carla] = [await world.person("alice"), await world.person("bob"), await world.person("carla")];
		const [busy, quiet] = [
			await world.conversation("group", alice, bob, carla),
			await world.conversation("direct", alice, bob),
		];
		const phone = await world.attach(alice);
		await sendAll(phone, quiet, 1, 6);
		await sendAll(phone, busy, 1, 34);
		await world.delivery.exchange.backlog.run();
		assert.equal(
			(await world.logs.load(busy))?.subscriptions.every(({ floor }) => floor === 0),
			true,
			"40 are not too many",
		);

		await sendAll(phone, busy, 35, 60);
		clock.advance(LIMITS.retentionMs / 30);
		const again = await world.attach(alice);
		await world.delivery.exchange.backlog.run();
		// The exchange may have begun it by itself when the day was over: then it is not done yet.
		const cut = async () => (await world.logs.load(busy))?.subscriptions.filter(({ floor }) => floor > 0).length;
		for (let i = 0; i < 400 && (await cut()) !== 2; i++) await again.flush();
		// 36 are kept: the 6 of the quiet chat, and the newest 30 of the busy one. Carla lost the same for herself.
		const carlaPhone = await world.attach(carla);
		const hers = await carlaPhone.next("gap");
		assert.deepEqual([toHex(hers.log), hers.from, hers.to, hers.reason], [busy, 1, 24, GapReason.CAP]);
		const bobPhone = await world.attach(bob);
		const gap = await bobPhone.next("gap");
		assert.deepEqual([toHex(gap.log), gap.from, gap.to, gap.reason], [busy, 1, 30, GapReason.CAP]);
		const seqs = (log: string) => bobPhone.entries.filter((entry) => toHex(entry.log) === log).map(({ seq }) => seq);
		await bobPhone.entriesOf(busy, 30);
		await bobPhone.entriesOf(quiet, 6);
		assert.deepEqual([seqs(busy)[0], seqs(busy).at(-1), seqs(quiet)], [31, 60, [1, 2, 3, 4, 5, 6]]);
		await bobPhone.next("queueEmpty");
	});

test("what is lost to everybody leaves the store before anybody comes, and the gap still says why", async () => {
	const clock = new SystemClock();
	await using world = await TestWorld.open({ clock, backlogEntries: 20 });
	const [alice, bob] = [await world.person("alice"), await world.person("bob")];
	const chat = await world.conversation("direct", alice, bob);
	const phone = await world.attach(alice);
	await sendAll(phone, chat, 1, 50);
	await phone.entriesOf(chat, 50);
	await world.delivery.exchange.backlog.run();
	assert.equal(await trimmedOf(world, chat), 0);
	// The log leaves memory, and takes with it what nobody may have any more.
	for (let i = 0; i < 400 && (await trimmedOf(world, chat)) === 0; i++) {
		clock.advance(10_000);
		// The phone may be taken for gone meanwhile: nobody has to be there.
		await phone.flush().catch(() => {});
	}
	assert.equal(await trimmedOf(world, chat), 32);
	const gap = await (await world.attach(bob)).next("gap");
	assert.deepEqual([gap.from, gap.to, gap.reason], [1, 32, GapReason.CAP]);
});

test("each log keeps what it has, or all keep the same, and together never too much", () => {
	fc.assert(
		fc.property(fc.array(fc.nat(1000), { minLength: 1 }), fc.nat(20_000), (lengths, most) => {
			const level = levelFor(lengths, most);
			const kept = (at: number) => lengths.reduce((sum, length) => sum + Math.min(length, at), 0);
			assert.ok(kept(level) <= most);
			assert.ok(level >= Math.max(...lengths) || kept(level + 1) > most, "and no larger level would do");
		}),
	);
});

/** What a device has been told of one log so far: the end of an unbroken row of entries, gaps and nothing else. */
function follow(upTo: number, client: TestClient, log: string): number {
	let at = upTo;
	for (const frame of client.frames) {
		if (frame.case === "entry" && toHex(frame.value.log) === log) {
			assert.ok(
				frame.value.seq <= at + 1,
				`${frame.value.seq} came after ${at}, and nothing was said of what is between`,
			);
			at = Math.max(at, frame.value.seq);
		}
		if (frame.case === "gap" && toHex(frame.value.log) === log) {
			assert.ok(frame.value.from <= at + 1, `a gap from ${frame.value.from} after ${at}`);
			at = Math.max(at, frame.value.to);
		}
	}
	return at;
}

/** Streams that begin before the server notices that weeks have passed would be taken for dead. */
async function age(world: TestWorld, clock: SystemClock): Promise<void> {
	clock.advance(LIMITS.retentionMs * 0.6);
	const now = clock.now();
	while (world.delivery.exchange.coarseNowMs < now) await new Promise(setImmediate);
}

type Move = "send" | "come" | "go" | "age" | "retain" | "cut" | "evict" | "restart";
const MOVES: readonly Move[] = ["send", "send", "send", "come", "go", "age", "retain", "cut", "evict", "restart"];

test("whatever is trimmed, capped, aged or restarted: every device gets each entry, or a gap over it", async () => {
	await fc.assert(
		fc.asyncProperty(fc.array(fc.constantFrom(...MOVES), { minLength: 8, maxLength: 24 }), async (moves) => {
			const clock = new SystemClock();
			await using world = await TestWorld.open({ clock, backlogEntries: 12 });
			const [alice, bob, carla] = [await world.person("alice"), await world.person("bob"), await world.person("carla")];
			const chat = await world.conversation("group", alice, bob, carla);
			const exchange = () => world.delivery.exchange;
			let sent = 0;
			let bobs = 0;
			let bobPhone: TestClient | undefined;
			const leave = async () => {
				if (bobPhone === undefined) return;
				await bobPhone.cut();
				bobs = follow(bobs, bobPhone, chat);
				bobPhone = undefined;
			};
			for (const move of moves) {
				if (move === "send") {
					await sendAll(await world.attach(alice), chat, sent + 1, sent + 5);
					sent += 5;
				} else if (move === "come") bobPhone ??= await world.attach(bob);
				else if (move === "go") await leave();
				else if (move === "age") await age(world, clock);
				else if (move === "retain") await exchange().retention.run();
				else if (move === "cut") await exchange().backlog.run();
				else if (move === "evict")
					for (const owner of exchange().owners.all()) exchange().acknowledgements.trimAll(owner);
				else {
					await leave();
					await world.restart();
				}
			}
			await leave();
			const last = await world.attach(bob);
			await last.until(() => last.frames.some((frame) => frame.case === "queueEmpty"));
			assert.equal(follow(bobs, last, chat), sent, "bob");
			const first = await world.attach(carla);
			await first.until(() => first.frames.some((frame) => frame.case === "queueEmpty"));
			assert.equal(follow(0, first, chat), sent, "carla, who was never here");
		}),
		{ numRuns: rounds(8) },
	);
});
