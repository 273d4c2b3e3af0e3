/** The invariants of consent (I1 to I11, H1 to H3), on the one reducer, over random lives with a slow door. */
import assert from "node:assert/strict";
import { test } from "node:test";
import type { PolicyFile } from "@troth/protocol";
import { rounds } from "@troth/protocol/_rounds.ts";
import fc from "fast-check";
import { Life } from "./_life.ts";
import { given, live, lives, permits, RECIPIENTS, type Told, twice } from "./_lives.ts";
import { phaseAt, reduce, TERMS_WINDOW_MS } from "./lifecycle.ts";

const RUNS = { numRuns: rounds(5000, 100_000) };

test("time never goes back, no deadline is overrun, nothing comes after the end, a replay changes nothing (I1 I4 I5 I9)", () => {
	const seen = { PENDING: 0, SUSPENDED: 0, CLOSED: 0, replays: 0 };
	fc.assert(
		fc.property(lives, (life) => {
			live(life, (person, happen, event, nowMs) => {
				const before = person.state;
				const { state, effects } = happen(event);
				assert.ok(state.timeMs >= before.timeMs && state.timeMs >= event.atMs);
				const phase = phaseAt(state, nowMs);
				if (phase === "PENDING") assert.ok(Math.max(nowMs, state.timeMs) < (state.notice?.deadlineMs ?? 0));
				if (phase !== "ACTIVE") seen[phase]++;
				if (before.closed) {
					assert.deepEqual([state.closed, effects], [true, []]);
					assert.ok(![...state.choices.values()].some((choice) => choice.state === "granted"));
					assert.ok(!permits(person, nowMs).includes(true));
				}
				if ("eventId" in event && before.decided.has(event.eventId)) {
					seen.replays++;
					assert.deepEqual({ ...state, timeMs: 0 }, { ...before, timeMs: 0 });
					assert.deepEqual(effects, []);
				}
			});
		}),
		// Moves that end a yes are rare, too.
		{ numRuns: 2 * RUNS.numRuns },
	);
	for (const [name, count] of Object.entries(seen)) assert.ok(count >= 20, `${name}: ${count}`);
});

test("only an answer to these words, in its phase and after its embargo, lets anything reach a recipient (I2 I3 H2 H3)", () => {
	let delivered = 0;
	let embargoed = 0;
	let before = 0;
	let left = 0;
	fc.assert(
		fc.property(fc.oneof({ weight: 4, arbitrary: lives }, { weight: 1, arbitrary: twice }), (life) => {
			const person = live(life, (_person, happen, event) => happen(event));
			delivered += person.delivered;
			for (const [key, { state, atMs, generation, agreedAtMs }] of person.held) {
				const [purpose = "", recipient = ""] = key.split("/");
				const row = state.accepted?.policy.purposes.get(purpose);
				const choice = state.choices.get(purpose);
				assert.ok(row !== undefined);
				assert.ok(row.recipients.includes(recipient));
				assert.equal(row.hash, state.current.purposes.get(purpose)?.hash);
				assert.deepEqual([choice?.state, choice?.purposeHash, choice?.generation], ["granted", row.hash, generation]);
				assert.ok(["ACTIVE", "PENDING"].includes(phaseAt(state, atMs)));
				if (state.person.minor) assert.notEqual(purpose, "relevant_ads");
				if (row.basis !== "opt_out") assert.equal(choice?.shownOn, false);
				else {
					embargoed++;
					assert.ok(atMs >= agreedAtMs + TERMS_WINDOW_MS);
					if (atMs < (state.accepted?.atMs ?? 0) + TERMS_WINDOW_MS) before++;
				}
				if (choice?.shownOn !== true) continue;
				left++;
				assert.equal(state.person.minor, false);
				// Where they live, and where their number is from; nowhere known is not among the opt-out's regions.
				const regions = [state.person.numberRegion, state.person.declaredRegion].filter((one) => one !== undefined);
				assert.ok(regions.length > 0);
				for (const { regions: optOutIn = [] } of [
					state.accepted?.policy.file ?? {},
					state.current.file,
				] as PolicyFile[])
					assert.ok(regions.every((region) => optOutIn.includes(region)));
			}
		}),
		// Controls that were left on are rare: more histories show enough of them.
		{ numRuns: 3 * RUNS.numRuns },
	);
	const counts = `${delivered} shares, ${embargoed} after an embargo, ${before} of them after an earlier version's, ${left} of controls that were left on`;
	assert.ok(delivered >= 200 && embargoed >= 20 && before >= 5 && left >= 20, counts);
});

test("a withdrawal is always taken, denies at once and recalls from everybody who was named (I6 I7)", () => {
	let withdrawn = 0;
	fc.assert(
		fc.property(lives, (life) => {
			live(life, (person, happen, event, nowMs) => {
				happen(event);
				for (const [purpose, choice] of person.state.choices) {
					if (person.state.closed) return;
					const decisions = [{ purpose, granted: false, purposeHash: "", generation: 0 }];
					const step = reduce(person.state, {
						type: "decided",
						eventId: "stop",
						decisions,
						shownOn: false,
						atMs: nowMs,
					});
					assert.equal(step.refused, undefined);
					const recalls = step.effects.flatMap((effect) =>
						effect.type === "outbox" ? [`${effect.kind} ${effect.recipient} ${effect.generation}`] : [],
					);
					if (choice.state === "granted") {
						withdrawn++;
						assert.deepEqual(
							recalls,
							choice.recipients.map((recipient) => `recall ${recipient} ${choice.generation}`),
						);
					} else assert.deepEqual(recalls, []);
					const stopped = new Life(person.state.current);
					stopped.state = step.state;
					for (const recipient of RECIPIENTS) assert.equal(stopped.decide(purpose, recipient, nowMs).permit, false);
				}
			});
		}),
		RUNS,
	);
	assert.ok(withdrawn >= 200, `${withdrawn} withdrawals`);
});

test("under a new number nothing is at anybody's from the old one, and nothing is granted that did not stand (C9)", () => {
	const seen = { renewed: 0, ended: 0, refused: 0 };
	fc.assert(
		fc.property(lives, (life) => {
			live(life, (person, happen, event, nowMs) => {
				const before = person.state;
				const could = permits(person, nowMs);
				const { state, refused } = happen(event);
				if (event.type !== "renumbered" || before.closed || before.decided.has(event.eventId)) return;
				for (const [n, permit] of permits(person, nowMs).entries())
					assert.ok(!permit || could[n], "a number let something flow");
				if (refused !== undefined) {
					seen.refused++;
					assert.deepEqual({ ...state, timeMs: 0 }, { ...before, timeMs: 0 });
					return;
				}
				person.work(1000, nowMs);
				for (const [purpose, choice] of before.choices) {
					const now = state.choices.get(purpose);
					if (purpose === "account_linking" || choice.state !== "granted") assert.equal(now, choice);
					else if (now?.state === "granted") {
						seen.renewed++;
						assert.deepEqual([now.purposeHash, now.generation], [choice.purposeHash, choice.generation + 1]);
					} else {
						seen.ended++;
						assert.deepEqual([now?.state, now?.generation], ["withdrawn", choice.generation]);
					}
				}
				for (const [key, { generation }] of person.held) {
					const [purpose = ""] = key.split("/");
					if (purpose !== "account_linking")
						assert.ok(generation > (before.choices.get(purpose)?.generation ?? 0), key);
				}
			});
		}),
		RUNS,
	);
	for (const [name, count] of Object.entries(seen)) assert.ok(count >= 20, `${name}: ${count}`);
});

test("where somebody lives and how old they are takes away and never gives, on the way there and back (B11)", () => {
	const seen = { moves: 0, ended: 0, kept: 0 };
	fc.assert(
		fc.property(lives, (life) => {
			live(life, (person, happen, event, nowMs) => {
				const before = person.state;
				const could = permits(person, nowMs);
				const { state, effects } = happen(event);
				if (event.type !== "moved" || before.closed) return;
				seen.moves++;
				const after = permits(person, nowMs);
				for (const [n, permit] of after.entries()) assert.ok(!permit || could[n], "a move let something flow");
				assert.ok(!effects.some((effect) => effect.type === "outbox" && effect.kind === "share"));
				for (const [purpose, choice] of before.choices) {
					const now = state.choices.get(purpose);
					if (choice.state !== "granted") assert.equal(now, choice);
					else if (now?.state === "granted") {
						seen.kept++;
						assert.equal(now, choice);
						assert.ok(!state.person.minor || (purpose !== "relevant_ads" && !choice.shownOn));
					} else {
						seen.ended++;
						const recalls = effects.flatMap((effect) =>
							effect.type === "outbox" && effect.purpose === purpose ? [effect.recipient] : [],
						);
						assert.deepEqual([now?.state, recalls], ["withdrawn", choice.recipients]);
					}
				}
			});
		}),
		RUNS,
	);
	for (const [name, count] of Object.entries(seen)) assert.ok(count >= 20, `${name}: ${count}`);
});

test("publishing never turns a no into a yes (I10)", () => {
	let narrowed = 0;
	fc.assert(
		fc.property(lives, (life) => {
			live(life, (person, happen, event, nowMs) => {
				const before = permits(person, nowMs);
				happen(event);
				if (event.type !== "published") return;
				const after = permits(person, nowMs);
				for (const [n, permit] of after.entries()) assert.ok(!permit || before[n], "a publication let something flow");
				if (before.join() !== after.join()) narrowed++;
			});
		}),
		RUNS,
	);
	assert.ok(narrowed >= 20, `${narrowed} publications narrowed something`);
});

test("what a version takes away is being recalled as soon as somebody is looked at, and what it leaves is left", () => {
	const seen = { ended: 0, left: 0, gone: 0, recipientGone: 0 };
	fc.assert(
		fc.property(given, (life) => {
			live(life, (person, happen, event, nowMs) => {
				const before = person.state;
				const could = permits(person, nowMs);
				const { state, effects } = happen(event);
				if (event.type !== "narrowed" || before.closed) return;
				for (const [n, permit] of permits(person, nowMs).entries())
					assert.ok(!permit || could[n], "a version let something flow");
				assert.ok(!effects.some((effect) => effect.type === "outbox" && effect.kind === "share"));
				const { current, accepted } = state;
				for (const [key, { generation }] of person.held) {
					const [purpose = "", recipient = ""] = key.split("/");
					const now = current.purposes.get(purpose);
					if (now?.recipients.includes(recipient)) continue;
					if (now === undefined) seen.gone++;
					else seen.recipientGone++;
					assert.ok(
						person.recallOpen(key, generation),
						`${key} stays, and version ${current.version} does not have it`,
					);
				}
				for (const [purpose, choice] of before.choices) {
					const [then, now] = [accepted?.policy.purposes.get(purpose), current.purposes.get(purpose)];
					if (choice.state !== "granted") assert.equal(state.choices.get(purpose), choice);
					else if (state.choices.get(purpose)?.state === "withdrawn") seen.ended++;
					else {
						assert.ok(then !== undefined && now !== undefined, purpose);
						assert.ok(choice.recipients.every((recipient) => now.recipientSet.has(recipient)));
						if (now.hash !== then.hash) seen.left++;
					}
					// Where the version has the same words and its rules take the yes, nothing changes.
					if (choice.state === "granted" && now?.hash === then?.hash && !choice.shownOn && !state.person.minor)
						assert.equal(state.choices.get(purpose), choice);
				}
			});
		}),
		RUNS,
	);
	for (const [name, count] of Object.entries(seen)) assert.ok(count >= 20, `${name}: ${count}`);
});

test("what a recipient holds without a yes is being recalled, at every moment (I11)", () => {
	let open = 0;
	let recalled = 0;
	const orphans = (person: Life) =>
		[...person.held].filter(([key]) => {
			const [purpose = "", recipient = ""] = key.split("/");
			const choice = person.state.choices.get(purpose);
			return choice?.state !== "granted" || !choice.recipients.includes(recipient);
		});
	fc.assert(
		fc.property(lives, (life) => {
			const person = live(
				life,
				(_person, happen, event) => happen(event),
				(there) => {
					for (const [key, { generation }] of orphans(there)) {
						open++;
						assert.ok(there.recallOpen(key, generation), `${key} was forgotten`);
					}
					// No yes outlives the words that it was given to.
					const { choices, accepted } = there.state;
					for (const [purpose, { state, purposeHash }] of choices)
						if (state === "granted") assert.equal(purposeHash, accepted?.policy.purposes.get(purpose)?.hash);
				},
			);
			person.work(1000, person.state.timeMs);
			assert.deepEqual(orphans(person), []);
			recalled += person.recalled;
		}),
		RUNS,
	);
	assert.ok(open >= 20 && recalled >= 20, `${open} open, ${recalled} done`);
});

test("whatever is answered about sharing, the service is the same (H1)", () => {
	fc.assert(
		fc.property(lives, fc.constantFrom("yes", "no", "silence"), (life, instead) => {
			const phases = (moves: Told["moves"]) => {
				const list: string[] = [];
				live({ ...life, moves }, (person, happen, event, nowMs) => {
					happen(event);
					if ("eventId" in event || event.type === "tick") return;
					list.push(`${event.type} ${phaseAt(person.state, nowMs)} ${person.state.accepted?.policy.version}`);
				});
				return list;
			};
			// Time passes for who is silent, too.
			const other = life.moves.map(({ passing: ms, move }) => {
				if (move.kind !== "decide") return { passing: ms, move };
				if (instead === "silence") return { passing: ms, move: { kind: "tick" } as const };
				const flipped = move.answers.map(({ purpose }) => ({ purpose, granted: instead === "yes" }));
				return { passing: ms, move: { ...move, answers: flipped } };
			});
			const withoutReplays = (moves: Told["moves"]) =>
				moves.map((one) => (one.move.kind === "replay" ? { ...one, move: { kind: "tick" } as const } : one));
			assert.deepEqual(phases(withoutReplays(other)), phases(withoutReplays(life.moves)));
		}),
		RUNS,
	);
});
