/**
 * Measures the log store: single appends, each its own write and promise, from many logs at once, with full sender
 * windows. Pin it to one core to see what callers and worker cost together:
 *
 *     taskset -c 0 node storage/sqlite/_bench.ts [messages] [directory]
 */
import { mkdtempSync, rmSync } from "node:fs";
import { tmpdir } from "node:os";
import { join } from "node:path";
import { performance } from "node:perf_hooks";
import type { AccountId, ConversationId, DeviceId } from "@troth/protocol";
import { openLogs } from "../logs.ts";
import type { Answer, LogStore, LogWrite } from "../ports.ts";

const BODY_BYTES = 300;
const ANSWERS_KEPT = 32;

interface Scenario {
	readonly name: string;
	readonly logs: number;
	/** Appends of one log that wait at the same time. */
	readonly inFlight: number;
	/** Each entry is acknowledged by its reader, in a write of its own. */
	readonly acknowledge: boolean;
	/** Trim after so many entries of a log; 0 is never. */
	readonly trimEvery: number;
}

const SCENARIOS: readonly Scenario[] = [
	{ name: "append", logs: 200, inFlight: 1, acknowledge: false, trimEvery: 0 },
	{ name: "append", logs: 200, inFlight: 4, acknowledge: false, trimEvery: 0 },
	{ name: "append", logs: 200, inFlight: 16, acknowledge: false, trimEvery: 0 },
	{ name: "append + ack", logs: 200, inFlight: 4, acknowledge: true, trimEvery: 0 },
	{ name: "append + ack + trim", logs: 200, inFlight: 4, acknowledge: true, trimEvery: 64 },
	{ name: "append", logs: 20_000, inFlight: 1, acknowledge: false, trimEvery: 0 },
];

const id = (kind: number, n: number) => (kind * 1_000_000_000 + n).toString(16).padStart(32, "0");
const timeOf = (n: number) => 1_800_000_000_000 + n;

class Conversation {
	readonly #store: LogStore;
	readonly #scenario: Scenario;
	readonly #log: ConversationId;
	readonly #device: DeviceId;
	readonly #reader: DeviceId;
	readonly #account: AccountId;
	#seq = 0;
	#answers: readonly Answer[] = [];

	constructor(store: LogStore, scenario: Scenario, n: number) {
		this.#store = store;
		this.#scenario = scenario;
		this.#log = id(1, n) as ConversationId;
		this.#device = id(2, n) as DeviceId;
		this.#reader = id(3, n) as DeviceId;
		this.#account = id(4, n) as AccountId;
	}

	create(): Promise<void> {
		const subscription = { log: this.#log, account: this.#account, leaf: 0, role: "member" as const };
		const cursor = { from: 0, acked: 0, floor: 0, until: undefined };
		return this.#store.write([
			{ kind: "create", log: this.#log, group: undefined, alias: undefined },
			{ kind: "subscribe", subscription: { ...subscription, ...cursor, device: this.#device } },
			{ kind: "subscribe", subscription: { ...subscription, ...cursor, device: this.#reader } },
		]);
	}

	async append(): Promise<void> {
		const seq = ++this.#seq;
		const timeMs = timeOf(seq);
		const answer: Answer = { clientSeq: seq, digest: id(5, seq), seq, timeMs };
		this.#answers = [...this.#answers.slice(1 - ANSWERS_KEPT), answer];
		const step: LogWrite = {
			kind: "append",
			log: this.#log,
			entry: { seq, timeMs, kind: 1, senderAccount: this.#account, body: new Uint8Array(BODY_BYTES).fill(seq) },
			sender: { device: this.#device, lastClientSeq: seq, answers: this.#answers },
		};
		await this.#store.write([step]);
		const { acknowledge, trimEvery } = this.#scenario;
		if (acknowledge) void this.#store.write([{ kind: "acknowledge", log: this.#log, device: this.#reader, seq }]);
		if (trimEvery > 0 && seq % trimEvery === 0) void this.#store.write([{ kind: "trim", log: this.#log, upTo: seq }]);
	}
}

async function measure(scenario: Scenario, messages: number, directory: string): Promise<void> {
	const path = join(directory, "logs.sqlite");
	let opened = performance.now();
	let line: string;
	{
		await using store = await openLogs({ kind: "sqlite", path });
		const conversations = Array.from({ length: scenario.logs }, (_, n) => new Conversation(store, scenario, n));
		await Promise.all(conversations.map((conversation) => conversation.create()));
		let left = Math.floor(messages / 5);
		const run = () =>
			Promise.all(
				conversations.flatMap((conversation) =>
					Array.from({ length: scenario.inFlight }, async () => {
						while (left-- > 0) await conversation.append();
					}),
				),
			);
		await run();
		left = messages;
		const cpu = process.cpuUsage();
		const start = performance.now();
		await run();
		const seconds = (performance.now() - start) / 1000;
		const { user, system } = process.cpuUsage(cpu);
		const perMessage = (microseconds: number) => (microseconds / messages).toFixed(2);
		line =
			`${scenario.name}, ${scenario.logs} logs × ${scenario.inFlight} in flight: ` +
			`${Math.round(messages / seconds)} msgs/s, CPU ${perMessage(user + system)} us/msg (user ${perMessage(user)})`;
		opened = performance.now();
	}
	console.log(`${line}, closed in ${Math.round(performance.now() - opened)} ms`);
}

const messages = Number(process.argv[2] ?? 200_000);
for (const scenario of SCENARIOS) {
	const directory = mkdtempSync(join(process.argv[3] ?? tmpdir(), "troth-bench-"));
	try {
		await measure(scenario, messages, directory);
	} finally {
		rmSync(directory, { recursive: true });
	}
}
