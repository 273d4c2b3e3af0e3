/**
 * A witness (C2SP tlog-witness): cosigns a log's checkpoints as long as they are one history. It has no part in what
 * the log is about; all it needs is the log's key and a good memory.
 */
import { hkdfSync } from "node:crypto";
import { once } from "node:events";
import { createServer, type IncomingMessage, type ServerResponse } from "node:http";
import type { AddressInfo } from "node:net";
import type { Clock } from "@troth/protocol";
import { keyOfType } from "../checkpoint/open-checkpoint.ts";
import { type Cosigner, cosigner } from "../cosignature/cosignature.ts";
import { NOTE_ED25519 } from "../note/verifier-key.ts";
import { CosignedCheckpoints } from "./cosigned.node.ts";

export interface WitnessOptions {
	readonly clock: Clock;
	/** 32 bytes, secret; the cosigning key is derived from it and the name. */
	readonly seed: Uint8Array;
	/** What it cosigned is remembered here; of this witness alone, and opened by one process at a time. */
	readonly directory: string;
	/** As it stands in its cosignatures, e.g. "witness.example". */
	readonly name: string;
	readonly host: string;
	/** 0 for any free one. */
	readonly port: number;
	/** Verifier keys of the logs that it witnesses. */
	readonly logs: readonly string[];
	/** One line for every checkpoint that was cosigned or refused; no secrets. */
	readonly log?: (line: string) => void;
}

/** A running witness. Disposing it answers what is under way and ends. */
export interface Witness extends AsyncDisposable {
	readonly url: string;
	readonly vkey: string;
}

const LONGEST_REQUEST = 65_536;
const REQUEST_TIMEOUT_MS = 10_000;

/** The verifier key of the witness with this seed and name. */
export function witnessKeys(seed: Uint8Array, name: string): { readonly vkey: string } {
	return { vkey: cosignerOf(seed, name).vkey };
}

/**
 * Starts a witness; resolves when it answers. Rejects with ProofError where a log's key is none or the memory is not
 * its own, and where the port is taken.
 */
export async function startWitness(options: WitnessOptions): Promise<Witness> {
	const { clock, seed, directory, name, host, port, log = () => {} } = options;
	const signer = cosignerOf(seed, name);
	const keys = options.logs.map((vkey) => keyOfType(vkey, NOTE_ED25519, "a log's"));
	const checkpoints = await CosignedCheckpoints.open(directory, signer, keys);
	const server = createServer((request, response) => {
		answer(request, checkpoints, clock, log).then(
			(answered) => send(response, answered),
			(error: unknown) => {
				log(`witness ${name}: failed: ${error instanceof Error ? error.name : "unknown"}`);
				send(response, text(500, "it failed\n"));
			},
		);
	});
	server.requestTimeout = REQUEST_TIMEOUT_MS;
	server.listen(port, host);
	await once(server, "listening");
	const { port: bound } = server.address() as AddressInfo;
	return {
		url: `http://${host.includes(":") ? `[${host}]` : host}:${bound}`,
		vkey: signer.vkey,
		async [Symbol.asyncDispose]() {
			const closed = once(server, "close");
			server.close();
			await checkpoints.settled();
			server.closeIdleConnections();
			// Whoever still sends its request gets no answer, and asks again.
			setImmediate(() => server.closeAllConnections());
			await closed;
		},
	};
}

/** Of the name, too: cosignature/v1 does not sign it, so two witnesses may never have one key. */
function cosignerOf(seed: Uint8Array, name: string): Cosigner {
	return cosigner(name, new Uint8Array(hkdfSync("sha256", seed, "", `troth/v1/witness/cosignature/${name}`, 32)));
}

interface Answer {
	readonly status: number;
	readonly type: string;
	readonly body: string;
}

async function answer(
	request: IncomingMessage,
	checkpoints: CosignedCheckpoints,
	clock: Clock,
	log: (line: string) => void,
): Promise<Answer> {
	const { method, url } = request;
	if (url === "/add-checkpoint") {
		if (method !== "POST") return text(405, "POST only\n");
		const body = await readBody(request);
		if (body === undefined) return text(400, "malformed\n");
		const result = await checkpoints.add(body, () => clock.now());
		if (result.kind === "cosigned") {
			log(`cosigned ${result.origin} at ${result.size}`);
			return text(200, result.line);
		}
		log(`refused a checkpoint with ${result.status}: ${result.why}`);
		if (result.size !== undefined) return { status: 409, type: "text/x.tlog.size", body: `${result.size}\n` };
		return text(result.status, `${result.why}\n`);
	}
	const address = /^\/([0-9a-f]{64})\/checkpoint$/.exec(url ?? "")?.[1];
	const note = address === undefined ? undefined : checkpoints.at(address);
	if (note === undefined) return text(404, "not found\n");
	return method === "GET" || method === "HEAD" ? text(200, note) : text(405, "GET only\n");
}

/** The body; undefined where it is too long or no text. */
async function readBody(request: IncomingMessage): Promise<string | undefined> {
	const chunks: Buffer[] = [];
	let length = 0;
	for await (const chunk of request as AsyncIterable<Buffer>) {
		length += chunk.length;
		// The rest is read and dropped, so that there still is a connection to answer on.
		if (length <= LONGEST_REQUEST) chunks.push(chunk);
	}
	if (length > LONGEST_REQUEST) return undefined;
	try {
		return new TextDecoder("utf-8", { fatal: true, ignoreBOM: true }).decode(Buffer.concat(chunks));
	} catch {
		return undefined;
	}
}

const text = (status: number, body: string): Answer => ({ status, type: "text/plain; charset=utf-8", body });

function send(response: ServerResponse, { status, type, body }: Answer): void {
	response.writeHead(status, {
		"content-type": type,
		"content-length": Buffer.byteLength(body),
		"cache-control": "no-cache",
		"x-content-type-options": "nosniff",
	});
	response.end(response.req.method === "HEAD" ? undefined : body);
}
