/**
 * The published size of a list. Adding or removing one person and reading the size again must not tell whether that
 * person is here: sizes are bands, with noise that is the same for the whole day, and are counted once in 24 hours.
 */
import { createHmac } from "node:crypto";
import type { FamilyContext } from "../context.ts";
import { SMALLEST_COUNT } from "./audience-fields.ts";
import type { AudienceRow } from "./tables.ts";

const DAY_MS = 24 * 3600 * 1000;
/** The noise is at most this part of the size, up or down. */
const NOISE = 0.05;

export interface CountBand {
	readonly lower: number;
	readonly upper: number;
}

/** @param noise from -1 to 1 */
export function countBand(matched: number, noise: number): CountBand {
	const noisy = Math.round(matched * (1 + NOISE * noise));
	if (noisy < SMALLEST_COUNT) return { lower: SMALLEST_COUNT, upper: SMALLEST_COUNT };
	const unit = 10 ** (Math.floor(Math.log10(noisy)) - 1);
	const lower = Math.floor(noisy / unit) * unit;
	return { lower, upper: lower + unit };
}

/** The list with its size, counted anew where the last count is a day old. A list that was never filled has none. */
export async function counted(context: FamilyContext, audience: AudienceRow): Promise<AudienceRow> {
	const { records, clock, listFloor } = context;
	const now = clock.now();
	if (audience.uploaded_at_ms === null) return audience;
	if (audience.counted_at_ms !== null && now - audience.counted_at_ms < DAY_MS) return audience;
	const { audience_id } = audience;
	const matched = await countMembers(context, audience_id);
	const { lower, upper } = countBand(matched, noiseOf(context, audience_id, now));
	const update = {
		count_lower: lower,
		count_upper: upper,
		enough: matched >= listFloor ? 1 : 0,
		counted_at_ms: now,
	};
	await records.updateTable("audience").set(update).where("audience_id", "=", audience_id).execute();
	return { ...audience, ...update };
}

/** How many people a list matches at this moment. For serving; never to be published as it is. */
export async function countMembers({ records }: Pick<FamilyContext, "records">, audience: string): Promise<number> {
	const { members } = await records
		.selectFrom("audience_member")
		.select(({ fn }) => fn.count<number>("person_id").distinct().as("members"))
		.where("audience_id", "=", audience)
		.executeTakeFirstOrThrow();
	return members;
}

function noiseOf({ keys }: FamilyContext, audience: string, nowMs: number): number {
	const day = Math.floor(nowMs / DAY_MS);
	const mac = createHmac("sha256", keys.derive("audience-noise")).update(`${audience}|${day}`).digest();
	return mac.readUInt32BE() / 2 ** 31 - 1;
}
