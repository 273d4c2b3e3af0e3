import assert from "node:assert/strict";
import { test } from "node:test";
import { ConfigError, describeConfig, readConfig } from "./config.ts";

test("nothing has to be set", () => {
	const config = readConfig({});
	assert.equal(config.port, 7000);
	assert.equal(config.host, "127.0.0.1");
	assert.equal(config.codes, "development");
	assert.match(config.dataDir, /\/data$/);
	assert.match(describeConfig(config), /http:\/\/127\.0\.0\.1:7000, codes by the development provider/);
});

test("what is set is used", () => {
	const config = readConfig({ TROTH_DATA: "/var/lib/troth", TROTH_PORT: "0", TROTH_ORIGIN: "https://troth.example" });
	assert.equal(config.dataDir, "/var/lib/troth");
	assert.equal(config.port, 0);
	assert.match(describeConfig(config), /serving https:\/\/troth\.example/);
});

test("what can not be used is named, and its value is not repeated", () => {
	for (const [name, value] of [
		["TROTH_PORT", "many"],
		["TROTH_PORT", "70000"],
		["TROTH_ORIGIN", "https://troth.example/path"],
		["TROTH_ORIGIN", "ftp://troth.example"],
		["TROTH_CODES", "hunter2"],
	] as const) {
		assert.throws(
			() => readConfig({ [name]: value }),
			(error) => error instanceof ConfigError && error.message.includes(name) && !error.message.includes(value),
			`${name}=${value}`,
		);
	}
});
