/**
 * `GET /figures`: what the public may know of the door. Counts of people's acts are ranges, taken once on each UTC day
 * and the same all day, so that neither their size nor the moment in which they change tells of one person. What the log
 * shows anyway is as it is now.
 */
import { CATALOGUE, type Purpose } from "@troth/protocol";
import type { FastifyInstance } from "fastify";
import type { DoorContext } from "../context.ts";
import { coarse, coarseOverdue, type Range } from "./coarse.ts";
import { type Figures, RECALL_LIMIT_MS, RECALL_TARGET_MS, readFigures } from "./read-figures.ts";

const DAY_MS = 24 * 3600 * 1000;

/** What is the same all day. */
interface DailyFigures {
	/** When they were taken, ms. */
	readonly at: number;
	readonly shares: readonly {
		readonly purpose: string;
		readonly recipient: string;
		/** Records of the share log since its beginning. */
		readonly recorded: Range;
		readonly kept: Range;
	}[];
	readonly recalls: {
		readonly open: Range;
		readonly overdue: Range;
		readonly pastLimit: Range;
		/** Whole days; null where none is overdue. */
		readonly oldestOverdueDays: number | null;
		/** What counts as overdue, and as past the limit, in hours. */
		readonly targetHours: number;
		readonly limitHours: number;
	};
}

export interface PublicFigures extends DailyFigures {
	readonly version: 1;
	/** UTC. */
	readonly day: string;
	readonly log: {
		readonly origin: string;
		readonly size: number;
		readonly witnessedSize: number;
		readonly checkpointAt: number | null;
		readonly witnesses: readonly { readonly name: string; readonly cosignedAt: number | null }[];
	};
}

/** Adds the route, for pages of any origin. */
export function serveFigures(app: FastifyInstance, context: DoorContext): void {
	app.get("/figures", async (_request, reply) => {
		reply.headers({ "access-control-allow-origin": "*", "cache-control": "no-cache" });
		return publicFigures(context);
	});
}

export async function publicFigures(context: DoorContext): Promise<PublicFigures> {
	const { clock, store, log } = context;
	const day = new Intl.DateTimeFormat("en-CA", { timeZone: "UTC" }).format(clock.now());
	const exact = await readFigures(context);
	const taken = JSON.stringify(dailyFigures(context, exact));
	// Who asks first on a day decides on the moment, for everybody.
	await store
		.insertInto("published_figures")
		.values({ day, figures: taken })
		.onConflict((conflict) => conflict.doNothing())
		.execute();
	await store.deleteFrom("published_figures").where("day", "<", day).execute();
	const row = await store.selectFrom("published_figures").select("figures").where("day", "=", day).executeTakeFirst();
	const { size, witnessedSize, checkpointAtMs, witnesses } = exact.log;
	return {
		...{ version: 1, day },
		...(JSON.parse(row?.figures ?? taken) as DailyFigures),
		log: {
			...{ origin: log.vkey.split("+")[0] ?? "", size, witnessedSize },
			checkpointAt: checkpointAtMs ?? null,
			witnesses: witnesses.map(({ name, atMs }) => ({ name, cosignedAt: atMs ?? null })),
		},
	};
}

function dailyFigures({ clock, installationKey: secret, recipients }: DoorContext, exact: Figures): DailyFigures {
	const nowMs = clock.now();
	const { open, overdue, pastLimit, oldestAtMs } = exact.recalls;
	// Every purpose with everybody, used or not: a line that appears would tell of the first person.
	const pairs = (Object.keys(CATALOGUE) as Purpose[]).flatMap((purpose) =>
		[...recipients.keys()].map((recipient) => ({ purpose, recipient })),
	);
	return {
		at: nowMs,
		shares: pairs.map(({ purpose, recipient }) => {
			const figure = exact.shares.find((one) => one.purpose === purpose && one.recipient === recipient);
			return {
				...{ purpose, recipient },
				recorded: coarse(figure?.recorded ?? 0, secret, `recorded ${purpose} ${recipient}`),
				kept: coarse(figure?.kept ?? 0, secret, `kept ${purpose} ${recipient}`),
			};
		}),
		recalls: {
			open: coarse(open, secret, "open"),
			overdue: coarseOverdue(overdue, secret, "overdue"),
			pastLimit: coarseOverdue(pastLimit, secret, "past limit"),
			oldestOverdueDays: overdue === 0 || oldestAtMs === undefined ? null : Math.floor((nowMs - oldestAtMs) / DAY_MS),
			targetHours: RECALL_TARGET_MS / 3_600_000,
			limitHours: RECALL_LIMIT_MS / 3_600_000,
		},
	};
}
