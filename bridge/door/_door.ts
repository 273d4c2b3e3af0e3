/** A door between a messenger's records and recipients, all real, on a clock that the test moves. */
import { mkdtemp, rm } from "node:fs/promises";
import { tmpdir } from "node:os";
import { join } from "node:path";
import { createClient } from "@connectrpc/connect";
import { createConnectTransport } from "@connectrpc/connect-node";
import { BridgeService, idBytes, type Share } from "@troth/protocol";
import type { LogTrust } from "@troth/transparency";
import type { WitnessAt } from "@troth/transparency/log/tile-log.node.ts";
import { ManualClock } from "../../messenger/_manual-clock.ts";
import type { Policy } from "../policy/policy.ts";
import { openTestRecords, type Person, type TestRecords } from "./_people.ts";
import { TestRecipient } from "./_recipient.ts";
import { type Door, type DoorOptions, doorKeys, startDoor } from "./index.ts";

export const TOKEN = "between messenger and door";
const LOG_NAME = "troth.example/shares";

export interface TestWorldOptions {
	/** Numbers that people have verified at the recipients. */
	readonly members?: readonly string[];
	readonly witnesses?: readonly WitnessAt[];
	readonly quorum?: number;
	readonly policy?: Policy;
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
	readonly log: readonly string[];
	/** A second passes, and the door does what there is to do. */
	tick(): Promise<void>;
	/** The door stops, and another one starts in its place. */
	restart(): Promise<void>;
	/** What the messenger would tell this person. */
	sharesOf(person: Person, afterN?: number): Promise<readonly Share[]>;
}

export async function startWorld(options: TestWorldOptions = {}): Promise<TestWorld> {
	const { members = [], witnesses = [], quorum = 0 } = options;
	await using undo = new AsyncDisposableStack();
	const clock = new ManualClock();
	const directory = await mkdtemp(join(tmpdir(), "troth-door-"));
	undo.defer(() => rm(directory, { recursive: true }));
	const path = join(directory, "records.sqlite");
	const records = undo.use(await openTestRecords(path, clock, options.policy));
	const { vkey } = await doorKeys(join(directory, "door"), LOG_NAME);
	const trust: LogTrust = { log: vkey, witnesses: witnesses.map((witness) => witness.vkey), quorum };
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
			const receipts = { log: one.vkey, witnesses: [], quorum: 0 };
			return { id, url: one.url, token: `bridge to ${id}`, receipts };
		}),
		witnesses,
		quorum,
		log: (line) => log.push(line),
	};
	let door = await startDoor(doorOptions);
	undo.defer(() => door[Symbol.asyncDispose]());
	const all = undo.move();
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
		async tick() {
			clock.advance(1_000);
			await door.tick();
		},
		async restart() {
			await door[Symbol.asyncDispose]();
			door = await startDoor(doorOptions);
		},
		sharesOf: (person, afterN = 0) => listShares(door.url, TOKEN, person, afterN),
		[Symbol.asyncDispose]: () => all.disposeAsync(),
	};
}

/** One page, asked for with this token. */
export async function listShares(url: string, token: string, { account }: Person, afterN: number) {
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
	const { shares } = await createClient(BridgeService, transport).listAccountShares({
		accountId: idBytes(account),
		afterN,
	});
	return shares;
}
