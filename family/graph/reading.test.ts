/** Paths, field selection, pages, credentials. */
import assert from "node:assert/strict";
import { createHmac } from "node:crypto";
import { test } from "node:test";
import { readAddress } from "./address.ts";
import { checkAppSecretProof, readToken } from "./credentials.ts";
import { readFields, selectFields } from "./fields.ts";
import { listAnswer, readPage } from "./paging.ts";

test("paths with any version, none, and a trailing slash", () => {
	const account = { node: "act_1001", edge: "campaigns" };
	assert.deepEqual(readAddress("/v24.0/act_1001/campaigns"), { version: "v24.0", ...account });
	assert.deepEqual(readAddress("/act_1001/campaigns/"), { version: "", ...account });
	assert.deepEqual(readAddress("/v25.0/1203/"), { version: "v25.0", node: "1203", edge: "" });
	assert.deepEqual(readAddress("/v24.0"), { version: "v24.0", node: "", edge: "" });
	assert.deepEqual(readAddress("v24.0/1203/users"), { version: "v24.0", node: "1203", edge: "users" });
	assert.deepEqual(readAddress("/"), { version: "", node: "", edge: "" });
	for (const path of ["/v24.0/a/b/c", "//x", "/a b", "/%2e%2e/x"]) assert.equal(readAddress(path), undefined, path);
});

test("fields come as text, list or JSON text; unknown ones are error 100", () => {
	const object = { id: "7", name: "spring", status: "PAUSED" };
	const select = (fields: unknown) => selectFields(object, readFields(new Map([["fields", fields]])));
	assert.deepEqual(select(undefined), { id: "7" });
	assert.deepEqual(select("name, status"), object);
	assert.deepEqual(select(["name"]), { id: "7", name: "spring" });
	assert.deepEqual(select('["name"]'), { id: "7", name: "spring" });
	for (const unknown of ["password", "__proto__", "toString", "adsets{id}"]) {
		assert.throws(() => select(unknown), { kind: "invalidParameter" }, unknown);
	}
});

test("a page knows its neighbours, and its links work as they are", () => {
	const objects = [{ id: "30" }, { id: "20" }];
	const asked = new Map<string, unknown>([
		["limit", "2"],
		["access_token", "t"],
		["fields", ["id"]],
	]);
	const url = "http://127.0.0.1:1/v24.0/act_1001/ads";
	const first = listAnswer(readPage(asked), { objects, more: true, total: 3 }, url, asked) as {
		paging: { next: string; previous?: string };
	};
	assert.equal(first.paging.previous, undefined);
	const next = new URL(first.paging.next);
	assert.equal(next.origin + next.pathname, url);
	assert.deepEqual([next.searchParams.get("access_token"), next.searchParams.get("fields")], ["t", '["id"]']);
	const second = readPage(new Map(next.searchParams));
	assert.deepEqual([second.after, second.limit, second.fields], ["20", 2, ["id"]]);
	const rest = listAnswer(second, { objects: [{ id: "10" }], more: false, total: 3 }, url, asked) as {
		paging: { next?: string; previous: string };
	};
	assert.equal(rest.paging.next, undefined);
	assert.equal(readPage(new Map(new URL(rest.paging.previous).searchParams)).before, "10");
	assert.deepEqual(listAnswer(readPage(asked), { objects: [], more: false, total: 0 }, url, asked), { data: [] });
	assert.throws(() => readPage(new Map([["after", "!"]])), { kind: "invalidParameter" });
	assert.throws(() => readPage(new Map([["limit", "0"]])), { kind: "invalidParameter" });
	const counted = readPage(new Map([["summary", "true"]]));
	assert.deepEqual(listAnswer(counted, { objects: [], more: false, total: 0 }, url, asked), {
		data: [],
		summary: { total_count: 0 },
	});
});

test("the token is a parameter or a bearer; a proof that is given has to be right", () => {
	assert.equal(readToken(new Map([["access_token", "t"]]), undefined), "t");
	assert.equal(readToken(new Map(), "Bearer t"), "t");
	for (const header of [undefined, "", "Basic t", "Bearer"]) {
		assert.throws(() => readToken(new Map(), header), { kind: "badToken" });
	}
	const hmac = (message: string) => createHmac("sha256", "secret").update(message).digest("hex");
	const check = (proof: Record<string, unknown>) =>
		checkAppSecretProof(new Map(Object.entries(proof)), "token", "secret");
	check({});
	check({ appsecret_proof: hmac("token") });
	check({ appsecret_proof: hmac("token|1795000000"), appsecret_time: 1795000000 });
	for (const wrong of [
		{ appsecret_proof: hmac("other") },
		{ appsecret_proof: hmac("token|1795000000"), appsecret_time: 1795000001 },
		{ appsecret_proof: hmac("token"), appsecret_time: "1795000000" },
		{ appsecret_proof: "" },
		{ appsecret_proof: 5 },
	]) {
		assert.throws(() => check(wrong), { kind: "invalidParameter" });
	}
});
