import assert from "node:assert/strict";
import { test } from "node:test";
import type { AccountId, ConversationId } from "@troth/protocol";
import { fragmentOf, PEOPLE_PAGES, parentOf, parseRoute, type Route, routeOfPath, SETTINGS_PAGES } from "./routes.ts";

const id = "0123456789abcdef0123456789abcdef" as ConversationId;
const account = "fedcba9876543210fedcba9876543210" as AccountId;

const PLACES: readonly Route[] = [
	{ place: "chats" },
	{ place: "new-chat" },
	{ place: "new-group" },
	...PEOPLE_PAGES.map((page) => ({ place: "people", page }) as const),
	{ place: "add", link: `#/add/${"aB-_".repeat(12)}?n=Al%20ice` },
	{ place: "chat", id },
	{ place: "chat-info", id },
	{ place: "safety", id, account },
	{ place: "verify", code: "aB3-_".repeat(25).slice(0, 124) },
	{ place: "link", code: undefined },
	{ place: "link", code: "ABCD-EFGH-IJKL-MNOP-QRST-UVWX-YZ23-4567-ABCD-EFGH-IJKL-MNOP-QRSA" },
	{ place: "link-family", to: "https://family.example/connect/00ff?a=b#c" },
	{ place: "settings", page: undefined },
	...SETTINGS_PAGES.map((page) => ({ place: "settings", page }) as const),
];

test("every place has an address, and the address leads back to it", () => {
	for (const place of PLACES) assert.deepEqual(parseRoute(fragmentOf(place)), place);
	assert.equal(new Set(PLACES.map(fragmentOf)).size, PLACES.length);
});

test("an address that means nothing leads to the list of chats", () => {
	for (const odd of [
		"",
		"#",
		"#/chat/",
		"#/chat/xyz",
		`#/chat/${id}0`,
		"#/settings/secrets",
		"#/verify/abc",
		"#/link/ABCD",
		"#/link-family?to=%",
		"#/link-family?to=",
		"#javascript:alert(1)",
	])
		assert.deepEqual(parseRoute(odd), { place: "chats" });
});

test("going up from anywhere ends at the list", () => {
	for (const place of PLACES) {
		let at = place;
		for (let steps = 0; at.place !== "chats"; steps++) {
			assert.ok(steps < 4, fragmentOf(place));
			at = parentOf(at);
		}
	}
});

test("the page of a recipient leads to one place by a path, and no other path leads anywhere", () => {
	const to = "http://127.0.0.1:7100/connect/00ff";
	assert.deepEqual(routeOfPath("/link-family", `?to=${encodeURIComponent(to)}`), { place: "link-family", to });
	for (const [path, query] of [
		["/link-family", ""],
		["/link-family", "?to="],
		["/", `?to=${to}`],
	])
		assert.equal(routeOfPath(path ?? "", query ?? ""), undefined);
});
