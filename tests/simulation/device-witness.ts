/** What lies on devices' disks, and what their engines are asked to do. */
import { type DeviceId, toHex } from "@troth/protocol";
import type { MlsEngine, MlsGroup } from "../../client/mls/engine.ts";
import { stateOf } from "../../client/mls/group-state.ts";
import { KEYS } from "../../client/state/keys.ts";
import type { ExporterRecord, LogRecord, OutboxRecord, ProfileRecord } from "../../client/state/records.ts";
import { type Books, decode, sha256, short } from "./books.ts";
import type { Person } from "./person.ts";

export class DeviceWitness {
	readonly #books: Books;
	/** Of what was encrypted, by digest. */
	readonly #generations = new Map<string, string>();
	readonly #secrets = new Map<string, string>();

	constructor(books: Books) {
		this.#books = books;
	}

	/** Which generation of which epoch encrypted these bytes; undefined where no engine did. */
	generation(digest: string): string | undefined {
		return this.#generations.get(digest);
	}

	/** Something lies on a device's disk from now on. */
	kept(person: Person, batch: ReadonlyMap<string, Uint8Array | undefined>): void {
		if (!person.hasAccount) return;
		for (const [key, value] of batch) {
			if (value === undefined) continue;
			if (key.startsWith(KEYS.logs)) this.#keptLog(person, decode<LogRecord>(value));
			else if (key.startsWith(KEYS.exportersPrefix))
				this.#keptSecrets(person, key.slice(KEYS.exportersPrefix.length), decode<ExporterRecord>(value));
			else if (key.startsWith(KEYS.outboxes)) this.#keptOutbox(person, decode<OutboxRecord>(value));
			else if (key === KEYS.profile) this.#keptProfile(person, decode<ProfileRecord>(value));
		}
	}

	#keptLog({ deviceId }: Person, { log, seq }: LogRecord): void {
		const { stored } = this.#books;
		const key = `${deviceId} ${log}`;
		stored.set(key, Math.max(seq, stored.get(key) ?? 0));
	}

	#keptSecrets(person: Person, conversation: string, [newest]: ExporterRecord): void {
		if (newest === undefined) return;
		const key = `${conversation} ${newest.epoch}`;
		const known = this.#secrets.get(key);
		if (known !== undefined && known !== newest.receipts)
			this.#books.broken(
				"5",
				`${person.name} has other secrets in epoch ${newest.epoch} of ${short(conversation)} than others`,
			);
		this.#secrets.set(key, newest.receipts);
	}

	#keptOutbox({ account }: Person, { id, body, sealed }: OutboxRecord): void {
		if (sealed === undefined) return;
		this.#books.said.set(sealed.digest, body.kind === "text" ? { account, id, text: body.text } : undefined);
	}

	#keptProfile(person: Person, { halted }: ProfileRecord): void {
		if (halted === undefined) return;
		person.halted = halted;
		if (!person.mayEnd.has(halted)) this.#books.broken("2", `${person.name} is taken for ${halted}, and is not`);
	}

	/** A device's engine, watched. */
	watched(engine: MlsEngine): MlsEngine {
		const changes = (before: MlsGroup | undefined, next: MlsGroup, commit: Uint8Array) => {
			const devicesOf = (group: MlsGroup): ReadonlySet<DeviceId> =>
				new Set(engine.members(group).map(({ device }) => device));
			const earlier = before === undefined ? new Set<DeviceId>() : devicesOf(before);
			const later = devicesOf(next);
			this.#books.meanings.set(sha256(commit), {
				added: before === undefined ? [] : [...later].filter((device) => !earlier.has(device)),
				removed: [...earlier].filter((device) => !later.has(device)),
			});
		};
		return {
			...engine,
			commit: async (group, change, authority) => {
				const result = await engine.commit(group, change, authority);
				changes(group, result.next, result.commit);
				return result;
			},
			joinExternal: async (...step) => {
				const result = await engine.joinExternal(...step);
				changes(undefined, result.next, result.commit);
				return result;
			},
			encrypt: async (group, plaintext, authenticatedData) => {
				const result = await engine.encrypt(group, plaintext, authenticatedData);
				const ratchet = stateOf(group).secretTree.ratchets.get(engine.ownLeaf(group));
				const authenticator = toHex(engine.epochAuthenticator(group)).slice(0, 8);
				this.#generations.set(
					sha256(result.message),
					`${ratchet?.generation ?? 0}@${engine.epoch(group)}/${authenticator}`,
				);
				return result;
			},
		};
	}
}
