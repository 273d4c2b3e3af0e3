/**
 * Who a request comes from. A session is 32 random bytes: in a cookie for browsers, as a bearer token for programs; here
 * lies only their SHA-256. A cookie counts for pages and never for `/api`, so that no other site can use it there.
 */
import { createHash, randomBytes } from "node:crypto";
import type { Clock } from "@troth/protocol";
import type { FastifyReply, FastifyRequest } from "fastify";
import type { Kysely, Transaction } from "kysely";
import type { Records } from "../records/schema.ts";
import { isMinor, type PersonId, type Viewer } from "./person.ts";

const SESSION_MS = 30 * 24 * 3600 * 1000;
const TOKEN_BYTES = 32;

export class Sessions {
	readonly #records: Kysely<Records>;
	readonly #clock: Clock;
	readonly #cookie: string;
	readonly #secure: boolean;
	readonly #listeners: ((person: PersonId) => void)[] = [];

	/** @param id of the company: browsers keep one jar for all ports of a machine */
	constructor(records: Kysely<Records>, clock: Clock, id: string, origin: string) {
		this.#records = records;
		this.#clock = clock;
		this.#cookie = `${id}_session`;
		this.#secure = origin.startsWith("https:");
	}

	/** A new session; gives its token. */
	async open(transaction: Transaction<Records>, person: PersonId): Promise<string> {
		const token = randomBytes(TOKEN_BYTES).toString("base64url");
		const now = this.#clock.now();
		await transaction
			.insertInto("session")
			.values({
				token_digest: digestOf(token),
				person_id: person,
				created_at_ms: now,
				expires_at_ms: now + SESSION_MS,
			})
			.execute();
		return token;
	}

	/** Ends the session the request came with. */
	async close(request: FastifyRequest): Promise<void> {
		const token = this.#tokenOf(request);
		if (token === undefined) return;
		await this.#records.deleteFrom("session").where("token_digest", "=", digestOf(token)).execute();
	}

	/** Undefined for strangers and for sessions that are over. */
	async viewerOf(request: FastifyRequest): Promise<Viewer | undefined> {
		const token = this.#tokenOf(request);
		if (token === undefined) return undefined;
		const now = this.#clock.now();
		const row = await this.#records
			.selectFrom("session")
			.innerJoin("person", "person.person_id", "session.person_id")
			.select(["person.person_id", "name", "email", "birth_year"])
			.where("token_digest", "=", digestOf(token))
			.where("expires_at_ms", ">", now)
			.executeTakeFirst();
		if (row === undefined) return undefined;
		const { person_id: person, name, email, birth_year: birthYear } = row;
		for (const seen of this.#listeners) seen(person);
		return { person, name, email, birthYear, minor: isMinor(birthYear, now) };
	}

	/** Somebody is told of each person who asks for something while they are logged in. */
	listen(seen: (person: PersonId) => void): void {
		this.#listeners.push(seen);
	}

	/** Does the request carry a cookie of ours, which a browser adds by itself? */
	hasCookie(request: FastifyRequest): boolean {
		return request.cookies[this.#cookie] !== undefined;
	}

	/** Gives the browser its session, or takes it away. */
	setCookie(reply: FastifyReply, token: string | undefined): void {
		const attributes = { path: "/", httpOnly: true, sameSite: "lax", secure: this.#secure } as const;
		if (token === undefined) reply.clearCookie(this.#cookie, attributes);
		else reply.setCookie(this.#cookie, token, { ...attributes, maxAge: SESSION_MS / 1000 });
	}

	#tokenOf(request: FastifyRequest): string | undefined {
		const bearer = /^Bearer ([\w-]{43})$/.exec(request.headers.authorization ?? "")?.[1];
		if (bearer !== undefined || isApi(request)) return bearer;
		return request.cookies[this.#cookie];
	}
}

/** Is this the surface for programs? */
export function isApi(request: FastifyRequest): boolean {
	return request.url.startsWith("/api/");
}

function digestOf(token: string): string {
	return createHash("sha256").update(token).digest("hex");
}
