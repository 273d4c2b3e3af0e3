/** What every hint bus has to do, and what nobody may rely on: that a hint arrives. Registers tests for one engine. */
import assert from "node:assert/strict";
import { describe, test } from "node:test";
import { setTimeout as wait } from "node:timers/promises";
import type { HintBus } from "../ports.ts";

export interface HintEngine {
	readonly name: string;
	open(): Promise<HintBus>;
	/** How long to wait until what was published has arrived, or never will. */
	readonly patienceMs: number;
}

export function testHints({ name, open, patienceMs }: HintEngine): void {
	const story = (title: string, tell: (bus: HintBus) => Promise<void>) =>
		test(title, async () => {
			await using bus = await open();
			await tell(bus);
		});
	const arrival = () => wait(patienceMs);

	describe(`hints: ${name}`, () => {
		story("every listener of a topic hears it, nobody else does", async (bus) => {
			const heard: string[] = [];
			bus.subscribe("chat", ([byte]) => heard.push(`alice ${byte}`));
			bus.subscribe("chat", ([byte]) => heard.push(`bob ${byte}`));
			bus.subscribe("club", ([byte]) => heard.push(`carla ${byte}`));
			bus.publish("chat", new Uint8Array([1]));
			bus.publish("nobody", new Uint8Array([2]));
			await arrival();
			assert.deepEqual(heard.sort(), ["alice 1", "bob 1"]);
		});

		story("a listener never runs inside the publisher", async (bus) => {
			let heard = 0;
			bus.subscribe("chat", () => heard++);
			bus.publish("chat", new Uint8Array());
			assert.equal(heard, 0);
			await arrival();
			assert.equal(heard, 1);
		});

		story("who has unsubscribed hears nothing, not even what was on its way", async (bus) => {
			const heard: string[] = [];
			const listen = () => heard.push("once");
			const stop = bus.subscribe("chat", listen);
			const stopOther = bus.subscribe("chat", listen);
			stop();
			stop();
			bus.publish("chat", new Uint8Array());
			await arrival();
			assert.deepEqual(heard, ["once"]);
			bus.publish("chat", new Uint8Array());
			stopOther();
			await arrival();
			assert.deepEqual(heard, ["once"]);
			bus.subscribe("chat", listen);
			stop();
			bus.publish("chat", new Uint8Array());
			await arrival();
			assert.deepEqual(heard, ["once", "once"]);
		});

		story("payloads are copies", async (bus) => {
			const heard: number[] = [];
			const listen = (payload: Uint8Array) => {
				heard.push(payload[0] ?? 0);
				payload.fill(9);
			};
			bus.subscribe("chat", listen);
			bus.subscribe("chat", listen);
			const payload = new Uint8Array([1]);
			bus.publish("chat", payload);
			payload.fill(5);
			await arrival();
			assert.deepEqual(heard, [1, 1]);
		});

		test("a bus that is closed is silent", async () => {
			const bus = await open();
			let heard = 0;
			bus.subscribe("chat", () => heard++);
			bus.publish("chat", new Uint8Array());
			await bus[Symbol.asyncDispose]();
			bus.publish("chat", new Uint8Array());
			await arrival();
			assert.equal(heard, 0);
		});
	});
}
