/**
 * The network between devices and nodes. A stream keeps its order, as TCP does: it is late, it breaks, or it swallows
 * everything from some moment on until somebody notices. Requests come in any order, twice, or not at all, and so do
 * their answers.
 */
import type { OpenSocket } from "../../client/sync/web-socket.ts";
import { messageAcross } from "./ages.ts";
import { Connection, REPEATED } from "./connection.ts";
import type { Dice } from "./dice.ts";
import type { Life } from "./life.ts";
import type { Answer, HttpRequest, Link, NetworkWatcher, NodeDoor } from "./link.ts";
import type { Scheduler } from "./scheduler.ts";

/** What a server says where a method is none of its own. */
const UNKNOWN_METHOD: Answer = {
	status: 404,
	type: "application/json",
	body: new TextEncoder().encode(JSON.stringify({ code: "unimplemented", message: "no such method" })),
};

export class Network {
	/** Nodes that take connections now. */
	readonly nodes: NodeDoor[] = [];
	readonly #scheduler: Scheduler;
	readonly #dice: Dice;
	readonly #watcher: NetworkWatcher;
	readonly #connections = new Set<Connection>();

	constructor(scheduler: Scheduler, dice: Dice, watcher: NetworkWatcher) {
		this.#scheduler = scheduler;
		this.#dice = dice;
		this.#watcher = watcher;
	}

	/** Breaks what this device has open. `silently`: neither side is told, everything is swallowed. */
	breakStreams(link: Link, silently: boolean): void {
		for (const connection of [...this.#connections])
			if (connection.link === link) silently ? connection.swallow() : connection.snap();
	}

	/** From now on nothing gets through, until `link.down` is taken back; what is open swallows everything. */
	cut(link: Link): void {
		link.down = true;
		this.breakStreams(link, true);
	}

	/** The stalled device reads again. */
	resume(link: Link): void {
		link.stalled = false;
		for (const connection of this.#connections) if (connection.link === link) connection.drain();
	}

	// ── Requests ─────────────────────────────────────────────────────────────────────────────────────────────────

	/** `fetch` of a program on a device. */
	fetch(life: Life, link: Link): typeof fetch {
		return ((input: string | URL, init: RequestInit = {}) => {
			const { pathname } = new URL(input);
			const headers = new Headers(init.headers);
			const request: HttpRequest = {
				path: pathname,
				authorization: headers.get("authorization") ?? undefined,
				body: Uint8Array.from((init.body as Uint8Array | null) ?? []),
			};
			return new Promise((resolve, reject) => {
				const { signal } = init;
				signal?.addEventListener("abort", () => life.alive && reject(signal.reason));
				this.#request(
					life,
					link,
					request,
					(answer) => life.alive && resolve(toResponse(answer)),
					() => life.alive && reject(new TypeError("fetch failed")),
				);
			});
		}) as typeof fetch;
	}

	#request(life: Life, link: Link, request: HttpRequest, answered: (answer: Answer) => void, failed: () => void): void {
		if (!life.alive) return;
		this.#watcher.note(link.device, `asks ${request.path.split("/").at(-1)}`, request.body);
		this.#scheduler.after(this.#latency(link), () => {
			const node = this.#nodeOf(link);
			// A connection that is refused is told at once; what is lost on the way shows by its silence.
			if (node === undefined) return void this.#scheduler.after(this.#latency(link), failed);
			if (link.down || this.#dice.chance(link.loss)) {
				if (this.#dice.chance(0.7)) this.#scheduler.after(this.#latency(link), failed);
				return;
			}
			if (this.#dice.chance(REPEATED))
				this.#scheduler.after(this.#dice.between(0, 2000), () => void this.#serve(node, link, request));
			void this.#serve(node, link, request).then((answer) => {
				this.#scheduler.after(this.#latency(link), () => {
					if (answer === undefined) failed();
					else if (!link.down && !this.#dice.chance(link.loss)) answered(answer);
					else if (this.#dice.chance(0.7)) failed();
				});
			});
		});
	}

	/** Undefined where the node died over it. */
	#serve(node: NodeDoor, link: Link, request: HttpRequest): Promise<Answer | undefined> {
		const { age } = link;
		const heard = messageAcross(age, request.path, request.body, "input", this.#dice);
		if (heard === undefined) return Promise.resolve(UNKNOWN_METHOD);
		return new Promise((resolve) => {
			if (!node.life.alive) return resolve(undefined);
			node.life.onEnd(() => resolve(undefined));
			this.#watcher.asked(link, request);
			void node.answer({ ...request, body: heard }, link.device).then((answer) => {
				if (!node.life.alive) return;
				this.#watcher.note(node.name, `answers ${request.path.split("/").at(-1)} ${answer.status}`, answer.body);
				this.#watcher.answered(link, request, answer);
				if (answer.status !== 200) return resolve(answer);
				const body = messageAcross(age, request.path, answer.body, "output", this.#dice);
				resolve(body === undefined ? UNKNOWN_METHOD : { ...answer, body });
			});
		});
	}

	#nodeOf(link: Link): NodeDoor | undefined {
		return this.nodes.find(({ name }) => name === link.home);
	}

	#latency(link: Link): number {
		return this.#dice.between(1, link.latencyMs);
	}

	// ── Streams ──────────────────────────────────────────────────────────────────────────────────────────────────

	openSocket(life: Life, link: Link): OpenSocket {
		return (_url, _subprotocol, events) => {
			const connection = new Connection(this.#scheduler, this.#dice, this.#watcher, life, link, events);
			this.#connections.add(connection);
			connection.onOver(() => this.#connections.delete(connection));
			this.#scheduler.after(this.#latency(link), () => {
				const node = link.down ? undefined : this.#nodeOf(link);
				if (node === undefined) connection.snap();
				else connection.connect(node);
			});
			return connection.deviceEnd;
		};
	}
}

/** What connect's transport reads of a response. */
function toResponse({ status, type, body }: Answer): Response {
	const response = {
		status,
		ok: status === 200,
		headers: new Headers({ "content-type": type }),
		arrayBuffer: async () => Uint8Array.from(body).buffer,
		json: async () => JSON.parse(new TextDecoder().decode(body)) as unknown,
	};
	return response as unknown as Response;
}
