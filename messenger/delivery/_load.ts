/**
 * Rough load on delivery alone, for profiling: openDelivery on SQLite with seeded logs on one core, the generator of
 * `bench/` on another. Not a benchmark: that is `npm run bench`, with the whole messenger.
 *
 *   node messenger/delivery/_load.ts w1|w2|w3|w4 [seconds] [--prof]
 */
import { type ChildProcess, execFileSync, spawn } from "node:child_process";
import { once } from "node:events";
import { existsSync, readdirSync, readFileSync } from "node:fs";
import { mkdtemp, rm, writeFile } from "node:fs/promises";
import { createServer } from "node:http";
import { Session } from "node:inspector";
import type { AddressInfo } from "node:net";
import { loadavg, tmpdir } from "node:os";
import { join } from "node:path";
import { promisify } from "node:util";
import { type AccountId, type ConversationId, type DeviceId, SystemClock } from "@troth/protocol";
import { type LogWrite, openBlobs, openHints, openLogs } from "@troth/storage";
import { accountOf, deviceOf, deviceSigner, directConversation, groupConversation } from "../../bench/identity.ts";
import type { AccountDirectory } from "../accounts/directory.ts";
import { NO_BUSINESSES } from "../business/_no-businesses.ts";
import type { Directory } from "../context.ts";
import { Events } from "../events.ts";
import { temporarySecrets } from "../secrets.ts";
import { DeviceSessions } from "../sessions/sessions.ts";
import { attachStream, openDelivery } from "./index.ts";

const PAIRS = 200;
const MEMBERS = 256;
const MAILBOXES = 1000;
const SENDERS = 20;
const FIRST_SENDER = 900_000;
const CONNECTIONS = 10_000;
/** Of the main thread, with --prof. */
const PROFILE = join(tmpdir(), "troth-load.cpuprofile");

async function serve(folder: string): Promise<void> {
	const clock = new SystemClock();
	const logs = await openLogs({ kind: "sqlite", path: join(folder, "logs.db") });
	await seed(logs);
	const server = createServer().listen(0, "127.0.0.1");
	await once(server, "listening");
	const origin = `http://127.0.0.1:${(server.address() as AddressInfo).port}`;
	const secrets = temporarySecrets();
	const directory = new NamedDirectory();
	const sessions = new DeviceSessions(clock, secrets, directory as unknown as AccountDirectory, origin);
	const [blobs, hints] = [await openBlobs({ kind: "memory" }), await openHints({ kind: "process" })];
	const events = new Events(clock);
	const delivery = openDelivery({
		...{ clock, logs, blobs, hints, origin, directory, sessions, secrets, events },
		businesses: NO_BUSINESSES,
	});
	attachStream(server, { delivery });
	const profiler = new Session();
	profiler.connect();
	const ask = promisify<string, object>(profiler.post).bind(profiler);
	process.on("SIGUSR2", async () => {
		await ask("Profiler.enable");
		await ask("Profiler.start");
	});
	console.log(`port ${new URL(origin).port}`);
	process.once("SIGTERM", async () => {
		const ended = (await ask("Profiler.stop").catch(() => undefined)) as { profile: object } | undefined;
		if (ended !== undefined) await writeFile(PROFILE, JSON.stringify(ended.profile));
		server.close();
		await delivery[Symbol.asyncDispose]();
		server.closeAllConnections();
		await logs[Symbol.asyncDispose]();
	});
}

class NamedDirectory implements Directory {
	readonly #devices = new Map<DeviceId, { readonly account: AccountId; readonly signatureKey: Uint8Array }>();

	constructor() {
		const names = Array.from({ length: CONNECTIONS }, (_, i) => `u${i}`);
		for (let i = 0; i < SENDERS; i++) names.push(`u${FIRST_SENDER + i}`);
		for (const name of names)
			this.#devices.set(deviceOf(name), { account: accountOf(name), signatureKey: deviceSigner(name).publicKey });
	}

	async known(device: DeviceId) {
		const known = this.#devices.get(device);
		return known && { ...known, removed: false };
	}
	device = (device: DeviceId) => this.known(device);
	devicesOf = async () => [];
	blockedBy = async () => NOBODY;
	service = async () => ({ open: true, untilMs: Number.POSITIVE_INFINITY }) as const;
	noteAttached() {}
}
const NOBODY: ReadonlySet<AccountId> = new Set();

async function seed(logs: Awaited<ReturnType<typeof openLogs>>): Promise<void> {
	const group = { epoch: 1, groupInfo: new Uint8Array(), tree: "00".repeat(32) as never, treeBytes: 0 };
	const subscribe = (log: ConversationId | DeviceId, name: string, leaf: number | undefined): LogWrite => ({
		kind: "subscribe",
		subscription: {
			...{ log, device: deviceOf(name), account: accountOf(name), leaf, role: "member" },
			...{ from: 0, acked: 0, floor: 0, until: undefined },
		},
	});
	const writes: LogWrite[][] = [];
	const device = (name: string) => {
		const log = deviceOf(name);
		writes.push([{ kind: "create", log, group: undefined, alias: undefined }, subscribe(log, name, undefined)]);
	};
	const pair = (sender: string, recipient: string) => {
		const log = directConversation(sender, recipient);
		const create: LogWrite = { kind: "create", log, group: { kind: "direct", ...group }, alias: undefined };
		writes.push([create, subscribe(log, sender, 0), subscribe(log, recipient, 1)]);
	};
	for (let i = 0; i < CONNECTIONS; i++) device(`u${i}`);
	for (let i = 0; i < SENDERS; i++) device(`u${FIRST_SENDER + i}`);
	for (let i = 0; i < PAIRS; i++) pair(`u${i}`, `u${i + PAIRS}`);
	for (let i = 0; i < MAILBOXES; i++) pair(`u${FIRST_SENDER + (i % SENDERS)}`, `u${i}`);
	const log = groupConversation("g1");
	const members = Array.from({ length: MEMBERS }, (_, i) => subscribe(log, `u${i}`, i));
	writes.push([{ kind: "create", log, group: { kind: "group", ...group }, alias: undefined }, ...members]);
	for (let at = 0; at < writes.length; at += 1000)
		await Promise.all(writes.slice(at, at + 1000).map((steps) => logs.write(steps)));
}

/** CPU seconds of each thread: the main one first, then libuv's, V8's and the store's worker. */
function threadSeconds(pid: number): readonly (readonly [name: string, seconds: number])[] {
	return readdirSync(`/proc/${pid}/task`).map((thread) => {
		const stat = readFileSync(`/proc/${pid}/task/${thread}/stat`, "utf8");
		const name = stat.slice(stat.indexOf("(") + 1, stat.lastIndexOf(")"));
		const fields = stat.slice(stat.lastIndexOf(")") + 2).split(" ");
		return [name, (Number(fields[11]) + Number(fields[12])) / 100];
	});
}

/** The line with the port; V8's own lines (--trace-gc) go on to standard error. */
function portOf(server: ChildProcess): Promise<number> {
	return new Promise((resolve, reject) => {
		server.once("exit", () => reject(new Error("the server ended")));
		server.stdout?.on("data", (data: Buffer) => {
			const port = /port (\d+)/.exec(data.toString())?.[1];
			if (port === undefined) process.stderr.write(data);
			else resolve(Number(port));
		});
	});
}

async function run(workload: string, seconds: number, profile: boolean): Promise<void> {
	const folder = await mkdtemp(join(tmpdir(), "troth-load-"));
	const bin = join(tmpdir(), "troth-load-bin");
	if (!existsSync(join(bin, "lg")))
		execFileSync("make", ["-s", "-C", join(import.meta.dirname, "../../bench/generator"), `OUT=${bin}`]);
	const server = spawn(
		"taskset",
		[
			"-c",
			"0",
			process.execPath,
			...(process.env.LOAD_NODE ?? "").split(" ").filter(Boolean),
			import.meta.filename,
			"serve",
			folder,
		],
		{
			stdio: ["ignore", "pipe", "inherit"],
		},
	);
	try {
		const port = await portOf(server);
		// From here on, without the start.
		if (profile) server.kill("SIGUSR2");
		const generate = (work: string, ...args: (string | number)[]) => {
			const fixed = ["--driver", "troth", "--port", port, "--pid", server.pid ?? 0, "--work", work, "--secs", seconds];
			const all = ["-c", "1", join(bin, "lg"), ...fixed, ...args].map(String);
			const before = threadSeconds(server.pid ?? 0);
			console.log(execFileSync("taskset", all, { encoding: "utf8" }).trim());
			const used = threadSeconds(server.pid ?? 0)
				.map(([name, seconds], i) => `${name} ${(seconds - (before[i]?.[1] ?? 0)).toFixed(2)}`)
				.filter((text) => !text.endsWith("0.00"));
			console.log(`CPU seconds by thread: ${used.join(", ")}; load ${loadavg()[0]?.toFixed(1)}`);
		};
		const ack = join(folder, "acked");
		if (workload === "w1") generate("w1", "--pairs", PAIRS, "--window", 16);
		else if (workload === "w4") generate("group", "--members", MEMBERS, "--window", 4);
		else if (workload === "w3") generate("idle", "--conns", CONNECTIONS);
		else {
			const mailbox = ["--users", MAILBOXES, "--per", 100, "--senders", SENDERS, "--window", 50, "--ackfile", ack];
			generate("store", ...mailbox);
			generate("drain", ...mailbox);
		}
	} finally {
		const ended = once(server, "exit");
		server.kill("SIGTERM");
		await ended;
		await rm(folder, { recursive: true });
	}
}

const [mode = "w1", ...rest] = process.argv.slice(2);
if (mode === "serve") await serve(rest[0] ?? "");
else await run(mode, Number(rest.find((text) => /^\d+$/.test(text)) ?? 8), rest.includes("--prof"));
