/** People are reminded of what they have not answered: on the days that the notice names, once each, and no longer. */
import assert from "node:assert/strict";
import { test } from "node:test";
import { fromBinary } from "@bufbuild/protobuf";
import { type AccountId, type DeviceId, EntryKind, EntrySchema, TermsNoticePayloadSchema } from "@troth/protocol";
import { ManualClock } from "@troth/protocol/_manual-clock.ts";
import { rounds } from "@troth/protocol/_rounds.ts";
import fc from "fast-check";
import { type OpenStores, openStores } from "../stores.ts";
import { makeCrowd, openCrowdDelivery } from "./_crowd.ts";
import { REMINDER_DAYS, type ReminderContext, remind } from "./reminders.ts";

const HOUR_MS = 3600 * 1000;
const DAY_MS = 24 * HOUR_MS;

interface Stage extends AsyncDisposable {
	readonly clock: ManualClock;
	readonly stores: OpenStores;
	readonly context: ReminderContext;
	readonly terms: { current: { version: number } };
	/** True: only the first device of a slice is told, then everything fails. */
	fails: () => boolean;
	/** The days that each person was reminded of, in their order. */
	reminded(): Promise<readonly (readonly number[])[]>;
}

/** People to whom the notice was displayed one hour after the other, from now on back. */
async function stage(people: number, accountsAtOnce = 2): Promise<Stage> {
	const clock = new ManualClock();
	const stores = await openStores({ kind: "memory" });
	const start = clock.now();
	const devices = await makeCrowd(stores, {
		...{ accounts: people, nowMs: start },
		displayedAtMs: (n) => start - n * HOUR_MS,
	});
	const { delivery } = await openCrowdDelivery(stores, clock);
	const terms = { current: { version: 2 } };
	const seen = devices.map(() => new Map<number, number>());
	const made: Stage = {
		...{ clock, stores, terms, fails: () => false },
		context: {
			...{ clock, records: stores.records, terms, accountsAtOnce },
			delivery: {
				notifyDevices: async (asked, ...args) => {
					if (!made.fails()) return delivery.notifyDevices(asked, ...args);
					await delivery.notifyDevices([...asked].slice(0, 1), ...args);
					throw new Error("the disk is full");
				},
			},
		},
		async reminded() {
			// Logs forget after 30 days; what was seen in them stays seen.
			for (const [n, device] of devices.entries())
				for (const [seq, day] of await remindersIn(stores, device)) seen[n]?.set(seq, day);
			return seen.map((days) => [...days.values()]);
		},
		async [Symbol.asyncDispose]() {
			await delivery[Symbol.asyncDispose]();
			await stores[Symbol.asyncDispose]();
		},
	};
	return made;
}

async function remindersIn({ logs }: OpenStores, device: DeviceId) {
	const entries = await logs.read(device, 0, { entries: 100, bytes: 1e6 });
	return entries
		.filter(({ kind }) => kind === EntryKind.TERMS_NOTICE)
		.map(({ seq, body }) => {
			const { payload } = fromBinary(EntrySchema, body);
			return [seq, fromBinary(TermsNoticePayloadSchema, payload).reminderDay] as const;
		});
}

const everybody = (people: number, days: readonly number[]) => Array.from({ length: people }, () => [...days]);

test("who does not answer is reminded six times, and not after the deadline", async () => {
	await using world = await stage(3);
	for (let day = 0; day < 40; day++) {
		await remind(world.context);
		if (day % 7 === 0) await world.reminded();
		world.clock.sleep(DAY_MS);
	}
	assert.deepEqual(await world.reminded(), everybody(3, REMINDER_DAYS));
});

test("a clock that jumps over several days sends the latest only, and one that goes back nothing twice", async () => {
	await using world = await stage(3);
	world.clock.sleep(24 * DAY_MS);
	await remind(world.context);
	assert.deepEqual(await world.reminded(), everybody(3, [23]));
	const back = { now: () => world.clock.now() - 20 * DAY_MS, after: world.clock.after.bind(world.clock) };
	await remind({ ...world.context, clock: back });
	const after = await world.reminded();
	await remind({ ...world.context, clock: back });
	await remind(world.context);
	assert.deepEqual(await world.reminded(), after);
	world.clock.sleep(6 * DAY_MS);
	await remind(world.context);
	assert.deepEqual(await world.reminded(), after, "the deadline is over");
});

test("who accepted is left alone, and so is everybody once another version is in force", async () => {
	await using world = await stage(4);
	const { records } = world.stores;
	world.clock.sleep(2 * DAY_MS);
	await remind(world.context);
	const first = records.selectFrom("standing").select("account_id").orderBy("notice_displayed_at_ms").limit(1);
	await records
		.updateTable("standing")
		.set({ accepted_version: 2, notice_version: null, notice_displayed_at_ms: null, deadline_ms: null })
		.where("account_id", "=", (await first.executeTakeFirst())?.account_id as AccountId)
		.execute();
	world.clock.sleep(6 * DAY_MS);
	await remind(world.context);
	assert.deepEqual(await world.reminded(), [...everybody(3, [1, 7]), [1]]);
	world.terms.current = { version: 3 };
	world.clock.sleep(7 * DAY_MS);
	await remind(world.context);
	assert.deepEqual(await world.reminded(), [...everybody(3, [1, 7]), [1]]);
});

test("however often it fails in the middle, nobody is reminded of a day twice and nobody is forgotten", async () => {
	await fc.assert(
		fc.asyncProperty(fc.array(fc.nat(2), { maxLength: 4 }), async (failures) => {
			await using world = await stage(5);
			for (const sleep of [1, 6]) {
				world.clock.sleep(sleep * DAY_MS);
				for (const failure of failures) {
					let calls = 0;
					world.fails = () => calls++ >= failure;
					await remind(world.context).catch(() => {});
				}
				world.fails = () => false;
				await remind(world.context);
			}
			assert.deepEqual(await world.reminded(), everybody(5, [1, 7]));
		}),
		{ numRuns: rounds(6) },
	);
});
