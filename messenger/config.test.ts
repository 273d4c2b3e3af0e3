import assert from "node:assert/strict";
import { test } from "node:test";
import { ConfigError, describeConfig, readConfig } from "./config.ts";

test("nothing has to be set", () => {
	const config = readConfig({});
	assert.equal(config.port, 7000);
	assert.equal(config.host, "127.0.0.1");
	assert.deepEqual(config.codes, { provider: "development" });
	assert.match(config.dataDir, /\/data$/);
	assert.match(describeConfig(config), /http:\/\/127\.0\.0\.1:7000, codes by the development provider/);
});

test("what is set is used", () => {
	const config = readConfig({ TROTH_DATA: "/var/lib/troth", TROTH_PORT: "0", TROTH_ORIGIN: "https://troth.example" });
	assert.equal(config.dataDir, "/var/lib/troth");
	assert.equal(config.port, 0);
	assert.match(describeConfig(config), /serving https:\/\/troth\.example/);
});

test("a provider has what it needs, or the settings say what is missing", () => {
	const secret = { TROTH_CODES_SECRET_FILE: "/run/secrets/codes" };
	const twilio = {
		TROTH_CODES: "twilio",
		TROTH_TWILIO_ACCOUNT: "AC0123",
		TROTH_TWILIO_FROM: "+15550100000",
		...secret,
	};
	assert.deepEqual(readConfig(twilio).codes, {
		provider: "twilio",
		url: undefined,
		account: "AC0123",
		from: "+15550100000",
		secretFile: "/run/secrets/codes",
	});
	const webhook = { TROTH_CODES: "webhook", TROTH_CODES_URL: "https://sms.example/send", ...secret };
	assert.deepEqual(readConfig(webhook).codes, {
		provider: "webhook",
		url: "https://sms.example/send",
		secretFile: "/run/secrets/codes",
	});
	for (const complete of [twilio, webhook])
		for (const name of Object.keys(complete).filter((key) => key !== "TROTH_CODES"))
			assert.throws(
				() => readConfig({ ...complete, [name]: "" }),
				(error) => error instanceof ConfigError && error.message.startsWith(name),
			);
	const lists = readConfig({ TROTH_CODES_COUNTRIES: "DE, AT", TROTH_TRUSTED_PROXIES: "127.0.0.1,10.0.0.0/8,fd00::/8" });
	assert.deepEqual(
		[lists.codeCountries, lists.trustedProxies],
		[
			["DE", "AT"],
			["127.0.0.1", "10.0.0.0/8", "fd00::/8"],
		],
	);
	// A code does not travel in the clear; on this machine it may.
	assert.equal(readConfig({ ...webhook, TROTH_CODES_URL: "http://127.0.0.1:9000" }).codes.provider, "webhook");
	assert.throws(() => readConfig({ ...webhook, TROTH_CODES_URL: "http://sms.example/send" }), ConfigError);
});

test("devices are woken where the operator can be reached, through the browsers' services or others", () => {
	const subject = "mailto:operator@troth.example";
	assert.equal(readConfig({}).push, undefined);
	assert.deepEqual(readConfig({ TROTH_PUSH_SUBJECT: subject }).push, { subject });
	const services = "fcm.googleapis.com, *.push.apple.com,https://push.troth.example:8443,http://127.0.0.1:9000";
	assert.deepEqual(readConfig({ TROTH_PUSH_SUBJECT: subject, TROTH_PUSH_SERVICES: services }).push, {
		subject,
		services: ["fcm.googleapis.com", "*.push.apple.com", "https://push.troth.example:8443", "http://127.0.0.1:9000"],
	});
	assert.throws(() => readConfig({ TROTH_PUSH_SERVICES: services }), ConfigError);
});

test("who is suspended and away is kept for 120 days, or longer, or for ever, and never for less", () => {
	const kept = (days?: string) => readConfig({ TROTH_ABSENCE_DAYS: days }).absenceDays;
	assert.deepEqual([kept(), kept("0"), kept("120"), kept("365")], [120, 0, 120, 365]);
	assert.throws(() => kept("119"), /TROTH_ABSENCE_DAYS: 0 for never, or 120 and more/);
});

test("what can not be used is named, and its value is not repeated", () => {
	for (const [name, value] of [
		["TROTH_PORT", "many"],
		["TROTH_PORT", "70000"],
		["TROTH_ORIGIN", "https://troth.example/path"],
		["TROTH_ORIGIN", "ftp://troth.example"],
		["TROTH_CODES", "hunter2"],
		["TROTH_CODES_URL", "ftp://sms.example"],
		["TROTH_TWILIO_ACCOUNT", "hunter2"],
		["TROTH_TWILIO_FROM", "hunter2"],
		["TROTH_CODES_COUNTRIES", "germany"],
		["TROTH_TRUSTED_PROXIES", "everybody"],
		["TROTH_ABSENCE_DAYS", "never"],
		["TROTH_PUSH_SUBJECT", "operator"],
		["TROTH_PUSH_SUBJECT", "mailto:operator"],
		["TROTH_PUSH_SUBJECT", "http://troth.example"],
		["TROTH_PUSH_SERVICES", "http://push.example"],
		["TROTH_PUSH_SERVICES", "localhost"],
	] as const) {
		assert.throws(
			() => readConfig({ [name]: value }),
			(error) => error instanceof ConfigError && error.message.includes(name) && !error.message.includes(value),
			`${name}=${value}`,
		);
	}
});
