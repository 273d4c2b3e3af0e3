/** What the door does by itself: write and publish, hand over, forget. Each at its own pace, none twice at a time. */
import type { Clock, Timer } from "@troth/protocol";
import type { DoorContext } from "./context.ts";
import { DeliveryQueue, REQUESTS_AT_ONCE } from "./delivery/queue.ts";
import { ForgetGone } from "./forget-gone.ts";
import { Job } from "./job.ts";
import { LabelPoll } from "./labels/label-poll.ts";
import { assertGenerationsGoOn, assertOutboxGoesOn } from "./source/continuity.ts";
import { writeBatch } from "./writing/write-batch.ts";

const TICK_MS = 1_000;
const FORGET_EVERY_MS = 10_000;

export class Work implements AsyncDisposable {
	readonly #clock: Clock;
	readonly #context: DoorContext;
	readonly #gone: ForgetGone;
	readonly #write: Job;
	readonly #publish: Job;
	readonly #policies: Job;
	readonly #index: Job;
	readonly #deliveries: readonly Job[];
	readonly #labels: readonly Job[];
	#timer: Timer | undefined;
	#begun = false;
	#stopped = false;
	#forgetAtMs = 0;

	constructor(context: DoorContext) {
		const { clock, events, recipients } = context;
		this.#clock = clock;
		this.#context = context;
		this.#gone = new ForgetGone(context);
		const failed = (job: string) => (error: unknown) => events.failed(job, error);
		this.#deliveries = [...recipients.values()].flatMap((recipient) => {
			const queue = new DeliveryQueue(context, recipient, () => this.#begun);
			const job = () => new Job(() => queue.run(), failed(`deliver to ${recipient.id}`));
			return Array.from({ length: REQUESTS_AT_ONCE }, job);
		});
		this.#labels = [...recipients.values()].map((recipient) => {
			const poll = new LabelPoll(context, recipient);
			return new Job(() => poll.run(), failed(`labels of ${recipient.id}`));
		});
		this.#write = new Job(() => this.#round(), failed("write"));
		this.#publish = new Job(() => this.#witness(), failed("publish"));
		this.#policies = new Job(() => this.#logPolicies(), failed("policy log"));
		this.#index = new Job(() => context.chainIndex.build(), failed("index"));
	}

	/** Begins; again each second. */
	start(): void {
		if (this.#stopped) return;
		this.#kick();
		this.#timer = this.#clock.after(TICK_MS, () => this.start());
	}

	/** Does it all once, and resolves when nothing is left to do at this time. */
	async tick(): Promise<void> {
		this.#kick();
		await this.#write.idle();
		await this.#publish.idle();
		for (const job of [...this.#deliveries, ...this.#labels, this.#policies, this.#index]) await job.idle();
	}

	/** Brings the index of chain values up to date, and resolves when that is done. */
	async index(): Promise<void> {
		this.#index.kick();
		await this.#index.idle();
	}

	#kick(): void {
		this.#write.kick();
		this.#policies.kick();
		// Also what waited for a cosignature, or for its recipient.
		for (const job of [...this.#deliveries, ...this.#labels]) job.kick();
	}

	async #round(): Promise<void> {
		const { log } = this.#context;
		if (!this.#begun) {
			// A store or a log that was restored alone must not go on; what was recorded before can be taken back from here on.
			await log.catchUp();
			for (const job of this.#deliveries) job.kick();
			// Before anything is added or shared: nor must records that were restored alone.
			await assertOutboxGoesOn(this.#context);
			await assertGenerationsGoOn(this.#context);
		}
		this.#begun = true;
		const more = await writeBatch(this.#context);
		await log.catchUp();
		// What is signed is enough for recalls; witnesses are asked meanwhile.
		for (const job of this.#deliveries) job.kick();
		this.#publish.kick();
		if (more) this.#write.kick();
		else if (this.#clock.now() >= this.#forgetAtMs) {
			this.#forgetAtMs = this.#clock.now() + FORGET_EVERY_MS;
			await this.#gone.look();
		}
	}

	async #witness(): Promise<void> {
		const { log, chainIndex } = this.#context;
		const before = log.witnessedSize;
		await log.publish();
		if (log.witnessedSize > before) for (const job of this.#deliveries) job.kick();
		if (chainIndex.isDue(false)) this.#index.kick();
	}

	async #logPolicies(): Promise<void> {
		const { policyLog } = this.#context;
		await policyLog.catchUp();
		await policyLog.publish();
	}

	/** Starts nothing more and waits for what runs. */
	async [Symbol.asyncDispose](): Promise<void> {
		this.#stopped = true;
		this.#timer?.cancel();
		const jobs = [this.#write, this.#publish, ...this.#deliveries, ...this.#labels, this.#policies, this.#index];
		for (const job of jobs) await job[Symbol.asyncDispose]();
	}
}
