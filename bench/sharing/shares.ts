/** Many people's shares, from the messenger's outbox through gate, log and intake to the parent's acknowledgement. */
import { type ChildProcess, fork } from "node:child_process";
import { randomBytes } from "node:crypto";
import { once } from "node:events";
import { existsSync, readFileSync } from "node:fs";
import { mkdir, mkdtemp, rm } from "node:fs/promises";
import { tmpdir } from "node:os";
import { join } from "node:path";
import { setTimeout as pause } from "node:timers/promises";
import { readPolicyFile, shippedPolicyPath } from "@troth/bridge";
import { doorKeys } from "@troth/bridge/door/index.ts";
import { SystemClock } from "@troth/protocol";
import { openRecords } from "@troth/storage";
import { startWitness, witnessKeys } from "@troth/transparency/witness/witness.node.ts";
import type { DoorRecords } from "../../bridge/door/store/schema.ts";
import { familyKeys } from "../../family/keys.ts";
import { newPolicySigner, seedMembers, seedPeople } from "./seed-people.ts";

const LOG_NAME = "bench.example/shares";
const YES = { purpose: "relevant_ads", recipient: "family" } as const;
/** The parent often does not know the number (D1). */
const MEMBERS_ONE_IN = 2;
const LOOK_MS = 500;
const STALLED_MS = 60_000;

/** What a process keeps in memory, MiB, when this part of the people is done. */
export interface MemoryAt {
	readonly done: number;
	readonly doorMiB: number;
	readonly familyMiB: number;
}

export interface SharesMeasured {
	readonly people: number;
	/** From the door's start to the last acknowledgement. */
	readonly seconds: number;
	readonly doorCpuSeconds: number;
	readonly familyCpuSeconds: number;
	readonly memory: readonly MemoryAt[];
	readonly outcomes: Readonly<Record<string, number>>;
}

type Store = Awaited<ReturnType<typeof openRecords<DoorRecords>>>;

/** Runs it in a directory of its own, which is gone afterwards. Rejects where a process ends before the work does. */
export async function measureShares(people: number, say: (line: string) => void): Promise<SharesMeasured> {
	const clock = new SystemClock();
	await using undo = new AsyncDisposableStack();
	const directory = await mkdtemp(join(tmpdir(), "troth-bench-sharing-"));
	undo.defer(() => rm(directory, { recursive: true, force: true }));
	const policy = await readPolicyFile(shippedPolicyPath("opt-in"));
	const signer = newPolicySigner();
	const policyKey = Buffer.from(signer.publicKey).toString("hex");
	const path = join(directory, "records.sqlite");
	const inside = {
		door: join(directory, "door"),
		family: join(directory, "family"),
		witness: join(directory, "witness"),
	};
	for (const folder of Object.values(inside)) await mkdir(folder, { recursive: true });
	await seedPeople(path, people, YES, policy, signer, clock.now());
	await seedMembers(inside.family, "family", people, MEMBERS_ONE_IN, clock.now());
	say(`${people} people, one in ${MEMBERS_ONE_IN} known to the parent`);

	const { vkey } = await doorKeys(inside.door, LOG_NAME);
	const name = "witness.bench.example";
	const seed = randomBytes(32);
	const witness = witnessKeys(seed, name);
	const { url } = undo.use(
		await startWitness({ clock, seed, directory: inside.witness, name, host: "127.0.0.1", port: 0, logs: [vkey] }),
	);
	const witnesses = [{ url, vkey: witness.vkey }];
	const { receiptsVkey } = await familyKeys(inside.family, "family");
	const family = await startChild(undo, "family-process.ts", {
		stores: { kind: "sqlite", directory: inside.family },
		id: "family",
		title: "Family",
		bridgeToken: "bench",
		trust: { policyKey, shareLog: { log: vkey, witnesses: [witness.vkey], quorum: 1 } },
		witnesses: [],
		operatorToken: "bench",
		listFloor: 100,
		features: { ads: true },
	});
	const startedAt = clock.now();
	const door = await startChild(undo, "door-process.ts", {
		directory: inside.door,
		records: { kind: "sqlite", path },
		logName: LOG_NAME,
		token: "bench",
		policyKey,
		recipients: [
			{ id: "family", url: family.url, token: "bench", receipts: { log: receiptsVkey, witnesses: [], quorum: 0 } },
		],
		witnesses,
		quorum: 1,
	});
	await using store = await openRecords<DoorRecords>({ kind: "sqlite", path: join(inside.door, "door.sqlite") });
	const memory: MemoryAt[] = [];
	let last = { done: -1, at: startedAt };
	for (;;) {
		const done = await answered(store);
		if (done > last.done) last = { done, at: clock.now() };
		else if (clock.now() - last.at > STALLED_MS) throw new Error(`nothing moves: ${done} of ${people}`);
		if (door.process.exitCode !== null || family.process.exitCode !== null) throw new Error("a process has ended");
		if (done >= (people * (memory.length + 1)) / 10) {
			memory.push({ done, doorMiB: residentMiB(door.process), familyMiB: residentMiB(family.process) });
			say(`${done} in ${((clock.now() - startedAt) / 1000).toFixed(1)} s`);
		}
		if (done >= people) break;
		await pause(LOOK_MS);
	}
	return {
		people,
		seconds: (clock.now() - startedAt) / 1000,
		doorCpuSeconds: cpuSeconds(door.process),
		familyCpuSeconds: cpuSeconds(family.process),
		memory,
		outcomes: await outcomesOf(store),
	};
}

interface Child {
	readonly process: ChildProcess;
	readonly url: string;
}

async function startChild(undo: AsyncDisposableStack, file: string, options: object): Promise<Child> {
	const child = fork(join(import.meta.dirname, file), [JSON.stringify(options)]);
	undo.defer(async () => {
		if (child.exitCode !== null) return;
		const ended = once(child, "exit");
		child.kill("SIGTERM");
		await ended;
	});
	const [{ url }] = (await Promise.race([
		once(child, "message"),
		once(child, "exit").then(() => Promise.reject(new Error(`${file} did not start`))),
	])) as [{ readonly url: string }];
	return { process: child, url };
}

async function answered(store: Store): Promise<number> {
	// Not the shares themselves: to count all of them twice a second would be a third party on two cores.
	const { n } = await store
		.selectFrom("share_tally")
		.select((eb) => eb.fn.sum<number | null>("count").as("n"))
		.where("fate", "!=", "logged")
		.executeTakeFirstOrThrow();
	return n ?? 0;
}

async function outcomesOf(store: Store): Promise<Readonly<Record<string, number>>> {
	const rows = await store
		.selectFrom("share")
		.select(["state", "outcome"])
		.select((eb) => eb.fn.countAll<number>().as("n"))
		.groupBy(["state", "outcome"])
		.execute();
	return Object.fromEntries(rows.map(({ state, outcome, n }) => [outcome ?? state, n]));
}

const CLOCK_TICKS = 100;

/** User and system time of a process, from /proc; 0 where there is none. */
function cpuSeconds({ pid }: ChildProcess): number {
	const stat = `/proc/${pid}/stat`;
	if (!existsSync(stat)) return 0;
	const fields = readFileSync(stat, "utf8").split(") ")[1]?.split(" ") ?? [];
	return (Number(fields[11]) + Number(fields[12])) / CLOCK_TICKS;
}

function residentMiB({ pid }: ChildProcess): number {
	const status = `/proc/${pid}/status`;
	if (!existsSync(status)) return 0;
	return Math.round(Number(/^VmRSS:\s+(\d+)/m.exec(readFileSync(status, "utf8"))?.[1] ?? 0) / 1024);
}
