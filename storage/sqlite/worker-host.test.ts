/** Questions that are asked in one turn go to the worker together, and each is answered for itself. */
import assert from "node:assert/strict";
import { test } from "node:test";
import { StoreError } from "../ports.ts";
import type { RecordMethods } from "./record-worker.ts";
import { WorkerHost } from "./worker-host.ts";

const WORKER = new URL("./record-worker.ts", import.meta.url);

test("a question that can not cross is refused, and the others of its turn are answered, in their order", async () => {
	const host = new WorkerHost<RecordMethods>(WORKER, { path: ":memory:" });
	const ask = (sql: string, ...parameters: unknown[]) => host.call("execute", { sql, parameters });
	const order: string[] = [];
	const noted = (name: string) => () => order.push(name);
	const made = ask("create table word (text text)").then(noted("made"));
	const refused = ask("insert into word values (?)", () => "no value").then(
		() => assert.fail("a function is stored"),
		(error: unknown) => error,
	);
	const stored = ask("insert into word values (?)", "yes").then(noted("stored"));
	const read = ask("select text from word");
	assert.ok((await refused) instanceof StoreError);
	await Promise.all([made, stored]);
	assert.deepEqual((await read).rows, [{ text: "yes" }]);
	assert.deepEqual(order, ["made", "stored"]);
	await host.close();
	await assert.rejects(ask("select 1"), StoreError);
});

test("what was asked before it is closed is answered", async () => {
	const host = new WorkerHost<RecordMethods>(WORKER, { path: ":memory:" });
	const last = host.call("execute", { sql: "select 7 as n", parameters: [] });
	await host.close();
	assert.deepEqual((await last).rows, [{ n: 7 }]);
});
