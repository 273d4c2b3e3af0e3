/** One origin: what answers where, with which headers, and what happens to what does not belong there. */
import assert from "node:assert/strict";
import { mkdir, mkdtemp, rm, writeFile } from "node:fs/promises";
import { connect } from "node:net";
import { tmpdir } from "node:os";
import { join } from "node:path";
import { test } from "node:test";
import { gzipSync } from "node:zlib";
import { create, fromBinary, fromJson, type JsonValue, toBinary } from "@bufbuild/protobuf";
import { base64Decode } from "@bufbuild/protobuf/wire";
import {
	AccountService,
	ErrorCode,
	type ErrorDetail,
	ErrorDetailSchema,
	GetDeviceListsRequestSchema,
	GetTermsResponseSchema,
	LIMITS,
	RequestCodeResponseSchema,
	ServerService,
	TermsService,
} from "@troth/protocol";
import { refusalOf, registerAccount, startTestMessenger, type TestMessenger } from "../_fixture.ts";

const REQUEST_CODE = "/troth.v1.RegistrationService/RequestCode";
const GET_TERMS = "/troth.v1.TermsService/GetTerms";
const GET_OWN = "/troth.v1.AccountService/GetOwnAccount";

const story = (name: string, tell: (messenger: TestMessenger) => Promise<void>) =>
	test(name, async () => {
		await using messenger = await startTestMessenger();
		await tell(messenger);
	});

async function post(
	messenger: TestMessenger,
	path: string,
	body: string | Uint8Array<ArrayBuffer>,
	headers: Record<string, string> = {},
) {
	return fetch(messenger.url + path, {
		method: "POST",
		body,
		headers: { "content-type": "application/json", ...headers },
	});
}

/** The typed error of a Connect answer. */
async function detailOf(response: Response): Promise<ErrorDetail> {
	assert.match(response.headers.get("content-type") ?? "", /^application\/json/);
	const { details } = (await response.json()) as { details: { type: string; value: string }[] };
	assert.equal(details[0]?.type, "troth.v1.ErrorDetail");
	return fromBinary(ErrorDetailSchema, base64Decode(details[0]?.value ?? ""));
}

story("the same method speaks protobuf and JSON, with and without compression", async (messenger) => {
	for (const format of ["binary", "json"] as const) {
		const info = await messenger.client(ServerService, undefined, format).getServerInfo({});
		assert.equal(info.origin, messenger.origin);
		assert.equal(info.developmentCodes, true);
		assert.deepEqual(info.cipherSuites, [83]);
		assert.equal(info.serverTimeMs, BigInt(messenger.clock.now()));
		assert.equal((await messenger.client(TermsService, undefined, format).getTerms({})).current?.version, 1);
	}
	const zipped = await post(messenger, REQUEST_CODE, gzipSync('{"phone":"+15550100001","unknown":[1]}'), {
		"content-encoding": "gzip",
	});
	assert.equal(zipped.status, 200);
	assert.equal(fromJson(RequestCodeResponseSchema, (await zipped.json()) as JsonValue).codeLength, 6);
	const terms = await post(messenger, GET_TERMS, new Uint8Array(), {
		"content-type": "application/proto",
		"accept-encoding": "gzip",
	});
	assert.equal(terms.headers.get("content-encoding"), "gzip");
	assert.equal(fromBinary(GetTermsResponseSchema, new Uint8Array(await terms.arrayBuffer())).current?.version, 1);
});

story("a body that does not decode is MALFORMED, whatever it is", async (messenger) => {
	const bodies: [string | Uint8Array<ArrayBuffer>, Record<string, string>][] = [
		["{", {}],
		["", {}],
		["[]", {}],
		['{"phone": 5}', {}],
		[new Uint8Array([0x22, 0xff, 0x22]), {}],
		[new Uint8Array([0x0a, 0x7f]), { "content-type": "application/proto" }],
		[new Uint8Array([0x0a, 0x01, 0xff]), { "content-type": "application/proto" }],
		["{}", { "content-type": "text/plain" }],
		["{}", { "content-type": "application/grpc" }],
		["{}", { "content-type": "application/connect+json" }],
		["{}", { "content-encoding": "gzip" }],
		["{}", { "content-encoding": "br" }],
	];
	for (const [body, headers] of bodies) {
		const response = await post(messenger, REQUEST_CODE, body, headers);
		assert.equal(response.status, 400, JSON.stringify(headers));
		assert.equal((await detailOf(response)).code, ErrorCode.MALFORMED);
	}
});

story("a body that is too large is TOO_LARGE: announced, streamed, or unpacked", async (messenger) => {
	const big = new Uint8Array(LIMITS.rpcBytes + 1);
	const announced = await post(messenger, REQUEST_CODE, big);
	const detail = await detailOf(announced);
	assert.deepEqual([detail.code, detail.limitBytes], [ErrorCode.TOO_LARGE, LIMITS.rpcBytes]);
	const bomb = gzipSync(Buffer.alloc(4 * LIMITS.rpcBytes, " "));
	assert.ok(bomb.length < 100_000);
	const unpacked = await post(messenger, REQUEST_CODE, bomb, { "content-encoding": "gzip" });
	assert.equal((await detailOf(unpacked)).code, ErrorCode.TOO_LARGE);
	assert.equal(await streamTooMuch(messenger), "HTTP/1.1 429 Too Many Requests");
	await messenger.client(ServerService).getServerInfo({});
});

/** Sends chunks without announcing their sum; gives the status line. */
function streamTooMuch(messenger: TestMessenger): Promise<string> {
	return new Promise((resolve, reject) => {
		const socket = connect(messenger.port, "127.0.0.1");
		let answer = "";
		socket.on("data", (data) => {
			answer += data;
			resolve(answer.split("\r\n", 1)[0] ?? "");
			socket.destroy();
		});
		socket.on("error", reject);
		socket.write(
			`POST ${REQUEST_CODE} HTTP/1.1\r\nHost: x\r\nContent-Type: application/json\r\nTransfer-Encoding: chunked\r\n\r\n`,
		);
		const chunk = Buffer.alloc(1024 * 1024, " ");
		for (let sent = 0; sent <= LIMITS.rpcBytes; sent += chunk.length) {
			socket.write(`${chunk.length.toString(16)}\r\n`);
			socket.write(chunk);
			socket.write("\r\n");
		}
	});
}

story("a stranger's body is refused before it is received", async (messenger) => {
	const status = await new Promise<string>((resolve, reject) => {
		const socket = connect(messenger.port, "127.0.0.1");
		socket.on("error", reject);
		socket.setTimeout(10_000, () => {
			reject(new Error("the server waits for the body"));
			socket.destroy();
		});
		socket.on("data", (data) => {
			resolve(String(data).split("\r\n", 1)[0] ?? "");
			socket.destroy();
		});
		socket.write(
			`POST ${GET_OWN} HTTP/1.1\r\nHost: x\r\nContent-Type: application/proto\r\nContent-Length: 5000000\r\n\r\n`,
		);
	});
	assert.equal(status, "HTTP/1.1 401 Unauthorized");
});

story("what is not there is NOT_FOUND, in the same form", async (messenger) => {
	for (const [method, path] of [
		["POST", "/troth.v1.RegistrationService/Nothing"],
		["POST", "/troth.v1.Nothing/RequestCode"],
		["GET", REQUEST_CODE],
		["PUT", REQUEST_CODE],
		["GET", "/"],
		["GET", "/sandbox/clock"],
		["GET", "/stream"],
		["POST", "/"],
	] as const) {
		const response = await fetch(messenger.url + path, { method, headers: { accept: "text/html" } });
		assert.equal(response.status, 404, `${method} ${path}`);
		assert.equal((await detailOf(response)).code, ErrorCode.NOT_FOUND);
	}
	const unreadable = await fetch(`${messenger.url}/%E0%A4%A`);
	assert.equal((await detailOf(unreadable)).code, ErrorCode.MALFORMED);
});

story("health is told while the store answers", async (messenger) => {
	const response = await fetch(`${messenger.url}/healthz`);
	assert.equal(response.status, 200);
	assert.deepEqual(await response.json(), { status: "ok" });
});

story("an answer of any kind forbids foreign code, frames and sniffing", async (messenger) => {
	for (const response of [
		await fetch(`${messenger.url}/healthz`),
		await fetch(`${messenger.url}/nothing`),
		await post(messenger, GET_TERMS, "{}"),
		await post(messenger, GET_TERMS, "{"),
	]) {
		const policy = response.headers.get("content-security-policy") ?? "";
		assert.match(policy, /default-src 'none'/);
		assert.match(policy, /script-src 'self'(;|$)/);
		assert.match(policy, /frame-ancestors 'none'/);
		assert.ok(policy.includes(`connect-src 'self' ws://127.0.0.1:${messenger.port}`));
		assert.equal(response.headers.get("x-content-type-options"), "nosniff");
		assert.equal(response.headers.get("referrer-policy"), "no-referrer");
		assert.equal(response.headers.get("cross-origin-opener-policy"), "same-origin");
		await response.arrayBuffer();
	}
});

test("the web app: hashed files for ever, the page asked for each time, and its paths all lead to it", async () => {
	const parent = await mkdtemp(join(tmpdir(), "troth-web-"));
	// Where the app lies says nothing about what lies in it.
	const webRoot = join(parent, "assets", "web");
	await mkdir(join(webRoot, "assets"), { recursive: true });
	await writeFile(join(webRoot, "index.html"), "<!doctype html><title>Troth</title>");
	await writeFile(join(webRoot, "assets", "app-5d41402a.js"), "export {};");
	await writeFile(join(webRoot, "assets", "app-5d41402a.js.gz"), gzipSync("export {};"));
	await writeFile(join(webRoot, ".secret"), "x");
	try {
		await using messenger = await startTestMessenger({ webRoot });
		const page = { headers: { accept: "text/html,*/*" } };
		for (const path of ["/", "/index.html", "/chats/5d41402a", "/settings?tab=devices"]) {
			const response = await fetch(messenger.url + path, page);
			assert.equal(response.status, 200, path);
			assert.match(await response.text(), /<title>Troth/);
			assert.equal(response.headers.get("cache-control"), "no-cache", path);
			assert.match(response.headers.get("content-security-policy") ?? "", /default-src 'none'/);
		}
		const script = await fetch(`${messenger.url}/assets/app-5d41402a.js`);
		assert.match(script.headers.get("content-type") ?? "", /javascript/);
		assert.match(script.headers.get("cache-control") ?? "", /immutable/);
		assert.equal(script.headers.get("content-encoding"), "gzip");
		assert.equal(await script.text(), "export {};");
		for (const path of [
			"/assets/app-old.js",
			"/missing.png",
			"/sandbox/clock",
			"/operator/terms",
			"/.secret",
			"/..%2f..%2fetc%2fpasswd",
		]) {
			const response = await fetch(messenger.url + path, page);
			assert.notEqual(response.status, 200, path);
			await detailOf(response);
		}
		const data = await fetch(`${messenger.url}/chats`, { headers: { accept: "application/json" } });
		assert.equal(data.status, 404);
	} finally {
		await rm(parent, { recursive: true });
	}
});

test("a request that runs when the server stops gets its answer, and then nothing is left", async () => {
	const messenger = await startTestMessenger({ stores: "sqlite" });
	const alice = await registerAccount(messenger, "+15550100001");
	const accounts = alice.client(AccountService);
	const running = Promise.all(Array.from({ length: 20 }, () => accounts.getOwnAccount({})));
	const reached = accounts.getOwnAccount({});
	await reached;
	await messenger[Symbol.asyncDispose]();
	const outcomes = await Promise.allSettled([running]);
	assert.equal(outcomes[0]?.status, "fulfilled");
	await assert.rejects(fetch(`${messenger.url}/healthz`));
});

story("a request with more than it may ask for is refused with its reason", async (messenger) => {
	const alice = await registerAccount(messenger, "+15550100001");
	const request = create(GetDeviceListsRequestSchema, {
		accountIds: Array.from({ length: 65 }, () => new Uint8Array(16)),
	});
	assert.ok(toBinary(GetDeviceListsRequestSchema, request).length > 1000);
	assert.equal((await refusalOf(alice.client(AccountService).getDeviceLists(request))).code, "MALFORMED");
});
