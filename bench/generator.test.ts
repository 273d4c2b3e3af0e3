/** The load generator against our real server, small: what the figures rest on. Needs a C compiler and OpenSSL. */
import assert from "node:assert/strict";
import { mkdir, mkdtemp, rm } from "node:fs/promises";
import { tmpdir } from "node:os";
import { join } from "node:path";
import { after, before, describe, type TestContext, test } from "node:test";
import { SystemClock } from "@troth/protocol";
import type { Population } from "./contender.ts";
import { BuildToolsMissing, buildGenerator, type Measurement } from "./generator.ts";
import type { MeasurementName, Workload } from "./results.ts";
import { seedStore } from "./seed.ts";
import { troth } from "./troth.ts";
import { measure } from "./workloads.ts";

const POPULATION: Population = { users: 20, pairs: 4, mailboxes: 20, senders: 2, members: 6 };
const SETTINGS = { seconds: 1, messagesPerUser: 10, storeSeconds: 10 };

describe("the load generator drives our server", () => {
	let folder = "";
	let generator: string | undefined;
	let missing: string | undefined;

	before(async () => {
		folder = await mkdtemp(join(tmpdir(), "troth-bench-"));
		try {
			generator = await buildGenerator(join(folder, "bin"));
		} catch (error) {
			if (!(error instanceof BuildToolsMissing)) throw error;
			missing = error.message;
			return;
		}
		await mkdir(join(folder, "seed"));
		await seedStore(join(folder, "seed"), POPULATION, new SystemClock());
	});

	after(() => rm(folder, { recursive: true, force: true }));

	async function run(context: TestContext, ...workloads: Workload[]): Promise<Map<MeasurementName, Measurement>> {
		const measured = new Map<MeasurementName, Measurement>();
		if (generator === undefined) {
			context.skip(missing ?? "the generator could not be built");
			return measured;
		}
		await measure(
			{
				contender: troth,
				generator,
				seed: join(folder, "seed"),
				live: join(folder, "live"),
				cache: folder,
				population: POPULATION,
				settings: SETTINGS,
				onMeasured: (name, figures) => measured.set(name, figures),
			},
			workloads,
		);
		return measured;
	}

	test("pairs and a group get every message, and nothing is refused", async (context) => {
		const measured = await run(context, "w1", "w4");
		for (const [name, figures] of measured) {
			assert.equal(figures["errors"], 0, `${name}: ${figures["first_error"]}`);
			assert.equal(figures["failed"], 0, `${name}: ${figures["why"]}`);
		}
		if (measured.size === 0) return;
		assert.equal(measured.get("w1")?.["lost"], 0);
		assert.ok(Number(measured.get("w1")?.["delivered_per_s"]) > 0);
		assert.equal(measured.get("w4")?.["joined"], POPULATION.members);
		assert.equal(measured.get("w4")?.["outstanding"], 0);
		assert.ok(Number(measured.get("w4")?.["deliveries_per_s"]) > 0);
	});

	test("after kill -9 every acknowledged message comes back, once", async (context) => {
		const measured = await run(context, "w2kill");
		if (measured.size === 0) return;
		const stored = POPULATION.mailboxes * SETTINGS.messagesPerUser;
		const { acked, killed, errors } = measured.get("killStore") ?? {};
		assert.deepEqual({ acked, killed, errors }, { acked: stored, killed: 1, errors: 0 });
		const { received, lost_acked, dup } = measured.get("killDrain") ?? {};
		assert.deepEqual({ received, lost_acked, dup }, { received: stored, lost_acked: 0, dup: 0 });
	});
});
