/** What leaves nodes and devices, and what endpoints are asked and answer. */
import { fromBinary } from "@bufbuild/protobuf";
import {
	type AccountId,
	ClaimKeyPackagesResponseSchema,
	type Entry,
	EntryKind,
	FrameSchema,
	type LogId,
	type Skipped,
	toHex,
} from "@troth/protocol";
import type { Blocks } from "./blocks.ts";
import { type Books, isEntitled, type Range, sha256, short } from "./books.ts";
import type { DeviceWitness } from "./device-witness.ts";
import type { Answer, HttpRequest } from "./link.ts";
import type { Person } from "./person.ts";

export class WireWitness {
	readonly #books: Books;
	readonly #devices: DeviceWitness;
	readonly #blocks: Blocks;
	/** By (device, log, epoch, generation): the bytes that left with it. */
	readonly #used = new Map<string, string>();
	readonly #claimed = new Set<string>();
	/** Last-resort key packages: these are lent. */
	readonly #lent = new Set<string>();

	constructor(books: Books, devices: DeviceWitness, blocks: Blocks) {
		this.#books = books;
		this.#devices = devices;
		this.#blocks = blocks;
	}

	fromNode(person: Person, bytes: Uint8Array): void {
		const { body } = fromBinary(FrameSchema, bytes);
		const books = this.#books;
		if (body.case === "entry") this.#delivered(person, body.value);
		else if (body.case === "gap") told(books.gaps, person, body.value);
		else if (body.case === "skipped") {
			this.#withheld(person, body.value);
			told(books.skipped, person, body.value);
		} else if (body.case === "sendOk") {
			const { log, clientSeq, seq } = body.value;
			const entry = books.log(toHex(log) as LogId).entries.get(seq);
			if (entry?.senderDevice !== person.deviceId || entry.clientSeq !== clientSeq)
				books.broken("1", `SendOk to ${person.name} for ${short(toHex(log))} ${seq}, which is not stored`);
		}
	}

	#delivered(person: Person, { log, seq, kind, payload, senderDevice, senderAccount }: Entry): void {
		const books = this.#books;
		const book = books.log(toHex(log) as LogId);
		const entry = book.entries.get(seq);
		if (entry === undefined) books.broken("1", `${short(book.log)} ${seq} is delivered before it is durable`);
		else if (entry.digest !== sha256(payload) || entry.senderDevice !== toHex(senderDevice))
			books.broken("3", `${person.name} gets other bytes as ${short(book.log)} ${seq} than are stored`);
		if (!isEntitled(book, person.deviceId, seq))
			books.broken("8", `${person.name} gets ${short(book.log)} ${seq}, which is not for it`);
		if (kind === EntryKind.MESSAGE && this.#blocks.surely(person.account, toHex(senderAccount) as AccountId))
			books.broken("1", `${person.name} gets ${short(book.log)} ${seq} of somebody it blocked`);
	}

	/** Only what somebody blocked said is withheld, and no commit (hazard 22). */
	#withheld(person: Person, { log, from, to }: Skipped): void {
		const books = this.#books;
		const book = books.log(toHex(log) as LogId);
		for (let seq = from; seq <= to; seq++) {
			const entry = book.entries.get(seq);
			const sender = entry && books.person(entry.senderDevice);
			if (entry?.kind !== EntryKind.MESSAGE) books.broken("1", `${short(book.log)} ${seq} is withheld, and no message`);
			else if (sender !== undefined && this.#blocks.surelyNot(person.account, sender.account))
				books.broken(
					"1",
					`${short(book.log)} ${seq} of ${sender.name} is withheld from ${person.name}, who did not ask`,
				);
		}
	}

	fromDevice(person: Person, bytes: Uint8Array): void {
		const books = this.#books;
		const device = person.deviceId;
		const { body } = fromBinary(FrameSchema, bytes);
		if (body.case === "ack") {
			const { log, seq } = body.value;
			const stored = books.stored.get(`${device} ${toHex(log)}`) ?? 0;
			if (seq > stored)
				books.broken("7", `${person.name} acknowledges ${short(toHex(log))} ${seq} and has stored ${stored}`);
		} else if (body.case === "send") {
			const digest = sha256(body.value.payload);
			const generation = this.#devices.generation(digest);
			const key = `${device} ${toHex(body.value.log)} ${generation}`;
			const before = this.#used.get(key);
			if (!books.said.has(digest)) books.broken("1", `${person.name} sends what is not on its disk`);
			if (generation === undefined) books.broken("2", `${person.name} sends what its engine never encrypted`);
			else if (before !== undefined && before !== digest)
				books.broken("2", `${person.name} uses generation ${generation} of ${short(toHex(body.value.log))} twice`);
			this.#used.set(key, digest);
		}
	}

	asked(person: Person, request: HttpRequest): void {
		this.#blocks.asked(person.account, request);
	}

	/** @param lastResort the last-resort key packages there are now */
	answered(person: Person, request: HttpRequest, answer: Answer, lastResort: () => readonly Uint8Array[]): void {
		if (answer.status !== 200) return;
		this.#blocks.answered(person.account, request);
		if (!request.path.endsWith("/ClaimKeyPackages")) return;
		for (const keyPackage of lastResort()) this.#lent.add(sha256(keyPackage));
		for (const { keyPackage, deviceId } of fromBinary(ClaimKeyPackagesResponseSchema, answer.body).keyPackages) {
			const digest = sha256(keyPackage);
			if (this.#claimed.has(digest) && !this.#lent.has(digest))
				this.#books.broken("9", `a key package of ${this.#books.name(toHex(deviceId))} is given out twice`);
			this.#claimed.add(digest);
		}
	}
}

function told(
	where: Map<string, Range[]>,
	{ deviceId }: Person,
	{ log, from, to }: Range & { readonly log: Uint8Array },
): void {
	const key = `${deviceId} ${toHex(log)}`;
	where.set(key, [...(where.get(key) ?? []), { from, to }]);
}
