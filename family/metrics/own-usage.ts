/**
 * How often the company's own people are here, counted as the messenger counts: the days of four weeks per person, and of
 * each week sums.
 */
import { type Clock, classOn, USAGE_CLASSES, type UsageClass, useOn, utcDayOf, weekOf } from "@troth/protocol";
import type { Kysely } from "kysely";
import type { PersonId } from "../people/person.ts";
import type { Records } from "../records/schema.ts";

export class OwnUsage {
	readonly #records: Kysely<Records>;
	readonly #clock: Clock;
	#day = 0;
	#noted = new Set<PersonId>();
	#waiting = new Set<PersonId>();

	constructor(records: Kysely<Records>, clock: Clock) {
		this.#records = records;
		this.#clock = clock;
	}

	/** Somebody who is logged in asked for something. Cheap. */
	seen(person: PersonId): void {
		const today = utcDayOf(this.#clock.now());
		if (today !== this.#day) {
			this.#day = today;
			this.#noted = new Set();
		}
		if (this.#noted.has(person)) return;
		this.#noted.add(person);
		this.#waiting.add(person);
	}

	/** Writes who was here today, and this week's sums as they are by now. Rejects with StoreError. */
	async flush(): Promise<void> {
		const people = [...this.#waiting];
		this.#waiting = new Set();
		const today = utcDayOf(this.#clock.now());
		await this.#records.transaction().execute(async (transaction) => {
			for (const person of people) {
				const exists = await transaction
					.selectFrom("person")
					.select("person_id")
					.where("person_id", "=", person)
					.executeTakeFirst();
				if (exists === undefined) continue;
				const row = await transaction
					.selectFrom("own_usage")
					.select(["last_used_day", "days"])
					.where("person_id", "=", person)
					.executeTakeFirst();
				const { lastUsedDay, days } = useOn(row && { lastUsedDay: row.last_used_day, days: row.days }, today);
				const used = { last_used_day: lastUsedDay, days };
				await transaction
					.insertInto("own_usage")
					.values({ person_id: person, ...used })
					.onConflict((conflict) => conflict.column("person_id").doUpdateSet(used))
					.execute();
			}
		});
	}

	/** Writes this week's sums as they are by now. Rejects with StoreError. */
	async sum(): Promise<void> {
		const today = utcDayOf(this.#clock.now());
		const week = weekOf(today);
		await this.#records.transaction().execute(async (transaction) => {
			const rows = await transaction.selectFrom("own_usage").select(["last_used_day", "days"]).execute();
			const sums = new Map<UsageClass, number>(USAGE_CLASSES.map((usageClass) => [usageClass, 0]));
			for (const { last_used_day: lastUsedDay, days } of rows) {
				const usageClass = classOn({ lastUsedDay, days }, today);
				sums.set(usageClass, (sums.get(usageClass) ?? 0) + 1);
			}
			for (const [usage_class, people] of sums)
				await transaction
					.insertInto("own_usage_week")
					.values({ week, usage_class, people })
					.onConflict((conflict) => conflict.columns(["week", "usage_class"]).doUpdateSet({ people }))
					.execute();
		});
	}
}
