/**
 * The machine on which the floors were set, as the peers saw it: medians of the same generator, the same versions and
 * the same configurations on its two cores. What the peers reach here in comparison says how fast this machine is, and
 * what a floor comes to on it. Where a median is known as a range, it is the middle.
 */
import type { BenchResult, MeasurementName } from "./results.ts";

type Figures = Partial<Record<MeasurementName, number>>;

/** By the names of the contenders; messages, logins or deliveries a second. */
const PEERS_THERE: Readonly<Record<string, Figures>> = {
	ejabberd: { w1: 25_254, store: 3_850, drain: 13_507, w3: 1_443, w4: 44_909 },
	prosody: { w1: 10_925, store: 6_100, drain: 4_800, w3: 495, w4: 17_957 },
	mosquitto: { w1: 37_905, store: 79_500, drain: 116_333, w3: 8_979, w4: 110_800 },
	"nats-server": { w1: 8_956, store: 20_500, drain: 4_750, w3: 1_461, w4: 39_458 },
	aedes: { w1: 45_881, store: 106_000, w3: 3_172, w4: 65_897 },
};

/** Fewer peers say nothing about a machine. */
const PEERS_NEEDED = 3;

/**
 * What the peers reach in this run of what they reached there: the median of their ratios, and of how many peers.
 * Undefined where too few took part.
 */
export function paceOfPeers(
	{ contenders }: BenchResult,
	measurement: MeasurementName,
	field: string,
): { readonly ratio: number; readonly peers: number } | undefined {
	const ratios = contenders
		.flatMap(({ name, measurements }) => {
			const there = PEERS_THERE[name]?.[measurement];
			const here = measurements[measurement]?.[field];
			return there !== undefined && typeof here === "number" ? [here / there] : [];
		})
		.sort((a, b) => a - b);
	if (ratios.length < PEERS_NEEDED) return undefined;
	const middle = ratios.length >> 1;
	const [above = 0, below = 0] = [ratios[middle], ratios[ratios.length % 2 === 1 ? middle : middle - 1]];
	return { ratio: (above + below) / 2, peers: ratios.length };
}
