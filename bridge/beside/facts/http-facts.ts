/**
 * Facts over HTTP: `GET {url}/people/{id}?purpose={purpose}` gives a person's fields as JSON, 404 says that there is
 * nobody, `HEAD` asks for no more than that. The purpose goes along, so that the host can answer with no more and note
 * what it was asked for.
 */
import type { Clock, DeliveryCell } from "@troth/protocol";
import * as v from "valibot";
import { cleanDeliveries, DELIVERY_ROWS } from "./deliveries.ts";
import {
	type ColumnNames,
	cleanValues,
	type HostFacts,
	type HostPurpose,
	type HostValues,
	isHostId,
} from "./host-facts.ts";
import { Turns } from "./turns.ts";

export interface HttpFactsAt {
	readonly kind: "http";
	/** Below it lies `/people/{id}`. */
	readonly url: string;
	/** Bearer token. */
	readonly token: string;
	/** Names of the fields in the host's JSON. */
	readonly fields: ColumnNames;
	/** What it is asked for; `USUAL_PURPOSES` where it is left out. */
	readonly purposes?: readonly HostPurpose[];
	/** It is asked how delivery went, too: `GET {url}/deliveries?day=2026-11-22`. */
	readonly deliveries?: boolean;
	/** 3 seconds where it is left out. */
	readonly timeoutMs?: number;
	/** Requests at once; 8 where it is left out. */
	readonly atOnce?: number;
}

const TIMEOUT_MS = 3_000;
const AT_ONCE = 8;
const ATTEMPTS = 2;
const LONGEST_ANSWER = 64 * 1024;

const Person = v.custom<Record<string, unknown>>(
	(value) => typeof value === "object" && value !== null && !Array.isArray(value),
);

/** The host said something that is no answer. */
class HostAnswerError extends Error {
	override readonly name = "HostAnswerError";
}

export class HttpFacts implements HostFacts {
	readonly #at: HttpFactsAt;
	readonly #turns: Turns;
	readonly #stop = new AbortController();

	constructor(clock: Clock, at: HttpFactsAt) {
		this.#at = at;
		this.#turns = new Turns(clock, at.atOnce ?? AT_ONCE);
	}

	async read<P extends HostPurpose>(purpose: P, hostId: string): Promise<HostValues<P> | undefined> {
		if (!isHostId(hostId)) return undefined;
		const person = await this.#turns.take(() => this.#ask("GET", `${personPath(hostId)}?purpose=${purpose}`));
		if (person === undefined) return undefined;
		return cleanValues<P>(purpose, this.#at.fields, person);
	}

	async known(hostIds: readonly string[]): Promise<ReadonlySet<string>> {
		const there = await Promise.all(
			hostIds
				.filter(isHostId)
				.map(async (id) =>
					(await this.#turns.take(() => this.#ask("HEAD", personPath(id)))) === undefined ? [] : [id],
				),
		);
		return new Set(there.flat());
	}

	async deliveries(day: string): Promise<readonly DeliveryCell[]> {
		if (this.#at.deliveries !== true) return [];
		const said = await this.#turns.take(() => this.#ask("GET", `/deliveries?day=${day}`));
		return cleanDeliveries(Array.isArray(said?.["cells"]) ? said["cells"].slice(0, DELIVERY_ROWS) : []);
	}

	/** What the host says of the person; undefined for nobody. Tries again once, where that may help. */
	async #ask(method: "GET" | "HEAD", path: string): Promise<Record<string, unknown> | undefined> {
		for (let attempt = 1; ; attempt++) {
			try {
				return await this.#askOnce(method, path);
			} catch (error) {
				if (attempt === ATTEMPTS || error instanceof HostAnswerError || this.#stop.signal.aborted) throw error;
			}
		}
	}

	async #askOnce(method: "GET" | "HEAD", path: string): Promise<Record<string, unknown> | undefined> {
		const { url, token, timeoutMs = TIMEOUT_MS } = this.#at;
		const response = await fetch(`${url.replace(/\/$/, "")}${path}`, {
			method,
			headers: { authorization: `Bearer ${token}`, accept: "application/json" },
			redirect: "error",
			signal: AbortSignal.any([AbortSignal.timeout(timeoutMs), this.#stop.signal]),
		});
		if (response.status === 404) {
			await response.body?.cancel();
			return undefined;
		}
		if (response.status >= 500) throw new Error(`the host answered ${response.status}`);
		if (response.status !== 200) throw new HostAnswerError(`the host answered ${response.status}`);
		if (method === "HEAD") return {};
		const text = await response.text();
		if (text.length > LONGEST_ANSWER) throw new HostAnswerError("the host's answer is too long");
		const parsed = v.safeParse(v.pipe(v.string(), v.parseJson(), Person), text);
		if (!parsed.success) throw new HostAnswerError("the host's answer is no JSON object");
		return parsed.output;
	}

	async [Symbol.asyncDispose](): Promise<void> {
		this.#stop.abort();
	}
}

function personPath(hostId: string): string {
	return `/people/${encodeURIComponent(hostId)}`;
}
