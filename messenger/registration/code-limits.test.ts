/** Codes cost money and annoy: who asks for too many is stopped, and a call may be asked for in place of a message. */
import assert from "node:assert/strict";
import { test } from "node:test";
import { createClient } from "@connectrpc/connect";
import { createConnectTransport } from "@connectrpc/connect-node";
import { CodeChannel, isRefusal, LIMITS, type PhoneNumber, RegistrationService, ServerService } from "@troth/protocol";
import { ManualClock } from "@troth/protocol/_manual-clock.ts";
import { refusalOf, startTestMessenger } from "../_fixture.ts";
import { type CodeChannel as Channel, CodeSendError, type CodeSender } from "../codes/port.ts";
import { CodeLimits, networkOf } from "./code-limits.ts";

/** A provider that costs something; it keeps what it was given. */
class Recorder implements CodeSender {
	readonly development = false;
	readonly voice: boolean;
	readonly sent: { phone: string; code: string; channel: Channel }[] = [];
	broken: CodeSendError | undefined;

	constructor(voice = true) {
		this.voice = voice;
	}

	async send(phone: PhoneNumber, code: string, channel: Channel): Promise<void> {
		if (this.broken !== undefined) throw this.broken;
		this.sent.push({ phone, code, channel });
	}
}

const number = (at: number, range = "555010") => `+1${range}${at.toString().padStart(4, "0")}`;

/** A client whose requests say that they come from there, as a proxy would. */
function from(url: string, address: string) {
	const transport = createConnectTransport({
		baseUrl: url,
		httpVersion: "1.1",
		interceptors: [
			(next) => (request) => {
				request.header.set("x-forwarded-for", address);
				return next(request);
			},
		],
	});
	return createClient(RegistrationService, transport);
}

test("one address gets so many codes within an hour, whatever numbers it names, and then a time to come back", async () => {
	const codes = new Recorder();
	await using messenger = await startTestMessenger({ settings: { codes } });
	const registration = messenger.client(RegistrationService);
	for (let at = 0; at < LIMITS.codesPerAddressPerHour; at++)
		await registration.requestCode({ phone: number(at, `55501${at % 10}`) });
	const refusal = await refusalOf(registration.requestCode({ phone: number(100) }));
	assert.equal(refusal.code, "RATE_LIMITED");
	assert.equal(codes.sent.length, LIMITS.codesPerAddressPerHour, "nothing more went out");
	// An address can not be made up where no proxy is trusted.
	assert.equal(
		(await refusalOf(from(messenger.url, "203.0.113.9").requestCode({ phone: number(100) }))).code,
		"RATE_LIMITED",
	);
	messenger.clock.advance((refusal.fields.retryAtMs ?? 0) - messenger.clock.now());
	await registration.requestCode({ phone: number(100) });
});

test("behind a trusted proxy each caller counts alone; a range of numbers counts for all of them", async () => {
	const codes = new Recorder();
	await using messenger = await startTestMessenger({ settings: { codes, trustedProxies: ["127.0.0.1"] } });
	for (let at = 0; at < LIMITS.codesPerRangePerHour; at++)
		await from(messenger.url, `203.0.113.${at}`).requestCode({ phone: number(at) });
	const pumped = await refusalOf(from(messenger.url, "198.51.100.1").requestCode({ phone: number(999) }));
	assert.equal(pumped.code, "RATE_LIMITED");
	await from(messenger.url, "198.51.100.1").requestCode({ phone: number(999, "555011") });
	// A code that is sent again counts like any other.
	const { attemptId } = await from(messenger.url, "198.51.100.2").requestCode({ phone: number(1, "555012") });
	assert.equal(codes.sent.length, LIMITS.codesPerRangePerHour + 2);
	messenger.clock.advance(LIMITS.codeResendMs);
	for (let at = 1; at < LIMITS.codesPerAddressPerHour; at++)
		await from(messenger.url, "198.51.100.2").requestCode({ phone: number(at, `55502${at % 10}`) });
	const again = from(messenger.url, "198.51.100.2").resendCode({ attemptId });
	assert.equal((await refusalOf(again)).code, "RATE_LIMITED");
});

test("an operator that serves one country sends to that country", () => {
	const limits = new CodeLimits(new ManualClock(), ["US"]);
	limits.spend(number(1) as PhoneNumber, "203.0.113.1");
	assert.throws(
		() => limits.spend("+4915550100001" as PhoneNumber, "203.0.113.1"),
		(error) => isRefusal(error, "PHONE_INVALID"),
	);
});

test("the development provider sends nothing and is not limited", async () => {
	await using messenger = await startTestMessenger();
	const registration = messenger.client(RegistrationService);
	for (let at = 0; at <= LIMITS.codesPerAddressPerHour; at++) await registration.requestCode({ phone: number(at) });
});

test("where the provider can call, the code can be heard; where it can not, that is said", async () => {
	const codes = new Recorder();
	await using messenger = await startTestMessenger({ settings: { codes } });
	const registration = messenger.client(RegistrationService);
	assert.equal((await messenger.client(ServerService).getServerInfo({})).voiceCodes, true);
	const { attemptId } = await registration.requestCode({ phone: number(1) });
	messenger.clock.advance(LIMITS.codeResendMs);
	await registration.resendCode({ attemptId, channel: CodeChannel.VOICE });
	assert.deepEqual(
		codes.sent.map(({ channel }) => channel),
		["sms", "voice"],
	);
	// The code that was read out is the one that counts.
	const heard = codes.sent[1]?.code ?? "";
	assert.ok((await registration.verifyCode({ attemptId, code: heard })).registrationToken.length > 0);

	await using mute = await startTestMessenger({ settings: { codes: new Recorder(false) } });
	const silent = mute.client(RegistrationService);
	const attempt = await silent.requestCode({ phone: number(1) });
	assert.equal((await mute.client(ServerService).getServerInfo({})).voiceCodes, false);
	mute.clock.advance(LIMITS.codeResendMs);
	const called = silent.resendCode({ attemptId: attempt.attemptId, channel: CodeChannel.VOICE });
	assert.equal((await refusalOf(called)).code, "UNAVAILABLE");
});

test("a number that nothing reaches is told from a provider that does not answer", async () => {
	const codes = new Recorder();
	await using messenger = await startTestMessenger({ settings: { codes } });
	const registration = messenger.client(RegistrationService);
	codes.broken = new CodeSendError("NUMBER_UNREACHABLE", "the provider can not reach the number");
	assert.equal((await refusalOf(registration.requestCode({ phone: number(1) }))).code, "PHONE_INVALID");
	codes.broken = new CodeSendError("UNREACHABLE", "the provider did not answer");
	assert.equal((await refusalOf(registration.requestCode({ phone: number(1) }))).code, "UNAVAILABLE");
	assert.ok(!messenger.log.join("\n").includes("0100001"));
});

test("an IPv6 subscriber counts as one, however many addresses it has", () => {
	const same = ["2001:db8:0:7::1", "2001:db8:0:7:ffff:ffff:ffff:ffff", "2001:0DB8::7:0:0:0:9", "2001:db8:0:7::1%eth0"];
	assert.deepEqual([...new Set(same.map(networkOf))], ["2001:db8:0:7::/64"]);
	assert.equal(networkOf("::1"), "0:0:0:0::/64");
	assert.notEqual(networkOf("2001:db8:0:8::1"), networkOf("2001:db8:0:7::1"));
	assert.equal(networkOf("203.0.113.5"), "203.0.113.5");
	assert.equal(networkOf("::ffff:203.0.113.5"), "203.0.113.5");
	const limits = new CodeLimits(new ManualClock());
	for (let at = 0; at < LIMITS.codesPerAddressPerHour; at++)
		limits.spend(number(at) as PhoneNumber, `2001:db8:0:7::${at.toString(16)}`);
	assert.throws(
		() => limits.spend(number(99) as PhoneNumber, "2001:db8:0:7:1::1"),
		(error) => isRefusal(error, "RATE_LIMITED"),
	);
});
