/** Codes leave by a real request to a real endpoint: what it gets, and what its answers mean. */
import assert from "node:assert/strict";
import { createHmac, timingSafeEqual } from "node:crypto";
import { createServer, type IncomingMessage } from "node:http";
import type { AddressInfo } from "node:net";
import { test } from "node:test";
import type { PhoneNumber } from "@troth/protocol";
import { ManualClock } from "@troth/protocol/_manual-clock.ts";
import { CodeSendError, type CodeSendErrorCode, type CodeSender } from "./port.ts";
import { TwilioCodeSender } from "./twilio-code-sender.ts";
import { WebhookCodeSender } from "./webhook-code-sender.ts";

const ALICE = "+15550100001" as PhoneNumber;
const ORIGIN = "https://troth.example";

interface Got {
	readonly path: string;
	readonly headers: IncomingMessage["headers"];
	readonly body: string;
}

/** A provider on this machine; answers with what it is told to. */
async function startProvider(answer: { status: number; body?: string; location?: string }) {
	const got: Got[] = [];
	const server = createServer(async (request, response) => {
		const chunks: Buffer[] = [];
		for await (const chunk of request) chunks.push(chunk as Buffer);
		got.push({ path: request.url ?? "", headers: request.headers, body: Buffer.concat(chunks).toString() });
		response.writeHead(answer.status, answer.location === undefined ? {} : { location: answer.location });
		response.end(answer.body ?? "{}");
	});
	await new Promise<void>((resolve) => server.listen(0, "127.0.0.1", resolve));
	return {
		url: `http://127.0.0.1:${(server.address() as AddressInfo).port}`,
		got,
		async [Symbol.asyncDispose]() {
			server.closeAllConnections();
			await new Promise((resolve) => server.close(resolve));
		},
	};
}

const failsWith = (code: CodeSendErrorCode) => (error: unknown) => {
	assert.ok(error instanceof CodeSendError);
	assert.equal(error.code, code);
	// Neither number nor code nor secret may get into a log.
	assert.doesNotMatch(`${error.message} ${error.stack} ${String(error.cause)}`, /0100001|123456|hush/);
	return true;
};

test("Twilio gets a message or a call as its API wants them", async () => {
	await using provider = await startProvider({ status: 201, body: '{"sid":"SM1","status":"queued"}' });
	const sender = new TwilioCodeSender({
		url: provider.url,
		account: "AC01",
		authToken: "hush",
		from: "+15550100000",
		origin: ORIGIN,
	});
	assert.equal(sender.voice, true);
	await sender.send(ALICE, "123456", "sms");
	await sender.send(ALICE, "123456", "voice");
	const [message, call] = provider.got;
	assert.equal(message?.path, "/2010-04-01/Accounts/AC01/Messages.json");
	assert.equal(message?.headers.authorization, `Basic ${Buffer.from("AC01:hush").toString("base64")}`);
	assert.equal(message?.headers["content-type"], "application/x-www-form-urlencoded");
	const form = new URLSearchParams(message?.body);
	assert.deepEqual([form.get("To"), form.get("From")], [ALICE, "+15550100000"]);
	// WebOTP: the last line binds the code to the site.
	assert.match(form.get("Body") ?? "", /123456[\s\S]*\n@troth\.example #123456$/);
	assert.equal(call?.path, "/2010-04-01/Accounts/AC01/Calls.json");
	assert.match(new URLSearchParams(call?.body).get("Twiml") ?? "", /^<Response><Say>.*1, 2, 3, 4, 5, 6.*<\/Say>/);
});

test("a messaging service sends messages and can not call", async () => {
	await using provider = await startProvider({ status: 201 });
	const sender = new TwilioCodeSender({
		url: provider.url,
		account: "AC01",
		authToken: "hush",
		from: "MG7",
		origin: ORIGIN,
	});
	assert.equal(sender.voice, false);
	await sender.send(ALICE, "123456", "sms");
	const form = new URLSearchParams(provider.got[0]?.body);
	assert.deepEqual([form.get("MessagingServiceSid"), form.get("From")], ["MG7", null]);
});

test("a webhook gets the code, signed as Standard Webhooks says", async () => {
	await using endpoint = await startProvider({ status: 204 });
	const clock = new ManualClock();
	const key = Buffer.from("a secret of enough bytes");
	const sender = new WebhookCodeSender({
		clock,
		url: `${endpoint.url}/codes`,
		secret: `whsec_${key.toString("base64")}`,
		origin: ORIGIN,
	});
	await sender.send(ALICE, "123456", "sms");
	await sender.send(ALICE, "123456", "voice");
	const [first, second] = endpoint.got;
	assert.equal(first?.path, "/codes");
	const { to, channel, code, text } = JSON.parse(first?.body ?? "") as Record<string, string>;
	assert.deepEqual([to, channel, code], [ALICE, "sms", "123456"]);
	assert.match(text ?? "", /@troth\.example #123456$/);
	assert.equal(JSON.parse(second?.body ?? "").channel, "voice");
	assert.equal(first?.headers["webhook-timestamp"], Math.floor(clock.now() / 1000).toString());
	const signed = `${first?.headers["webhook-id"]}.${first?.headers["webhook-timestamp"]}.${first?.body}`;
	const expected = createHmac("sha256", key).update(signed).digest();
	const [version, signature = ""] = String(first?.headers["webhook-signature"]).split(",");
	assert.equal(version, "v1");
	assert.ok(timingSafeEqual(Buffer.from(signature, "base64"), expected));
	assert.notEqual(first?.headers["webhook-id"], second?.headers["webhook-id"]);
});

const senders: readonly [string, (url: string) => CodeSender][] = [
	["twilio", (url) => new TwilioCodeSender({ url, account: "AC01", authToken: "hush", from: "MG7", origin: ORIGIN })],
	["webhook", (url) => new WebhookCodeSender({ clock: new ManualClock(), url, secret: "hush", origin: ORIGIN })],
];

for (const [name, open] of senders) {
	const answers: readonly [number, string, CodeSendErrorCode][] = [
		[name === "twilio" ? 400 : 422, '{"code":21211,"message":"Invalid To +15550100001"}', "NUMBER_UNREACHABLE"],
		[429, '{"code":20429}', "TOO_MANY"],
		[401, '{"code":20003,"message":"Authenticate hush"}', "REFUSED"],
		[500, "<html>", "REFUSED"],
	];
	for (const [status, body, code] of answers)
		test(`${name} answers ${status}: ${code}`, async () => {
			await using provider = await startProvider({ status, body });
			await assert.rejects(open(provider.url).send(ALICE, "123456", "sms"), failsWith(code));
		});

	test(`${name} that is away or points elsewhere is unreachable, and nobody else gets the code`, async () => {
		await using elsewhere = await startProvider({ status: 200 });
		const provider = await startProvider({ status: 307, location: elsewhere.url });
		await assert.rejects(open(provider.url).send(ALICE, "123456", "sms"), failsWith("UNREACHABLE"));
		assert.deepEqual(elsewhere.got, []);
		await provider[Symbol.asyncDispose]();
		await assert.rejects(open(provider.url).send(ALICE, "123456", "sms"), failsWith("UNREACHABLE"));
	});
}
