/** A door between a messenger's records and recipients, all real, on a clock that the test moves. */
import { mkdtemp, rm } from "node:fs/promises";
import { tmpdir } from "node:os";
import { join } from "node:path";
import { createClient } from "@connectrpc/connect";
import { createConnectTransport } from "@connectrpc/connect-node";
import { BridgeService, type Clock, ItemOutcome, idBytes, type Share, ShareState } from "@troth/protocol";
import { ManualClock } from "@troth/protocol/_manual-clock.ts";
import type { LogTrust } from "@troth/transparency";
import type { WitnessAt } from "@troth/transparency/log/tile-log.node.ts";
import { startWitness, type Witness } from "@troth/transparency/witness/witness.node.ts";
import type { Policy } from "../policy/policy.ts";
import { openTestRecords, type Person, type TestRecords } from "./_people.ts";
import { TestRecipient } from "./_recipient.ts";
import { type Door, type DoorOptions, doorKeys, startDoor } from "./index.ts";

export const TOKEN = "between messenger and door";
const LOG_NAME = "troth.example/shares";

export interface TestWorldOptions {
	/** Numbers that people have verified at the recipients. */
	readonly members?: readonly string[];
	/** With one witness, whose cosignature every share needs. */
	readonly witnessed?: boolean;
	readonly policy?: Policy;
	/** What the door and both recipients name numbers with. */
	readonly pairKey?: Uint8Array;
}

export interface TestWorld extends AsyncDisposable {
	readonly clock: ManualClock;
	readonly directory: string;
	readonly records: TestRecords;
	readonly family: TestRecipient;
	readonly photos: TestRecipient;
	readonly trust: LogTrust;
	readonly options: DoorOptions;
	readonly door: Door;
	/** The lines that the door wrote. */
	readonly log: readonly string[];
	/** Undefined where there is none. */
	readonly witness: TestWitness | undefined;
	/** A second passes, and the door does what there is to do. */
	tick(): Promise<void>;
	/** Seconds pass until this holds; rejects where it does not within a minute. */
	until(holds: () => boolean): Promise<void>;
	/** The door stops, and another one starts in its place; in between, somebody may touch its files. */
	restart(between?: () => Promise<void>): Promise<void>;
	/** What a messenger would hear at its start. */
	checkRecords(): Promise<{ readonly behind: boolean }>;
	/** What the messenger would tell this person. */
	sharesOf(person: Person, afterN?: number): Promise<readonly Share[]>;
}

/** A witness that can be away. */
export interface TestWitness extends AsyncDisposable {
	readonly at: WitnessAt;
	goAway(): Promise<void>;
	comeBack(): Promise<void>;
}

async function startTestWitness(clock: Clock, directory: string, logs: readonly string[]): Promise<TestWitness> {
	const start = (port: number) =>
		startWitness({
			clock,
			seed: new Uint8Array(32).fill(7),
			directory: join(directory, "witness"),
			name: "witness.example",
			host: "127.0.0.1",
			port,
			logs,
		});
	let running: Witness | undefined = await start(0);
	const { url, vkey } = running;
	const goAway = async () => {
		await running?.[Symbol.asyncDispose]();
		running = undefined;
	};
	return {
		at: { url, vkey },
		goAway,
		async comeBack() {
			running = await start(Number(new URL(url).port));
		},
		[Symbol.asyncDispose]: goAway,
	};
}

export async function startWorld(options: TestWorldOptions = {}): Promise<TestWorld> {
	const { members = [] } = options;
	await using undo = new AsyncDisposableStack();
	const clock = new ManualClock();
	const directory = await mkdtemp(join(tmpdir(), "troth-door-"));
	undo.defer(() => rm(directory, { recursive: true }));
	const path = join(directory, "records.sqlite");
	const records = undo.use(await openTestRecords(path, clock, options.policy));
	const keys = await doorKeys(join(directory, "door"), LOG_NAME);
	const { vkey } = keys;
	const witness =
		options.witnessed === true ? undo.use(await startTestWitness(clock, directory, Object.values(keys))) : undefined;
	const witnesses = witness === undefined ? [] : [witness.at];
	const quorum = witnesses.length;
	const trust: LogTrust = { log: vkey, witnesses: witnesses.map((one) => one.vkey), quorum };
	const recipient = (id: string) =>
		TestRecipient.start({
			id,
			directory,
			clock,
			token: `bridge to ${id}`,
			policyKey: records.policyKey.publicKey,
			shareLog: trust,
			members: new Set(members),
		});
	const family = undo.use(await recipient("family"));
	const photos = undo.use(await recipient("photos"));
	const log: string[] = [];
	const doorOptions: DoorOptions = {
		clock,
		directory: join(directory, "door"),
		records: { kind: "sqlite", path },
		logName: LOG_NAME,
		token: TOKEN,
		policyKey: records.policyKey.publicKey,
		recipients: [family, photos].map((one, at) => {
			const id = at === 0 ? "family" : "photos";
			// The witnesses see a recipient's log after it has answered.
			const receipts = { ...trust, log: one.vkey };
			const { pairKey: abusePseudonymKey } = options;
			return {
				...{ id, url: one.url, token: `bridge to ${id}`, receipts },
				...(abusePseudonymKey !== undefined && { abusePseudonymKey }),
			};
		}),
		witnesses,
		quorum,
		log: (line) => log.push(line),
	};
	const start = async () => {
		const started = await startDoor(doorOptions);
		// It begins by itself: what a test does comes after that.
		await started.tick();
		return started;
	};
	let door = await start();
	undo.defer(() => door[Symbol.asyncDispose]());
	const all = undo.move();
	const tick = async () => {
		clock.advance(1_000);
		await door.tick();
	};
	return {
		clock,
		directory,
		records,
		family,
		photos,
		trust,
		log,
		options: doorOptions,
		get door() {
			return door;
		},
		witness,
		tick,
		async until(holds) {
			for (let seconds = 0; !holds(); seconds++) {
				if (seconds === 60) throw new Error("a minute has passed");
				await tick();
			}
		},
		async restart(between) {
			await door[Symbol.asyncDispose]();
			await between?.();
			door = await start();
		},
		checkRecords: async () => ({ behind: (await bridgeOf(door.url, TOKEN).checkRecords({})).behind }),
		sharesOf: (person, afterN = 0) => listShares(door.url, TOKEN, person, afterN),
		[Symbol.asyncDispose]: () => all.disposeAsync(),
	};
}

function bridgeOf(url: string, token: string) {
	const transport = createConnectTransport({
		baseUrl: url,
		httpVersion: "1.1",
		interceptors: [
			(next) => (request) => {
				request.header.set("authorization", `Bearer ${token}`);
				return next(request);
			},
		],
	});
	return createClient(BridgeService, transport);
}

/** One page, asked for with this token. */
export async function listShares(url: string, token: string, { account }: Person, afterN: number) {
	const { shares } = await bridgeOf(url, token).listAccountShares({
		accountId: idBytes(account),
		afterN,
	});
	return shares;
}

/** Shares as a person is told of them: number, state, outcome. */
export function told(shares: readonly Share[]): readonly string[] {
	return shares.map(({ n, state, receipt }) => {
		return [n, nameIn(ShareState, state), receipt && nameIn(ItemOutcome, receipt.outcome)].join(" ").trim();
	});
}

/** What a recipient got, in short. */
export function gotBy(recipient: TestRecipient): readonly string[] {
	return recipient.taken.map(({ kind, purpose, generation, outcome, values }) => {
		return [kind, purpose, generation, outcome, Object.keys(values).sort().join()].join(" ").trim();
	});
}

function nameIn(values: Readonly<Record<string, number>>, value: number): string {
	return Object.keys(values).find((name) => values[name] === value) ?? "?";
}
