/**
 * A company with ads in this process: its pages and the Marketing API on real HTTP, people with sessions, and numbers
 * that arrive and leave the way the intake makes them do. For tests.
 */
import assert from "node:assert/strict";
import { createHash, randomBytes } from "node:crypto";
import { mkdtemp, readdir, readFile, rm } from "node:fs/promises";
import { tmpdir } from "node:os";
import { join } from "node:path";
import { ID_BYTES, type PhoneNumber, toHex } from "@troth/protocol";
import { ManualClock } from "@troth/protocol/_manual-clock.ts";
import { eraseDeleted, openRecords } from "@troth/storage";
import type { FamilyContext } from "../context.ts";
import { Events } from "../events.ts";
import { serveFeed } from "../feed/feed.ts";
import { startGraph } from "../graph/server.ts";
import { listen, prepareApp } from "../http/app.ts";
import { deriveFamilyKeys } from "../keys.ts";
import { MatchKeys } from "../match-keys/match-keys.ts";
import type { PersonId } from "../people/person.ts";
import { Sessions } from "../people/sessions.ts";
import { migrateRecords } from "../records/migrate.ts";
import type { Records } from "../records/schema.ts";
import { type AdAccount, createAdAccount } from "./accounts.ts";
import { forgetAds } from "./forgetting.ts";
import { registerAds } from "./index.ts";

export const DAY_MS = 24 * 3600 * 1000;

/** What an uploader makes of a number: SHA-256 of its digits. */
export const uploaded = (phone: string) => createHash("sha256").update(phone.slice(1)).digest("hex");

export interface Person {
	readonly person: PersonId;
	readonly email: string;
	readonly token: string;
	readonly subject: string;
}

export interface ShownAd {
	readonly advertiser: string;
	readonly title: string;
	readonly why: string;
}

export interface Answer {
	readonly status: number;
	readonly body: Record<string, unknown>;
	readonly text: string;
}

export interface Town extends AsyncDisposable {
	readonly clock: ManualClock;
	readonly context: FamilyContext;
	readonly url: string;
	readonly graphUrl: string;
	/** The number of the world's oldest boot maker. */
	readonly advertiser: AdAccount;
	readonly log: readonly string[];
	signUp(name: string, birthYear?: number): Promise<Person>;
	/** The number arrives with a share for `relevant_ads`, as the intake stores one. */
	share(person: Person, phone: string): Promise<void>;
	/** The recall of that share. */
	recall(person: Person): Promise<void>;
	/** The ad that the feed shows now. */
	ad(person: Person, headers?: Record<string, string>): Promise<ShownAd | undefined>;
	/** A page or an API of the company. */
	get(person: Person, path: string, headers?: Record<string, string>): Promise<Answer>;
	post(person: Person, path: string, input: object): Promise<Answer>;
	/** As the Node SDK does it: JSON in the body, the token in the query. */
	graph(method: string, path: string, parameters?: object, account?: AdAccount): Promise<Answer>;
	forget(): Promise<void>;
	/** The bytes of every file, after what was deleted is erased. Of a town on files only. */
	bytes(): Promise<Buffer>;
}

export interface TownChoices {
	readonly listFloor?: number;
	/** Memory where it is left out. */
	readonly stores?: "memory" | "sqlite";
}

export async function openTown({ listFloor = 1, stores = "memory" }: TownChoices = {}): Promise<Town> {
	await using undo = new AsyncDisposableStack();
	const directory = await mkdtemp(join(tmpdir(), "troth-ads-"));
	undo.defer(() => rm(directory, { recursive: true }));
	const at = stores === "memory" ? { kind: stores } : { kind: stores, path: join(directory, "records.sqlite") };
	const records = undo.adopt(await openRecords<Records>(at), (db) => db.destroy());
	await migrateRecords(records);
	const clock = new ManualClock();
	const log: string[] = [];
	const http = undo.use(await listen("127.0.0.1", 0));
	const url = `http://127.0.0.1:${http.port}`;
	const context: FamilyContext = {
		company: { id: "family", title: "Family" },
		origin: url,
		clock,
		records,
		keys: deriveFamilyKeys(randomBytes(32), "family"),
		events: new Events(clock, (line) => log.push(line)),
		codes: { send: async () => {} },
		sessions: new Sessions(records, clock, "family", url),
		matchKeys: new MatchKeys(),
		trust: { policyKey: new Uint8Array(32), shareLog: { log: "", witnesses: [], quorum: 0 } },
		bridgeToken: "bridge",
		features: { ads: true },
		operatorToken: "operator",
		listFloor,
		abusePseudonymKey: undefined,
		consumers: new Map(),
		countFloor: 1,
		personGone: [],
		knowledge: [],
		navigation: [],
	};
	await prepareApp(http.app, context);
	serveFeed(http.app, context);
	await registerAds(http.app, context);
	await http.serve();
	const { url: graphUrl } = undo.use(await startGraph(context, { host: "127.0.0.1", port: 0 }));
	const advertiser = await createAdAccount(context, { id: "1001", name: "Old Boots Ltd", audienceTerms: true });

	const call = async (person: Person, path: string, init: RequestInit): Promise<Answer> => {
		const headers = { authorization: `Bearer ${person.token}`, ...init.headers };
		return answerOf(await fetch(url + path, { ...init, headers, redirect: "manual" }));
	};
	const get = (person: Person, path: string, headers: Record<string, string> = {}) => call(person, path, { headers });
	const opened = undo.move();
	return {
		clock,
		context,
		url,
		graphUrl,
		advertiser,
		log,
		get,
		signUp: (name, birthYear = 1990) => signUp(context, name, birthYear),
		share: (person, phone) => share(context, person, phone),
		recall: (person) => recall(context, person),
		async ad(person, headers) {
			const { status, body } = await get(person, "/api/feed/ad", headers);
			assert.equal(status, 200);
			return (body["ad"] as ShownAd | null) ?? undefined;
		},
		post: (person, path, input) =>
			call(person, `/api${path}`, {
				method: "POST",
				headers: { "content-type": "application/json" },
				body: JSON.stringify(input),
			}),
		graph: (method, path, parameters = {}, account = advertiser) =>
			asNodeSdk(graphUrl, account.accessToken, method, path, parameters),
		forget: () => forgetAds(context),
		async bytes() {
			await eraseDeleted(records);
			const names = await readdir(directory);
			return Buffer.concat(await Promise.all(names.map((name) => readFile(join(directory, name)))));
		},
		[Symbol.asyncDispose]: () => opened.disposeAsync(),
	};
}

async function answerOf(response: Response): Promise<Answer> {
	const text = await response.text();
	const json = response.headers.get("content-type")?.startsWith("application/json") ?? false;
	return { status: response.status, text, body: json ? (JSON.parse(text) as Record<string, unknown>) : {} };
}

/** POST: JSON with a stray id; GET and DELETE: everything in the query, objects as JSON text (section 0). */
export async function asNodeSdk(
	base: string,
	token: string,
	method: string,
	path: string,
	parameters: object,
): Promise<Answer> {
	const url = new URL(`${base}/v24.0${path}`);
	url.searchParams.set("access_token", token);
	const headers = { "content-type": "application/json" };
	if (method === "POST") {
		const body = JSON.stringify({ ...parameters, id: path.split("/")[1] });
		return answerOf(await fetch(url, { method, headers, body }));
	}
	for (const [name, value] of Object.entries(parameters)) {
		url.searchParams.set(name, typeof value === "string" ? value : JSON.stringify(value));
	}
	return answerOf(await fetch(url, { method, headers, ...(method === "DELETE" && { body: "{}" }) }));
}

async function signUp({ records, clock, sessions }: FamilyContext, name: string, birthYear: number): Promise<Person> {
	const person = toHex(randomBytes(ID_BYTES)) as PersonId;
	const email = `${name.toLowerCase()}@example.org`;
	const token = await records.transaction().execute(async (transaction) => {
		await transaction
			.insertInto("person")
			.values({
				person_id: person,
				email,
				name,
				birth_year: birthYear,
				password_salt: new Uint8Array(16),
				password_hash: new Uint8Array(32),
				created_at_ms: clock.now(),
				suggest_me: 0,
				suggest_to_me: 0,
			})
			.execute();
		return sessions.open(transaction, person);
	});
	return { person, email, token, subject: toHex(randomBytes(16)) };
}

async function share({ records, matchKeys, keys, clock }: FamilyContext, { person, subject }: Person, phone: string) {
	const now = clock.now();
	const policy_hash = "ab".repeat(32);
	await records.transaction().execute(async (transaction) => {
		await transaction
			.insertInto("shared_item")
			.values({
				subject,
				purpose: "relevant_ads",
				generation: 1,
				person_id: person,
				attached_by: "link",
				policy_hash,
				purpose_hash: "cd".repeat(32),
				grant_hash: "ef".repeat(32),
				policy_version: 2,
				purpose_title: "Show me ads of companies I know",
				device_type: null,
				os: null,
				app_version: null,
				received_at_ms: now,
				expires_at_ms: now + 20 * DAY_MS,
			})
			.execute();
		await matchKeys.add(transaction, [
			{
				person_id: person,
				purpose: "relevant_ads",
				source: "share",
				subject,
				generation: 1,
				policy_hash,
				tag: keys.tags.list(phone as PhoneNumber),
				since_ms: now,
			},
		]);
	});
}

async function recall({ records, matchKeys }: FamilyContext, { subject }: Person): Promise<void> {
	await records.transaction().execute(async (transaction) => {
		await transaction.deleteFrom("shared_item").where("subject", "=", subject).execute();
		await matchKeys.remove(transaction, { subject, purpose: "relevant_ads" });
	});
}
