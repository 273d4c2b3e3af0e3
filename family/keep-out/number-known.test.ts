/** Dave has no account here, and asks what is held on his number; nobody else can. */
import assert from "node:assert/strict";
import { test } from "node:test";
import { newTrother } from "../_bridge.ts";
import { CallRefused, startTestFamily, type TestFamily } from "../_fixture.ts";
import type { HeldItem } from "./number-known.ts";

const CARLA = "+15550100003";
const DAVE = "+15550100004";

interface Answer {
	readonly known: boolean;
	readonly items: readonly HeldItem[];
}

async function ask(family: TestFamily, phone: string): Promise<Answer> {
	const { claim } = await family.call<{ claim: string }>("/api/number", { phone });
	return family.call<Answer>("/api/number/verify", { claim, code: family.codes.get(phone) });
}

const what = ({ items }: Answer) =>
	items.map((item) => [item.what, item.purpose, item.source].filter(Boolean).join(" "));

test("who proves the number is told everything that is held under it, and nobody else anything", async () => {
	await using family = await startTestFamily({ stores: "sqlite" });
	const before = await ask(family, DAVE);
	assert.deepEqual([before.known, before.items], [false, []]);
	const { claim } = await family.call<{ claim: string }>("/api/number", { phone: DAVE });
	await assert.rejects(
		family.call("/api/number/verify", { claim, code: "wrong" }),
		(error) => error instanceof CallRefused && error.code === "CODE_WRONG",
	);
	const alice = await family.signUp("Alice");
	await alice.upload(DAVE, CARLA);
	assert.deepEqual(what(await ask(family, DAVE)), ["address_book others"]);
	const carla = await family.signUp("Carla");
	await carla.verify(CARLA);
	const share = await family.bridge.share(newTrother(), {
		purpose: "friend_suggestions",
		values: { phone_number: CARLA },
	});
	await family.bridge.deliver([share]);
	const told = await ask(family, CARLA);
	assert.ok(told.known);
	assert.deepEqual(what(told), ["verified self", "match_key friend_suggestions share", "address_book others"]);
	assert.deepEqual(what(await ask(family, DAVE)), ["address_book others"], "of each number only its own");
});

test("the page asks for the number, then for the code, and then says it", async () => {
	await using family = await startTestFamily();
	const post = (path: string, fields: Record<string, string>) =>
		fetch(family.url + path, {
			method: "POST",
			body: new URLSearchParams(fields),
			headers: { origin: family.url },
			redirect: "manual",
		});
	const asked = await post("/number", { phone: DAVE });
	const place = asked.headers.get("location") ?? "";
	const form = await (await fetch(family.url + place)).text();
	assert.match(form, /The code we sent you/);
	const claim = place.split("claim=")[1] ?? "";
	const shown = await post("/number/verify", { claim, code: family.codes.get(DAVE) ?? "" });
	const answer = await (await fetch(family.url + (shown.headers.get("location") ?? ""))).text();
	assert.match(answer, /Nothing\. .* holds nothing under this number\./);
	assert.ok(!answer.includes(DAVE));
});
