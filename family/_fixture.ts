/** A company in this process, on real HTTP, and people with accounts there. For tests. */
import { mkdtemp, rm } from "node:fs/promises";
import { tmpdir } from "node:os";
import { join } from "node:path";
import { ManualClock } from "@troth/protocol/_manual-clock.ts";
import { TestBridge } from "./_bridge.ts";
import { type Family, type FamilyOptions, startFamily } from "./server.ts";

export interface TestFamily extends Family {
	readonly clock: ManualClock;
	readonly bridge: TestBridge;
	/** The last code sent to each number. */
	readonly codes: ReadonlyMap<string, string>;
	readonly log: readonly string[];
	/** Undefined where its stores are in memory. */
	readonly directory: string | undefined;
	/** A new account; its e-mail address is made of the name. */
	signUp(name: string, birthYear?: number): Promise<TestPerson>;
	/** A call for programs; `error` of the answer in the result where it was refused. */
	call<Answer = unknown>(path: string, body?: unknown, token?: string): Promise<Answer>;
	/** What the operator is told about a number. */
	knows(phone: string): Promise<{ readonly known: boolean; readonly items: readonly KnownItem[] }>;
	/** Stops it and starts it again on the same files (sqlite only). */
	restart(): Promise<void>;
}

interface KnownItem {
	readonly recipient: string;
	readonly field: string;
	readonly value: string;
	readonly purpose: string;
	readonly source: string;
}

/** A refusal of a call. */
export class CallRefused extends Error {
	override readonly name = "CallRefused";
	readonly status: number;
	readonly code: string;

	constructor(status: number, code: string, message: string) {
		super(message);
		this.status = status;
		this.code = code;
	}
}

export const PASSWORD = "correct horse battery";
const OPERATOR = "operator-token";
const BRIDGE = "bridge-token";

export interface TestFamilyOptions
	extends Partial<Pick<FamilyOptions, "id" | "title" | "features" | "codes" | "messenger" | "abusePseudonymKey">> {
	readonly stores?: "memory" | "sqlite";
	/** How many witnesses have to have seen the share log; they never answer. */
	readonly quorum?: number;
}

/** Starts a company on a free port. Its clock stands still. */
export async function startTestFamily(options: TestFamilyOptions = {}): Promise<TestFamily> {
	const clock = new ManualClock();
	const codes = new Map<string, string>();
	const log: string[] = [];
	const id = options.id ?? "family";
	await using undo = new AsyncDisposableStack();
	const bridge = undo.use(await TestBridge.open(clock, id));
	const directory = options.stores === "sqlite" ? await mkdtemp(join(tmpdir(), "troth-family-test-")) : undefined;
	if (directory !== undefined) undo.defer(() => rm(directory, { recursive: true }));
	const start = (port: number) =>
		startFamily({
			clock,
			stores: directory === undefined ? { kind: "memory" } : { kind: "sqlite", directory },
			port,
			id,
			title: options.title ?? "Family",
			bridgeToken: BRIDGE,
			operatorToken: OPERATOR,
			trust: { policyKey: bridge.policyKey, shareLog: bridge.trust(options.quorum ?? 0) },
			witnesses: [],
			...(options.messenger !== undefined && { messenger: options.messenger }),
			...(options.abusePseudonymKey !== undefined && { abusePseudonymKey: options.abusePseudonymKey }),
			codes: options.codes ?? { send: async () => {} },
			onCode: (phone, code) => codes.set(phone, code),
			listFloor: 5,
			features: options.features ?? { ads: false },
			log: (line) => log.push(line),
		});
	let running = await start(0);
	const { url, port, receiptsVkey } = running;
	bridge.reach(url, BRIDGE, receiptsVkey);
	undo.defer(() => running[Symbol.asyncDispose]());
	const call = async <Answer>(path: string, body?: unknown, token?: string): Promise<Answer> => {
		const response = await fetch(url + path, {
			method: body === undefined ? "GET" : "POST",
			headers: {
				...(body !== undefined && { "content-type": "application/json" }),
				...(token !== undefined && { authorization: `Bearer ${token}` }),
			},
			...(body !== undefined && { body: JSON.stringify(body) }),
		});
		const answer = (await response.json()) as { error?: { code: string; message: string } };
		if (!response.ok) throw new CallRefused(response.status, answer.error?.code ?? "", answer.error?.message ?? "");
		return answer as Answer;
	};
	const stack = undo.move();
	const family: TestFamily = {
		...running,
		clock,
		bridge,
		codes,
		log,
		directory,
		url,
		port,
		receiptsVkey,
		counters: () => running.counters(),
		call,
		async signUp(name, birthYear = 1990) {
			const email = `${encodeURIComponent(name.toLowerCase()).replaceAll("%", "")}@example.org`;
			const { person, token } = await call<{ person: string; token: string }>("/api/sign-up", {
				name,
				email,
				password: PASSWORD,
				birthYear,
			});
			return new TestPerson(family, name, email, person, token);
		},
		knows: (phone) => call(`/operator/knows?phone=${encodeURIComponent(phone)}`, undefined, OPERATOR),
		async restart() {
			await running[Symbol.asyncDispose]();
			running = await start(port);
		},
		[Symbol.asyncDispose]: () => stack.disposeAsync(),
	};
	return family;
}

/** A person with an account, as a program of theirs sees it. */
export class TestPerson {
	readonly family: TestFamily;
	readonly name: string;
	readonly email: string;
	readonly person: string;
	readonly token: string;

	constructor(family: TestFamily, name: string, email: string, person: string, token: string) {
		this.family = family;
		this.name = name;
		this.email = email;
		this.person = person;
		this.token = token;
	}

	call<Answer = unknown>(path: string, body?: unknown): Promise<Answer> {
		return this.family.call(path, body, this.token);
	}

	/** Adds a number and proves it. */
	async verify(phone: string): Promise<void> {
		await this.call("/api/phone", { phone });
		await this.call("/api/phone/verify", { code: this.family.codes.get(phone) });
	}

	choose(friendSuggestions: boolean, relevantAds = false): Promise<unknown> {
		return this.call("/api/phone/choices", { friendSuggestions, relevantAds });
	}

	upload(...numbers: readonly string[]): Promise<unknown> {
		return this.call("/api/address-book", { text: numbers.join("\n") });
	}

	/** Names of who is suggested, with all reasons in one text. */
	async suggestions(): Promise<ReadonlyMap<string, string>> {
		const { suggestions } = await this.call<{
			suggestions: readonly { name: string; reasons: readonly { text: string }[] }[];
		}>("/api/suggestions");
		return new Map(suggestions.map(({ name, reasons }) => [name, reasons.map(({ text }) => text).join(" ")]));
	}

	async befriend(other: TestPerson): Promise<void> {
		await this.call("/api/friends/request", { email: other.email });
		await other.call("/api/friends/accept", { person: this.person });
	}

	/** A page as a browser with the session's cookie gets it. */
	async page(path: string): Promise<string> {
		const response = await this.browse(path);
		return response.text();
	}

	browse(path: string, init: RequestInit = {}): Promise<Response> {
		const cookie = `${this.family.bridge.recipient}_session=${this.token}`;
		const headers = { accept: "text/html", cookie, ...(init.headers as Record<string, string> | undefined) };
		return fetch(this.family.url + path, { redirect: "manual", ...init, headers });
	}

	/** A nonce for a new link. */
	async connect(): Promise<string> {
		const { nonce } = await this.call<{ nonce: string }>("/api/connect", {});
		return nonce;
	}
}
