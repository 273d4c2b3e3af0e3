/**
 * `npm run bench:rollout`: how fast the notice of a new version is queued for every device, with the messenger's own job
 * on its own stores, each notice durable. `--accounts 1000000` for a million (the seeding takes longer than the job).
 */
import { spawn } from "node:child_process";
import { once } from "node:events";
import { mkdtemp, rm } from "node:fs/promises";
import { tmpdir } from "node:os";
import { join } from "node:path";
import { readPolicyFile, shippedPolicyPath } from "@troth/bridge";
import { SystemClock } from "@troth/protocol";
import { openStores } from "../messenger/stores.ts";
import { openCrowdDelivery } from "../messenger/terms/_crowd.ts";
import { readFunnels } from "../messenger/terms/funnel.ts";
import { TermsRollout } from "../messenger/terms/rollout.ts";
import { type Figure, runFigures } from "./figures.ts";

const ACCOUNTS = 50_000;
/** A million in five minutes. */
const AIM_PER_SECOND = 1_000_000 / 300;
const MIB = 1024 * 1024;
const LOOK_MS = 200;
const FUNNEL_ROUNDS = 20;

async function* measured(accounts: number): AsyncGenerator<Figure> {
	const clock = new SystemClock();
	const directory = await mkdtemp(join(tmpdir(), "troth-bench-rollout-"));
	try {
		const at = { kind: "sqlite", directory } as const;
		const seededMs = performance.now();
		const seed = spawn(process.execPath, [join(import.meta.dirname, "rollout-seed.ts"), directory, String(accounts)], {
			stdio: "inherit",
		});
		// Half an hour of work that nobody waits for any more.
		process.once("exit", () => seed.kill());
		const [code] = await once(seed, "exit");
		if (code !== 0) throw new Error("the accounts could not be made");
		yield { name: "accounts made, not part of it", value: since(seededMs), unit: "s" };
		// As after a restart: nothing of them is in memory.
		await using stores = await openStores(at);
		const { delivery, events } = await openCrowdDelivery(stores, clock);
		await using _delivery = delivery;
		const { records } = stores;
		await using rollout = new TermsRollout({ clock, records, delivery, events });
		let mostBytes = 0;
		const look = setInterval(() => {
			mostBytes = Math.max(mostBytes, process.memoryUsage.rss());
		}, LOOK_MS);
		const cpuBefore = process.cpuUsage();
		const startedMs = performance.now();
		await rollout.run();
		const seconds = since(startedMs);
		clearInterval(look);
		const { user, system } = process.cpuUsage(cpuBefore);
		const row = await records.selectFrom("terms_rollout").selectAll().executeTakeFirstOrThrow();
		if (row.accounts !== accounts || row.ended_at_ms === null) throw new Error("somebody was skipped");
		yield { name: "accounts told, durable", value: accounts / seconds, unit: "/s", aim: AIM_PER_SECOND };
		yield { name: "seconds for a million at this rate", value: (seconds / accounts) * 1e6, unit: "s", aim: 300 };
		yield { name: "CPU seconds of the process for a million", value: (user + system) / accounts, unit: "s" };
		yield { name: "most memory", value: mostBytes / MIB, unit: "MiB" };
		const policy = await readPolicyFile(shippedPolicyPath("opt-in"));
		const askedMs = performance.now();
		for (let round = 0; round < FUNNEL_ROUNDS; round++) await readFunnels(records, [policy], clock.now());
		yield { name: "a look at the funnel", value: (since(askedMs) * 1000) / FUNNEL_ROUNDS, unit: "ms" };
	} finally {
		await rm(directory, { recursive: true, force: true });
	}
}

function since(startedMs: number): number {
	return (performance.now() - startedMs) / 1000;
}

await runFigures(
	(options) => {
		const accounts = Number(options["accounts"] ?? ACCOUNTS);
		return {
			kind: "rollout",
			command: "npm run bench:rollout",
			measured: ["messenger", "storage", "protocol"],
			what: `the notice of a version for ${accounts.toLocaleString("en")} accounts with a device each`,
			figures: measured(accounts),
		};
	},
	["accounts"],
);
