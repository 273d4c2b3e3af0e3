/** The whole of sharing in this process, with the parent and its second company as they really are. */
import { join } from "node:path";
import type { PhoneNumber } from "@troth/protocol";
import { type CompanyGround, type SharingWorld, startSharingWith } from "../../client/stories/_sharing.ts";
import { type Family, startFamily } from "../../family/index.ts";
import { openFamilyKeys } from "../../family/keys.ts";
import { json, post } from "../../world/_sandbox.ts";
import { tracesBelow } from "./_traces.ts";

const OPERATOR = "the parent's operator";
const PASSWORD = "correct horse battery";

export type ParentWorld = SharingWorld<Company>;

/** Starts messenger, door, log, witness and both companies on real HTTP; their clock can be moved. */
export function startParentWorld(): Promise<ParentWorld> {
	return startSharingWith(Company.start);
}

interface KnownItem {
	readonly field: string;
	readonly value: string;
	readonly purpose: string;
	readonly source: "share" | "self";
}

/** A company, what its operator can ask, and people with accounts there. */
export class Company implements AsyncDisposable {
	readonly url: string;
	readonly vkey: string;
	readonly directory: string;
	readonly #id: string;
	readonly #codes: ReadonlyMap<string, string>;
	readonly #log: readonly string[];
	readonly #running: AsyncDisposable;

	private constructor(
		id: string,
		directory: string,
		running: Family,
		codes: ReadonlyMap<string, string>,
		log: readonly string[],
	) {
		this.#id = id;
		this.directory = directory;
		this.url = running.url;
		this.vkey = running.receiptsVkey;
		this.#codes = codes;
		this.#log = log;
		this.#running = running;
	}

	static readonly start = async ({
		id,
		directory,
		clock,
		token,
		policyKey,
		shareLog,
		pairKey,
	}: CompanyGround): Promise<Company> => {
		const inside = join(directory, id);
		const codes = new Map<string, string>();
		const log: string[] = [];
		const running = await startFamily({
			clock,
			stores: { kind: "sqlite", directory: inside },
			id,
			title: id === "family" ? "Family" : "Photos",
			bridgeToken: token,
			operatorToken: OPERATOR,
			trust: { policyKey, shareLog },
			witnesses: [],
			codes: { send: async () => {} },
			onCode: (phone, code) => codes.set(phone, code),
			listFloor: 5,
			features: { ads: id === "family" },
			...(pairKey !== undefined && { abusePseudonymKey: pairKey }),
			log: (line) => log.push(line),
		});
		return new Company(id, inside, running, codes, log);
	};

	/** A new account; with a number that it verified, where one is named. */
	async signUp(name: string, phone?: string): Promise<Member> {
		const email = `${name.toLowerCase()}@example.org`;
		const { body } = await post(`${this.url}/api/sign-up`, undefined, {
			name,
			email,
			password: PASSWORD,
			birthYear: 1990,
		});
		const member = new Member(this.url, String(body["token"]));
		if (phone !== undefined) {
			await member.post("/phone", { phone });
			await member.post("/phone/verify", { code: this.#codes.get(phone) });
		}
		return member;
	}

	/** What it holds by a share under this number, as "purpose field". */
	async holds(phone: string): Promise<readonly string[]> {
		const { body } = await json(`${this.url}/operator/knows?phone=${encodeURIComponent(phone)}`, {
			headers: { authorization: `Bearer ${OPERATOR}` },
		});
		const items = body["items"] as readonly KnownItem[];
		return items
			.filter(({ source }) => source === "share")
			.map(({ purpose, field }) => `${purpose} ${field}`)
			.sort();
	}

	/** How many people use the other service, by week and class: under names of their own, or told in sums. */
	async counted(how: "troth" | "trothSums" = "troth"): Promise<readonly Readonly<Record<string, unknown>>[]> {
		const { body } = await json(`${this.url}/operator/metrics`, { headers: { authorization: `Bearer ${OPERATOR}` } });
		return (body["usage"] as Record<typeof how, readonly Readonly<Record<string, unknown>>[]>)[how];
	}

	/** How delivery goes at the other service, by system and version. */
	async delivered(): Promise<readonly unknown[]> {
		const { body } = await json(`${this.url}/operator/metrics`, { headers: { authorization: `Bearer ${OPERATOR}` } });
		return body["delivery"] as readonly unknown[];
	}

	/** What of a number lies in its files and its log, in every form that somebody would look for (hazard 33). */
	async traces(phone: string): Promise<readonly string[]> {
		const { tags } = await openFamilyKeys(this.directory, this.#id);
		const number = phone as PhoneNumber;
		const bytes = [tags.people(number), tags.list(number), tags.book(number)].map((tag) => Buffer.from(tag));
		const found = tracesBelow(this.directory, [phone, phone.slice(1), ...bytes]);
		const said = this.#log.filter((line) => line.includes(phone.slice(1)));
		return [...found.map(({ where, marker, form }) => `${where}: ${marker} ${form}`), ...said];
	}

	async [Symbol.asyncDispose](): Promise<void> {
		await this.#running[Symbol.asyncDispose]();
	}
}

/** Somebody with an account at a company. */
export class Member {
	readonly #url: string;
	readonly #token: string;

	constructor(url: string, token: string) {
		this.#url = url;
		this.#token = token;
	}

	post(path: string, body: unknown) {
		return post(`${this.#url}/api${path}`, this.#token, body);
	}

	async get(path: string): Promise<Readonly<Record<string, unknown>>> {
		const { body } = await json(`${this.#url}/api${path}`, { headers: { authorization: `Bearer ${this.#token}` } });
		return body;
	}

	/** The address that the person opens in Troth. */
	async connect(): Promise<{ readonly url: string; readonly nonce: string }> {
		const { body } = await this.post("/connect", {});
		return { url: String(body["url"]), nonce: String(body["nonce"]) };
	}
}
