/** There is one way out of the messenger (C8, A5): nothing else can reach another company, and no ad code can come in. */
import assert from "node:assert/strict";
import { test } from "node:test";
import { reachable, readSource, sourceFiles } from "./_imports.ts";

/** Everything with which code opens a connection of its own. */
const OUTBOUND =
	/\bfetch\s*\(|\bcreate(Connect|GrpcWeb|Grpc)Transport\b|\bhttps?2?\.(request|get|connect)\b|\bnew (WebSocket|EventSource|XMLHttpRequest)\b|\b(net|tls|dgram)\.(connect|createConnection|createSocket)\b|\bundici\b|\bimport\b[^;]*\b(request|get|connect|createConnection|createSocket|Socket|Agent)\b[^;]*\bfrom "node:(https?|http2|net|tls|dgram)"/;

const shipped = sourceFiles().filter((file) => !/\.test\.ts$|(^|\/)_[^/]*$/.test(file));

/** Comments speak of connections; code makes them. */
const code = (file: string) =>
	readSource(file)
		.replace(/\/\*[\s\S]*?\*\//g, "")
		.replace(/^\s*\/\/.*$/gm, "");

test("the messenger connects to its own door, to the provider that sends codes, and to push services", () => {
	const opening = shipped.filter((file) => file.startsWith("messenger/") && OUTBOUND.test(code(file)));
	assert.deepEqual(opening, ["messenger/codes/provider-request.ts", "messenger/push/post.ts"]);
	// What sends a code is handed a number, a code and an address of the operator's: it can reach no record.
	const loaded = [
		...reachable(["messenger/codes/twilio-code-sender.ts", "messenger/codes/webhook-code-sender.ts"]).keys(),
	];
	assert.deepEqual(
		loaded.filter((module) => module.startsWith("messenger/") && !module.startsWith("messenger/codes/")),
		[],
	);
	// What wakes a device is handed an endpoint and a token, has no body to fill, and can reach no record either.
	assert.deepEqual(
		[...reachable(["messenger/push/post.ts", "messenger/push/vapid.ts"]).keys()].filter((module) =>
			module.startsWith("messenger/"),
		),
		["post", "vapid", "public-lookup"].map((name) => `messenger/push/${name}.ts`),
	);
	const post = code("messenger/push/post.ts");
	assert.equal(post.match(/\.(write|end)\(/g)?.length, 1, "it ends its request, and writes nothing into it");
	assert.match(post, /asked\.end\(\);/);
	assert.deepEqual(
		shipped.filter((file) => /^(protocol|storage)\//.test(file) && OUTBOUND.test(code(file))),
		[],
	);
});

test("of the bridge only the door's delivery speaks to a recipient", () => {
	const opening = shipped.filter((file) => file.startsWith("bridge/") && OUTBOUND.test(code(file)));
	assert.ok(opening.length > 0, "the walk sees the delivery");
	assert.deepEqual(
		opening.filter((file) => !file.startsWith("bridge/door/delivery/")),
		// To the own door, and to the host application whose people they are.
		["bridge/asking/door-client.ts", "bridge/beside/facts/http-facts.ts", "bridge/beside/host/call-host.ts"],
	);
	const loaded = reachable(["messenger/index.ts"]);
	assert.deepEqual(
		[...loaded.keys()].filter((module) => module.startsWith("bridge/door/")),
		[],
		"the messenger loads none of the door",
	);
});

test("no ad code is loaded by the messenger, a device, the app or the bridge", () => {
	const entries = ["messenger/index.ts", "client/index.ts", "web/app/main.tsx", "web/device-worker/device-worker.ts"];
	for (const entry of [...entries, "bridge/index.ts", "bridge/door/index.ts"]) {
		const loaded = [...reachable([entry]).keys()];
		assert.ok(loaded.length > 5, `${entry} loads ${loaded.length} modules`);
		assert.deepEqual(
			loaded.filter((module) => /^family\/|(^|\/)(ads|audiences|campaigns?)(\/|\.)/.test(module)),
			[],
			entry,
		);
	}
});
