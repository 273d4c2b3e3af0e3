import assert from "node:assert/strict";
import { test } from "node:test";
import { acceptedOrigins } from "./origins.ts";

test("on a public server only its own origin counts", () => {
	assert.deepEqual([...acceptedOrigins("https://troth.example")], ["https://troth.example"]);
});

test("on this machine the names of the same socket are one, other ports are not", () => {
	const origins = acceptedOrigins("http://127.0.0.1:7000");
	for (const name of ["127.0.0.1", "localhost", "[::1]"]) assert.ok(origins.has(`http://${name}:7000`), name);
	assert.ok(!origins.has("http://localhost:7001"));
	assert.ok(!origins.has("https://localhost:7000"));
	assert.ok(acceptedOrigins("http://[::1]:7000").has("http://localhost:7000"));
});
