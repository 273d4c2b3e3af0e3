/**
 * Named defects: what somebody could break in a hurry. Each is a change of the sources on their way into a process of
 * its own (`edits.ts`), so that the shipped code carries no switches. The simulation has to find every one.
 */
import type { Edit } from "./edits.ts";

export interface Mutant {
	readonly name: string;
	readonly edits: readonly Edit[];
}

export const MUTANTS: readonly Mutant[] = [
	{
		name: "the server acknowledges before the commit",
		edits: [
			{
				file: "messenger/delivery/log-owner.ts",
				find: "\t\t\t() => this.#landed(pending),\n\t\t\t() => this.#failed(pending),\n\t\t);",
				put: "\t\t\t() => {},\n\t\t\t() => {},\n\t\t);\n\t\tqueueMicrotask(() => this.#landed(pending));",
			},
		],
	},
	{
		name: "a cursor skips what it could not send",
		edits: [
			{
				file: "messenger/delivery/cursor.ts",
				find: "if (this.queued || entry.seq !== this.sent + 1 || entry.seq <= this.member.floor) return false;",
				put: "",
			},
		],
	},
	{
		name: "until is ignored",
		edits: [
			{
				file: "messenger/delivery/member.ts",
				find: "return this.until === undefined ? durable : Math.min(durable, this.until);",
				put: "return durable;",
			},
			{
				file: "messenger/delivery/log-owner.ts",
				find: " || (member.until !== undefined && seq > member.until)",
				put: "",
			},
		],
	},
	{
		name: "a removed device is forgotten to be removed",
		edits: [
			{
				file: "messenger/conversations/commit-to-conversation.ts",
				find: "for (const member of going) endMember(owner, member, seq);",
				put: "",
			},
		],
	},
	{
		name: "a generation is used twice",
		edits: [
			{
				file: "client/outbox/seal.ts",
				find: "\tdraft.write(KEYS.log(id), log);\n\tdraft.writeGroup(id, group);\n",
				put: "\tdraft.write(KEYS.log(id), log);\n",
			},
		],
	},
	{
		name: "the numbers of senders are not stored",
		edits: [
			{
				file: "messenger/delivery/log-owner.ts",
				find: 'write([{ kind: "append", log: this.log, entry: stored, sender: row }])',
				put: 'write([{ kind: "append", log: this.log, entry: stored, sender: undefined }])',
			},
		],
	},
	{
		name: "entries are deleted before they are acknowledged",
		edits: [
			{
				file: "messenger/delivery/acknowledgements.ts",
				find: "for (const member of owner.members.list) upTo = Math.min(upTo, member.needed());",
				put: "",
			},
		],
	},
	{
		name: "more is stored as acknowledged than was",
		edits: [
			{
				file: "messenger/delivery/acknowledgements.ts",
				find: "device: member.device, seq: member.acked };",
				put: "device: member.device, seq: member.owner.durable };",
			},
		],
	},
	{
		name: "no gap is told after trimming",
		edits: [
			{
				file: "messenger/delivery/cursor.ts",
				find: 'if (!this.#sendGap(lost)) return "full";',
				put: "this.sent = lost;",
			},
		],
	},
	{
		name: "a message for an old epoch is accepted",
		edits: [
			{
				file: "messenger/delivery/send-rules.ts",
				find: "if (send.epoch !== group.epoch)",
				put: "if (send.epoch > group.epoch)",
			},
		],
	},
	{
		name: "Welcomes are delivered and not stored",
		edits: [
			{
				file: "messenger/conversations/commit-to-conversation.ts",
				find: "exchange.logs.write([...steps, ...welcomes]),",
				put: "exchange.logs.write(welcomes.length === 0 ? steps : [...steps]),",
			},
		],
	},
	{
		name: "who joins gets what lies before",
		edits: [
			{
				file: "messenger/conversations/commit-to-conversation.ts",
				find: 'return subscriptionOf(conversation, leaf, role ?? "member", seq, owner.members.get(leaf.device));',
				put: 'return subscriptionOf(conversation, leaf, role ?? "member", seq - 1, owner.members.get(leaf.device));',
			},
		],
	},
	{
		name: "a key package is given out twice",
		edits: [
			{
				file: "messenger/keys/stock.ts",
				find: '.set({ key_package: null })\n\t\t\t.where("device_id", "=", device)\n\t\t\t.where("number", "=", oldest.number)',
				put: '.set({ key_package: oldest.key_package })\n\t\t\t.where("device_id", "=", device)\n\t\t\t.where("number", "=", oldest.number)',
			},
		],
	},
	{
		name: "the used last-resort key package is not replaced",
		edits: [
			{
				file: "client/registration/key-packages.ts",
				find: "lastResort: lastResortUsed || aged,",
				put: "lastResort: aged,",
			},
		],
	},
	{
		name: "a device acknowledges what it has not stored",
		edits: [
			{
				file: "client/sync/inbox.ts",
				find: "\t\tthis.#queue.push(arrival);\n",
				put: "\t\tthis.#queue.push(arrival);\n\t\tthis.#acknowledge(arrival.last);\n",
			},
		],
	},
	{
		name: "what comes again is taken again",
		edits: [
			{
				file: "client/sync/apply-entry.ts",
				find: "if (arrival.last <= before.seq && !restored) return;",
				put: "if (arrival.last < before.seq && !restored) return;",
			},
		],
	},
	{
		name: "a device does not move its own cursor",
		edits: [
			{
				file: "client/sync/apply-entry.ts",
				find: "part.write(KEYS.log(log.log), extendByEntry(part, after, arrival.entry));",
				put: "part.write(KEYS.log(log.log), after);",
			},
		],
	},
	{
		name: "transactions of a device run side by side",
		edits: [
			{
				file: "client/state/local-state.ts",
				find: "\t\tconst run = this.#tail.then(async () => {\n\t\t\tif (this.#closed) throw new StateClosed();",
				put: "\t\tconst run = Promise.resolve().then(async () => {\n\t\t\tif (this.#closed) throw new StateClosed();",
			},
		],
	},
	{
		name: "the state that a commit leads to is not stored",
		edits: [
			{
				file: "client/outbox/operations.ts",
				find: "draft.writeBytes(KEYS.pendingState(id), next.state);",
				put: 'if (how === "create") draft.writeBytes(KEYS.pendingState(id), next.state);',
			},
		],
	},
	{
		name: "a log that waits is skipped at attach",
		edits: [
			{
				file: "messenger/delivery/catch-up.ts",
				find: "unread.toSorted((a, b) => own(a.log) - own(b.log))) {",
				put: "unread.toSorted((a, b) => own(a.log) - own(b.log)).slice(0, -1)) {",
			},
		],
	},
	{
		name: "a lost hint is never made up for",
		edits: [
			{
				file: "messenger/delivery/exchange.ts",
				find: "for (const { log, head } of await this.logs.unreadOf(reader.device)) {",
				put: "for (const { log, head } of [] as Awaited<ReturnType<LogStore['unreadOf']>>) {",
			},
		],
	},
	{
		name: "an owner that came too late writes all the same",
		edits: [
			{
				file: "storage/memory/log-state.ts",
				find: 'if (state.head !== entry.seq - 1) throw new StoreError("LogMoved", "the head of the log has moved");',
				put: "",
			},
		],
	},
	{
		name: "a block is not heard by logs in memory",
		edits: [
			{
				file: "messenger/accounts/block-account.ts",
				find: "\tdirectory.blocksChanged(session.account);\n\tdelivery.blocksChanged(session.account);\n",
				put: "\tdirectory.blocksChanged(session.account);\n",
			},
		],
	},
	{
		name: "who was unblocked stays withheld",
		edits: [
			{
				file: "messenger/accounts/unblock-account.ts",
				find: "\tdirectory.blocksChanged(session.account);\n",
				put: "",
			},
		],
	},
	{
		name: "commits of blocked people are withheld",
		edits: [
			{
				file: "messenger/delivery/cursor.ts",
				find: "return kind === EntryKind.MESSAGE && senderAccount !== undefined",
				put: "return kind !== undefined && senderAccount !== undefined",
			},
		],
	},
	{
		name: "a field that nobody knows ends the stream",
		edits: [
			{
				file: "protocol/frames.ts",
				find: "else if (tag === 34) payload = reader.bytes();\n\t\telse reader.skip(tag, 4);",
				put: "else if (tag === 34) payload = reader.bytes();\n\t\telse reader.skip(0, 4);",
			},
		],
	},
	{
		name: "a frame that nobody knows ends the stream",
		edits: [
			{
				file: "client/device/open-device.ts",
				find: "\t\t\tdefault:\n\t\t\t// A rebased stream tells",
				put: "\t\t\tdefault:\n\t\t\t\tif (body.case === undefined) this.context.session.interrupt();\n\t\t\t// A rebased stream tells",
			},
		],
	},
	{
		name: "what follows a Welcome does not wait for it",
		edits: [
			{
				file: "client/sync/apply-entry.ts",
				find: 'if (arrival.kind === "gap" || arrival.entry.epoch > epoch) throw new Need({ kind: "own-log" });',
				put: "",
			},
		],
	},
	{
		name: "a linked device gets only the newest of the history",
		edits: [
			{
				file: "client/archive/make-archive.ts",
				find: "if (!reader.ended) rest.push(reader);",
				put: "",
			},
		],
	},
];

/** The defect with this name, or the only one whose name contains it. Throws RangeError. */
export function mutantNamed(name: string): Mutant {
	const fits = MUTANTS.filter((mutant) => mutant.name === name || mutant.name.includes(name));
	const [mutant] = fits;
	if (mutant === undefined || (fits.length > 1 && mutant.name !== name))
		throw new RangeError(`no such defect: ${name}`);
	return mutant;
}
