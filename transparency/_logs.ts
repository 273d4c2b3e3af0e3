/** A log, witnesses and people who look at them, for tests. */
import { once } from "node:events";
import { mkdtemp, rm } from "node:fs/promises";
import { createServer } from "node:http";
import type { AddressInfo } from "node:net";
import { tmpdir } from "node:os";
import { join } from "node:path";
import type { Clock, Timer } from "@troth/protocol";
import { readLogFile } from "./log/read-log-file.node.ts";
import { TileLog, type TileLogOptions } from "./log/tile-log.node.ts";
import { ed25519NoteSigner, type NoteSigner } from "./note/ed25519.ts";
import { startWitness, type Witness } from "./witness/witness.node.ts";

export const NOW = 1_800_000_000_000;

/** Stands still until it is moved. */
export class StandingClock implements Clock {
	#now = NOW;
	readonly #timers = new Set<{ readonly dueMs: number; readonly task: () => void }>();

	now(): number {
		return this.#now;
	}

	after(delayMs: number, task: () => void): Timer {
		const timer = { dueMs: this.#now + delayMs, task };
		this.#timers.add(timer);
		return { cancel: () => void this.#timers.delete(timer) };
	}

	advance(ms: number): void {
		this.#now += ms;
		for (const timer of [...this.#timers].filter(({ dueMs }) => dueMs <= this.#now)) {
			this.#timers.delete(timer);
			timer.task();
		}
	}
}

export const seedOf = (byte: number) => new Uint8Array(32).fill(byte);

export const SHARE_LOG: NoteSigner = ed25519NoteSigner("share.example", seedOf(1));

/** A directory that goes with the scope. */
export async function temporaryDirectory(): Promise<AsyncDisposable & { readonly path: string }> {
	const path = await mkdtemp(join(tmpdir(), "troth-log-"));
	return { path, [Symbol.asyncDispose]: () => rm(path, { recursive: true }) };
}

export function openLog(directory: string, options: Partial<TileLogOptions> = {}): Promise<TileLog> {
	const clock = options.clock ?? new StandingClock();
	return TileLog.open({ directory, signer: SHARE_LOG, witnesses: [], quorum: 0, clock, ...options });
}

export function witnessOf(
	directory: string,
	name: string,
	clock: Clock = new StandingClock(),
	port = 0,
): Promise<Witness> {
	const seed = seedOf(name.length);
	return startWitness({ clock, seed, directory, name, host: "127.0.0.1", port, logs: [SHARE_LOG.vkey] });
}

/** Serves a log's directory as the door and recipients do; `tamper` may put other bytes in a file's place. */
export async function serveLog(
	directory: string,
	tamper: (path: string, body: Uint8Array) => Uint8Array = (_, body) => body,
): Promise<AsyncDisposable & { readonly url: string; readonly asked: string[] }> {
	const asked: string[] = [];
	const server = createServer(async (request, response) => {
		const path = request.url ?? "/";
		asked.push(path);
		const file = await readLogFile(directory, path);
		response.writeHead(file === undefined ? 404 : 200, file?.headers);
		response.end(file === undefined ? undefined : tamper(path, file.body));
	});
	server.listen(0, "127.0.0.1");
	await once(server, "listening");
	return {
		url: `http://127.0.0.1:${(server.address() as AddressInfo).port}`,
		asked,
		async [Symbol.asyncDispose]() {
			server.closeAllConnections();
			await new Promise((resolve) => server.close(resolve));
		},
	};
}
