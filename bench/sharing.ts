/**
 * `npm run bench:sharing`: how long it takes until many people's shares are through gate, log and intake, with a process
 * for the door and one for the parent; and how long a withdrawal takes. Nothing else should run beside it.
 *
 *     npm run bench:sharing -- --people 20000 --rounds 5 --save
 */
import { type Figure, quantile, runFigures } from "./figures.ts";
import { measureShares } from "./sharing/shares.ts";
import { measureWithdrawals } from "./sharing/withdrawals.ts";

const PEOPLE = 200_000;
const ROUNDS = 30;
/** Five minutes for 200 000 people. */
const SHARES_PER_SECOND = 667;

async function* measured(people: number, rounds: number): AsyncGenerator<Figure> {
	const say = (line: string) => console.error(`  ${line}`);
	const shares = await measureShares(people, say);
	const { seconds, doorCpuSeconds, familyCpuSeconds, memory } = shares;
	yield {
		name: "shares through gate, log and intake, acknowledged",
		value: people / seconds,
		unit: "/s",
		aim: SHARES_PER_SECOND,
	};
	yield { name: "  all of them", value: seconds, unit: "s" };
	yield { name: "  CPU time of the door for each", value: (doorCpuSeconds * 1e6) / people, unit: "µs" };
	yield { name: "  CPU time of the parent for each", value: (familyCpuSeconds * 1e6) / people, unit: "µs" };
	const [first, last] = [memory[1] ?? memory[0], memory.at(-1)];
	yield { name: "  memory of the door at 20 %", value: first?.doorMiB ?? Number.NaN, unit: "MiB" };
	yield { name: "  memory of the door at the end", value: last?.doorMiB ?? Number.NaN, unit: "MiB" };
	yield { name: "  memory of the parent at 20 %", value: first?.familyMiB ?? Number.NaN, unit: "MiB" };
	yield { name: "  memory of the parent at the end", value: last?.familyMiB ?? Number.NaN, unit: "MiB" };
	const { answeredMs, goneMs } = await measureWithdrawals(rounds, say);
	yield { name: "withdrawal answered, p50", value: quantile(answeredMs, 0.5), unit: "ms" };
	yield { name: "withdrawal answered, p99", value: quantile(answeredMs, 0.99), unit: "ms", aim: 20 };
	yield { name: "gone at the parent, p50", value: quantile(goneMs, 0.5), unit: "ms" };
	yield { name: "gone at the parent, p99", value: quantile(goneMs, 0.99), unit: "ms", aim: 5000 };
}

await runFigures(
	({ people, rounds }) => {
		const [many, times] = [Number(people ?? PEOPLE), Number(rounds ?? ROUNDS)];
		return {
			kind: "sharing",
			command: "npm run bench:sharing",
			measured: ["bridge", "family", "messenger", "protocol", "storage", "transparency", "bench"],
			what: `${many.toLocaleString("en")} people's shares, every second one known to the parent; ${times} withdrawals of each sample person`,
			figures: measured(many, times),
		};
	},
	["people", "rounds"],
);
