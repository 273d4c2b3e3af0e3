/**
 * Asks one recipient what it says of numbers (C1: labels flow back), at the door's pace. What it lists is kept by
 * pseudonym and replaces what it listed before, so that a label ends here when it ends there. A label counts only with a
 * leaf of the recipient's own log: it can not say later that it never said so.
 */
import { Code, ConnectError } from "@connectrpc/connect";
import { type ReturnedLabel, toHex } from "@troth/protocol";
import { eraseDeleted } from "@troth/storage";
import { openShareProof, ProofError, rememberCheckpoints, SUBJECT_BYTES } from "@troth/transparency";
import type { DoorContext, Recipient } from "../context.ts";
import { bumpLabels } from "./label-version.ts";

const POLL_EVERY_MS = 5_000;
/** A recipient that does not answer is left alone for a while; one that knows no labels for longer. */
const AFTER_FAILURE_MS = 60_000;
const WITHOUT_LABELS_MS = 3600_000;

export class LabelPoll {
	readonly #context: DoorContext;
	readonly #recipient: Recipient;
	#nextAtMs = 0;
	/** Of the recipient's list. */
	#version = 0;

	constructor(context: DoorContext, recipient: Recipient) {
		this.#context = context;
		this.#recipient = recipient;
	}

	/** Asks where it is time to. Rejects with StoreError; what the recipient does wrong is waited for. */
	async run(): Promise<void> {
		const { clock, events } = this.#context;
		const { id, pairKey } = this.#recipient;
		if (pairKey === undefined || clock.now() < this.#nextAtMs) return;
		this.#nextAtMs = clock.now() + POLL_EVERY_MS;
		try {
			await this.#poll();
		} catch (error) {
			if (!(error instanceof ConnectError)) throw error;
			const unknown = error.code === Code.Unimplemented || error.code === Code.NotFound;
			this.#nextAtMs = clock.now() + (unknown ? WITHOUT_LABELS_MS : AFTER_FAILURE_MS);
			if (!unknown) events.labelsFailed(id, error);
		}
	}

	async #poll(): Promise<void> {
		const { client } = this.#recipient;
		const labels: ReturnedLabel[] = [];
		let page = await client.listLabels(0, this.#version);
		const { version } = page;
		if (version === this.#version) return;
		labels.push(...page.labels);
		while (page.nextAfter > 0) {
			page = await client.listLabels(page.nextAfter, 0);
			// It changed while it was read: from the beginning, next time.
			if (page.version !== version) return;
			labels.push(...page.labels);
		}
		await this.#store(labels);
		this.#version = version;
	}

	async #store(labels: readonly ReturnedLabel[]): Promise<void> {
		const { store, events } = this.#context;
		const { id } = this.#recipient;
		const open = rememberCheckpoints();
		const proved = labels.filter((label) => this.#isProved(label, open));
		await store.transaction().execute(async (records) => {
			await records.deleteFrom("returned_label").where("recipient", "=", id).execute();
			for (const { subject, label, scoreClass, sinceMs, untilMs } of proved) {
				const said = { label, score_class: scoreClass, since_ms: Number(sinceMs), until_ms: Number(untilMs) };
				await records
					.insertInto("returned_label")
					.values({ recipient: id, subject: toHex(subject), ...said })
					.onConflict((conflict) => conflict.columns(["recipient", "subject"]).doUpdateSet(said))
					.execute();
			}
			await bumpLabels(records);
		});
		await eraseDeleted(store);
		events.labelsTaken(id, proved.length, labels.length - proved.length);
	}

	#isProved({ subject, proof }: ReturnedLabel, open: ReturnType<typeof rememberCheckpoints>): boolean {
		if (proof === undefined || subject.length !== SUBJECT_BYTES) return false;
		try {
			const { record } = openShareProof(proof, this.#recipient.receipts, open);
			const { kind, purpose } = record;
			return kind === "share" && purpose === "spam_and_abuse" && record.subject === toHex(subject);
		} catch (error) {
			if (error instanceof ProofError) return false;
			throw error;
		}
	}
}
