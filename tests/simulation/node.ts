/** One node of the messenger: the real server, from its jobs to its endpoints, on a simulated machine. */
import { create, fromBinary, toBinary } from "@bufbuild/protobuf";
import { readPolicyFile, shippedPolicyPath } from "@troth/bridge";
import { assembleMessenger, type Ground } from "../../messenger/assemble.ts";
import type { MessengerContext } from "../../messenger/context.ts";
import { Stream } from "../../messenger/delivery/stream.ts";
import { Events } from "../../messenger/events.ts";
import type { Route } from "../../messenger/http/endpoint.ts";
import { METHODS } from "../../messenger/http/methods.ts";
import { toErrorAnswer, toRefusal } from "../../messenger/http/refusals.ts";
import { requireSession } from "../../messenger/http/require-session.ts";
import { migrateRecords } from "../../messenger/records/migrate.ts";
import type { Records } from "../../messenger/records/schema.ts";
import type { HintNetwork } from "./hint-network.ts";
import { type Host, Life } from "./life.ts";
import type { Answer, HttpRequest, NodeDoor } from "./link.ts";
import type { Network } from "./network.ts";
import type { Scheduler } from "./scheduler.ts";
import type { ServerDisk } from "./server-disk.ts";
import type { Trace } from "./trace.ts";

/** What devices sign, and where they connect to. */
export const ORIGIN = "https://troth.example";
/** Lost hints are found this much sooner than in a real server, so that a run needs no hour to show it. */
const TIMING = { timing: { recheckMs: 30_000 } };
const RESTART_MS = 1000;

/** Read once: the simulation has no files. */
const POLICIES: Ground["policies"] = { first: await readPolicyFile(shippedPolicyPath("v1")), next: undefined };
const ROUTES = new Map(METHODS.map((route) => [`/${route.method.parent.typeName}/${route.method.name}`, route]));

export interface NodeSurroundings {
	readonly scheduler: Scheduler;
	readonly disk: ServerDisk;
	readonly hints: HintNetwork;
	readonly network: Network;
	readonly trace: Trace;
	/** A line that the server wrote for its operator. */
	readonly logged: (node: string, line: string) => void;
	/** A code that was sent to a number. */
	readonly codes: Map<string, string>;
}

export class Node {
	readonly host: Host;
	readonly #around: NodeSurroundings;
	#life: Life | undefined;
	#undo: AsyncDisposableStack | undefined;
	#door: NodeDoor | undefined;
	/** It comes back by itself when it could not start. */
	#wanted = false;

	constructor(name: string, around: NodeSurroundings) {
		this.host = { name, clockErrorMs: 0 };
		this.#around = around;
	}

	get up(): boolean {
		return this.#door !== undefined;
	}

	/** Starts it; where that fails, for instance because the disk is full, it is tried again until it succeeds. */
	async start(): Promise<void> {
		this.#wanted = true;
		while (this.#wanted && this.#life === undefined) {
			const life = new Life(this.host, this.#around.scheduler);
			this.#life = life;
			const undo = new AsyncDisposableStack();
			try {
				const context = await this.#assemble(life, undo);
				this.#undo = undo;
				this.#open(life, context);
			} catch (error) {
				this.#around.trace.note(this.host.name, `does not start: ${String(error)}`);
				life.kill();
				if (this.#life === life) this.#life = undefined;
				await this.#around.scheduler.sleep(RESTART_MS);
			}
		}
	}

	async #assemble(life: Life, undo: AsyncDisposableStack): Promise<MessengerContext> {
		const { disk, hints, codes, logged } = this.#around;
		const { logs, blobs, records: openRecords } = disk.stores(life);
		const records = await openRecords<Records>();
		await migrateRecords(records);
		const stores = {
			logs,
			blobs,
			records,
			hints: hints.bus(life),
			secrets: disk.secrets,
			[Symbol.asyncDispose]: async () => {},
		};
		const events = new Events(life, (line) => logged(this.host.name, line));
		return assembleMessenger(
			undo,
			{
				clock: life,
				codes: { development: true, send: async () => {} },
				onCode: (phone, code) => codes.set(phone, code),
				delivery: TIMING,
			},
			{ stores, events, policies: POLICIES, front: { origin: ORIGIN, drain: async () => {} } },
		);
	}

	#open(life: Life, context: MessengerContext): void {
		const { network, trace } = this.#around;
		const { exchange } = context.delivery;
		const door: NodeDoor = {
			name: this.host.name,
			life,
			answer: (request, from) => answer(context, request, from),
			accept(socket) {
				if (exchange.isClosed) return undefined;
				const stream = new Stream(socket, exchange);
				exchange.arrived(stream);
				stream.begin();
				return stream;
			},
		};
		this.#door = door;
		network.nodes.push(door);
		trace.note(this.host.name, "is up");
	}

	#close(): void {
		const { nodes } = this.#around.network;
		const at = this.#door === undefined ? -1 : nodes.indexOf(this.#door);
		if (at >= 0) nodes.splice(at, 1);
		this.#door = undefined;
	}

	/** The process is gone, between two steps of whatever it did. */
	crash(): void {
		this.#wanted = false;
		this.#close();
		this.#life?.kill();
		this.#life = undefined;
		this.#undo = undefined;
		this.#around.trace.note(this.host.name, "crashes");
	}

	/** It ends as a server that is told to: everything that was accepted is answered and stored. */
	async stop(): Promise<void> {
		this.#wanted = false;
		const [life, undo] = [this.#life, this.#undo];
		this.#around.trace.note(this.host.name, "is told to end");
		this.#close();
		this.#undo = undefined;
		try {
			await undo?.disposeAsync();
		} catch (error) {
			// Its last writes found a full disk: it ends all the same.
			this.#around.trace.note(this.host.name, `could not end cleanly: ${String(error)}`);
		}
		life?.kill();
		if (this.#life === life) this.#life = undefined;
		this.#around.trace.note(this.host.name, "has ended");
	}
}

/** What `messenger/http/rpc.ts` does on HTTP. */
async function answer(context: MessengerContext, request: HttpRequest, from: string): Promise<Answer> {
	const route = ROUTES.get(request.path);
	try {
		if (route === undefined) throw new Error(`no route ${request.path}`);
		return { status: 200, type: "application/proto", body: await call(route, context, request, from) };
	} catch (error) {
		const refusal = toRefusal(error);
		context.events.refused(refusal.code);
		if (refusal.code === "INTERNAL") context.events.failed(request.path, refusal.cause);
		return { type: "application/json", ...toErrorAnswer(refusal) };
	}
}

async function call(route: Route, context: MessengerContext, request: HttpRequest, from: string): Promise<Uint8Array> {
	const session = route.needsSession ? await requireSession(context, request.authorization) : undefined;
	const message = fromBinary(route.method.input, request.body);
	const answered = (await route.call(context, message, session, { address: from })) as Record<string, unknown>;
	return toBinary(route.method.output, create(route.method.output, answered));
}
