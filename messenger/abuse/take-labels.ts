/**
 * Labels that companies gave back, fetched from this messenger's own bridge: the messenger asks no company itself (C8).
 * They are stored as they are, by pseudonym; whose number one is, is found out when somebody's limits are asked for.
 */
import {
	isAbuseLabel,
	isScoreClass,
	type ListRecipientLabelsResponse,
	type RecipientLabels,
	toHex,
} from "@troth/protocol";
import { eraseDeleted } from "@troth/storage";
import type { MessengerContext } from "../context.ts";

export const LABELS_EVERY_MS = 5_000;

type Needs = Pick<MessengerContext, "records" | "door" | "limits" | "sharing" | "events">;

/** Asks the bridge again and again; nothing changes while it does not answer. */
export class LabelTaker {
	readonly #context: Needs;
	#version = 0;
	#failing = false;

	constructor(context: Needs) {
		this.#context = context;
	}

	/** Rejects with StoreError. */
	async run(): Promise<void> {
		const { records, limits, sharing } = this.#context;
		const answer = await this.#ask();
		if (answer === undefined || answer.version === this.#version) return;
		const { version, recipients } = answer;
		const known = recipients.filter(({ recipient }) => sharing?.recipients.some(({ id }) => id === recipient));
		await records.transaction().execute(async (transaction) => {
			await transaction.deleteFrom("returned_label").execute();
			for (const row of known.flatMap(rowsOf)) await transaction.insertInto("returned_label").values(row).execute();
		});
		await eraseDeleted(records);
		limits.labelsChanged(new Map(known.map(({ recipient, numberKey }) => [recipient, numberKey])));
		this.#version = version;
	}

	/** Undefined while the bridge does not answer, which is said once. */
	async #ask(): Promise<ListRecipientLabelsResponse | undefined> {
		const { door, events } = this.#context;
		try {
			const answer = await door?.listRecipientLabels({ knownVersion: this.#version });
			this.#failing = false;
			return answer;
		} catch (error) {
			if (!this.#failing) events.jobFailed("returned-labels", error);
			this.#failing = true;
			return undefined;
		}
	}
}

/** What is not in the vocabulary is not taken: a company can not write texts into people's settings. */
function rowsOf({ recipient, labels }: RecipientLabels) {
	return labels.flatMap(({ subject, label, scoreClass, sinceMs, untilMs }) =>
		isAbuseLabel("spam_and_abuse", label)
			? [
					{
						...{ recipient, subject: toHex(subject), label },
						score_class: isScoreClass(scoreClass) ? scoreClass : null,
						...{ since_ms: Number(sinceMs), until_ms: Number(untilMs) },
					},
				]
			: [],
	);
}
