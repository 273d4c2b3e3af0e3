/** The sample people's accounts at the parent, made through its own API: who is there, who knows whose number. */
import type { SentCodes } from "../supervision/codes.ts";
import type { SamplePerson } from "./people.ts";

export interface FamilyLogin {
	readonly name: string;
	readonly email: string;
	readonly password: string;
	/** Has the account verified the number itself? */
	readonly phoneVerified: boolean;
}

/**
 * Carla has an account without a number, and so do those after Grace: what the parent does not know is what sharing is
 * about. The others verified theirs, and let it be used for suggestions and for ads of companies they deal with.
 */
const WITH_NUMBER: ReadonlySet<string> = new Set(["Alice", "Bob", "Dan", "Erin", "Frank", "Grace"]);

/** Whose numbers are in whose address book there. Alice and Carla have each other's. */
const BOOKS: Readonly<Record<string, readonly string[]>> = {
	Alice: ["Bob", "Carla"],
	Bob: ["Alice"],
	Carla: ["Alice", "Dan"],
};

const FRIENDS: readonly (readonly [string, string])[] = [["Alice", "Bob"]];

/** A company of the family that people sign up at. */
export interface Company {
	readonly url: string;
	readonly codes: SentCodes;
}

/** Signs everybody up; numbers are verified for real, with the code that was sent. */
export async function foundFamily(company: Company, people: readonly SamplePerson[]): Promise<readonly FamilyLogin[]> {
	const members = await Promise.all(people.map((person) => join(company, person)));
	const byName = new Map(members.map((member) => [member.login.name, member]));
	for (const [name, others] of Object.entries(BOOKS)) {
		const text = others.flatMap((other) => byName.get(other)?.phone ?? []).join("\n");
		await byName.get(name)?.post("/address-book", { text });
	}
	for (const [asking, asked] of FRIENDS) {
		const from = byName.get(asking);
		const to = byName.get(asked);
		if (from === undefined || to === undefined) continue;
		await from.post("/friends/request", { email: to.login.email });
		await to.post("/friends/accept", { person: from.person });
	}
	await byName.get("Alice")?.post("/posts", { text: "First day of the market. The bread was gone by nine." });
	await byName.get("Bob")?.post("/posts", { text: "Has anybody seen my umbrella? Red, one broken rib, much loved." });
	return members.map(({ login }) => login);
}

interface Member {
	readonly login: FamilyLogin;
	readonly phone: string;
	readonly person: string;
	post(path: string, body: unknown): Promise<Record<string, unknown>>;
}

async function join(company: Company, { name, phone }: SamplePerson): Promise<Member> {
	const handle = name.toLowerCase().replaceAll(" ", ".");
	const phoneVerified = WITH_NUMBER.has(name);
	const login = { name, email: `${handle}@example.org`, password: `${handle}-in-the-sandbox`, phoneVerified };
	const signedUp = await post(company.url, undefined, "/sign-up", { ...login, birthYear: "1990" });
	const token = String(signedUp["token"]);
	const member: Member = {
		login,
		phone,
		person: String(signedUp["person"]),
		post: (path, body) => post(company.url, token, path, body),
	};
	if (phoneVerified) {
		const code = company.codes.after(phone, "family");
		await member.post("/phone", { phone });
		await member.post("/phone/verify", { code: await code() });
		await member.post("/phone/choices", { friendSuggestions: true, relevantAds: true });
	}
	return member;
}

/** The company did not do what the sandbox needs of it. */
export class CompanyRefusedError extends Error {
	override readonly name = "CompanyRefusedError";
}

async function post(
	url: string,
	token: string | undefined,
	path: string,
	body: unknown,
): Promise<Record<string, unknown>> {
	const response = await fetch(`${url}/api${path}`, {
		method: "POST",
		headers: {
			"content-type": "application/json",
			...(token !== undefined && { authorization: `Bearer ${token}` }),
		},
		body: JSON.stringify(body),
	});
	const answer = (await response.json()) as Record<string, unknown>;
	if (!response.ok) throw new CompanyRefusedError(`${path}: ${JSON.stringify(answer)}`);
	return answer;
}
