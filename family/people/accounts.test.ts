/** Signing up, logging in and out, guessing, and forms of other sites. */
import assert from "node:assert/strict";
import { after, before, test } from "node:test";
import { CallRefused, PASSWORD, startTestFamily, type TestFamily } from "../_fixture.ts";

let family: TestFamily;
before(async () => {
	family = await startTestFamily();
});
after(() => family[Symbol.asyncDispose]());

const refusedWith = (code: string) => (error: unknown) => error instanceof CallRefused && error.code === code;

function submit(path: string, fields: Record<string, string>, headers: Record<string, string> = {}): Promise<Response> {
	return fetch(family.url + path, {
		method: "POST",
		redirect: "manual",
		headers: { accept: "text/html", origin: family.origin, ...headers },
		body: new URLSearchParams(fields),
	});
}

test("alice signs up with a form, gets a session only her browser has, and logs out", async () => {
	const fields = { name: "Alice", email: " Alice@Example.org ", password: PASSWORD, birthYear: "1990" };
	const response = await submit("/sign-up", fields);
	assert.equal(response.status, 303);
	const cookie = response.headers.get("set-cookie") ?? "";
	assert.match(cookie, /^family_session=[\w-]{43}; /);
	assert.match(cookie, /HttpOnly/);
	assert.match(cookie, /SameSite=Lax/);
	const [session = ""] = cookie.split(";");
	const home = () => fetch(`${family.url}/`, { headers: { accept: "text/html", cookie: session } });
	assert.match(await (await home()).text(), /Hello, Alice/);
	// The cookie is for pages: what programs use takes none.
	assert.equal((await fetch(`${family.url}/api/me`, { headers: { cookie: session } })).status, 401);
	assert.equal((await submit("/log-out", {}, { cookie: session })).status, 303);
	assert.doesNotMatch(await (await home()).text(), /Hello, Alice/);
	// However it is spelt, it is the same address.
	await family.call("/api/log-in", { email: "ALICE@example.org", password: PASSWORD });
	await assert.rejects(family.call("/api/sign-up", { ...fields, birthYear: 1990 }), refusedWith("EMAIL_TAKEN"));
});

test("what was typed comes back with what was wrong, the password does not", async () => {
	const fields = { name: 'Eve "x"', email: "eve@example.org", password: "short-pw", birthYear: "1990" };
	const response = await submit("/sign-up", fields);
	assert.equal(response.status, 400);
	const page = await response.text();
	assert.match(page, /at least 10 characters/);
	assert.match(page, /value="Eve &#34;x&#34;"/);
	assert.doesNotMatch(page, /short-pw/);
	for (const wrong of [{ birthYear: "2026" }, { email: "nobody" }, { name: "" }, { name: "a\nb" }, { birthYear: "x" }])
		await assert.rejects(
			family.call("/api/sign-up", { ...fields, password: PASSWORD, ...wrong }),
			refusedWith("MALFORMED"),
			JSON.stringify(wrong),
		);
});

test("ten wrong passwords, then a quarter of an hour; for unknown addresses as well", async () => {
	const dora = await family.signUp("Dora");
	const logIn = (email: string, password: string) => family.call("/api/log-in", { email, password });
	// At the same time, so that counting afterwards would let too many through.
	const guesses = Array.from({ length: 14 }, () => logIn(dora.email, "wrong password"));
	const codes = (await Promise.allSettled(guesses)).map((guess) =>
		guess.status === "rejected" && guess.reason instanceof CallRefused ? guess.reason.code : "let in",
	);
	assert.equal(codes.filter((code) => code === "LOG_IN_WRONG").length, 10);
	assert.equal(codes.filter((code) => code === "TOO_MANY_TRIES").length, 4);
	await assert.rejects(logIn(dora.email, PASSWORD), refusedWith("TOO_MANY_TRIES"));
	family.clock.advance(15 * 60_000);
	await logIn(dora.email, PASSWORD);
	for (let i = 0; i < 10; i++)
		await assert.rejects(logIn("x@example.org", "wrong password"), refusedWith("LOG_IN_WRONG"));
	await assert.rejects(logIn("x@example.org", "wrong password"), refusedWith("TOO_MANY_TRIES"));
});

test("a form of another site does nothing, with a cookie or without", async () => {
	const frank = await family.signUp("Frank");
	const cookie = `family_session=${frank.token}`;
	for (const headers of [{ origin: "https://evil.example" }, { origin: "null" }, { origin: "" }]) {
		assert.equal((await submit("/posts", { text: "spam" }, { cookie, ...headers })).status, 403);
		assert.equal((await submit("/log-in", { email: frank.email, password: PASSWORD }, headers)).status, 403);
	}
	const withoutOrigin = await fetch(`${family.url}/posts`, {
		method: "POST",
		headers: { cookie },
		body: new URLSearchParams({ text: "spam" }),
	});
	assert.equal(withoutOrigin.status, 403);
	const { posts } = await frank.call<{ posts: readonly unknown[] }>("/api/feed");
	assert.deepEqual(posts, []);
	assert.equal((await submit("/posts", { text: "mine" }, { cookie })).status, 303);
	assert.equal((await frank.call<{ posts: readonly unknown[] }>("/api/feed")).posts.length, 1);
});

test("a name that is a script is a name", async () => {
	const name = `<script>alert(1)</script>"'&`;
	const eve = await family.signUp(name);
	const grace = await family.signUp("Grace");
	await eve.befriend(grace);
	await eve.call("/api/posts", { text: "<img src=x onerror=alert(1)>" });
	for (const path of ["/", "/friends", "/about-me", "/phone", "/connect"])
		for (const person of [eve, grace]) {
			const response = await person.browse(path);
			const page = await response.text();
			assert.doesNotMatch(page, /<script|<img|"'&[^#]/, path);
			assert.match(response.headers.get("content-security-policy") ?? "", /default-src 'none'/);
			assert.equal(response.headers.get("x-content-type-options"), "nosniff");
			assert.equal(response.headers.get("cache-control"), "no-store");
		}
	const page = await grace.page("/");
	assert.match(page, /&#60;script&#62;alert\(1\)&#60;\/script&#62;/);
	assert.match(page, /&#60;img src=x/);
	const answer = await fetch(`${family.url}/?done=%3Cscript%3E`);
	assert.doesNotMatch(await answer.text(), /<script/);
});

test("a session ends after 30 days, and strangers are sent to log in", async () => {
	const heidi = await family.signUp("Heidi");
	assert.equal((await heidi.browse("/friends")).status, 200);
	family.clock.advance(30 * 24 * 3600_000);
	const response = await heidi.browse("/friends");
	assert.equal(response.status, 303);
	assert.equal(response.headers.get("location"), "/log-in");
	await assert.rejects(heidi.call("/api/friends"), refusedWith("UNAUTHENTICATED"));
});

test("what is stored of a session and a password can not be used", async () => {
	await using other = await startTestFamily({ stores: "sqlite" });
	const ivan = await other.signUp("Ivan");
	const { readdir, readFile } = await import("node:fs/promises");
	for (const name of await readdir(other.directory ?? "")) {
		if (!name.startsWith("records")) continue;
		const bytes = await readFile(`${other.directory}/${name}`);
		assert.ok(!bytes.includes(ivan.token) && !bytes.includes(PASSWORD), name);
	}
	await other.restart();
	assert.equal((await ivan.browse("/friends")).status, 200);
});
