/**
 * How fast libsignal is between two people, with stores in memory: `node figures.mjs MESSAGES ROUNDS KEYS`. Prints one
 * line of JSON with the middle round. Runs where npm put the library, never in our checkout: its licence is AGPL-3.0.
 */
import { randomUUID } from "node:crypto";
import * as signal from "@signalapp/libsignal-client";

const [messages, rounds, keys] = process.argv.slice(2).map(Number);
const PLAINTEXT = new Uint8Array(200).fill(0x61);

class Sessions extends signal.SessionStore {
	records = new Map();
	async saveSession(name, record) {
		this.records.set(name.toString(), record.serialize());
	}
	async getSession(name) {
		const bytes = this.records.get(name.toString());
		return bytes === undefined ? null : signal.SessionRecord.deserialize(bytes);
	}
	async getExistingSessions(names) {
		return Promise.all(names.map((name) => this.getSession(name)));
	}
}

class Identities extends signal.IdentityKeyStore {
	constructor(key) {
		super();
		this.key = key;
	}
	async getIdentityKey() {
		return this.key;
	}
	async getLocalRegistrationId() {
		return 1;
	}
	async saveIdentity() {
		return signal.IdentityChange.NewOrUnchanged;
	}
	async isTrustedIdentity() {
		return true;
	}
	async getIdentity() {
		return null;
	}
}

class PreKeys extends signal.PreKeyStore {
	records = new Map();
	async savePreKey(id, record) {
		this.records.set(id, record);
	}
	async getPreKey(id) {
		return this.records.get(id);
	}
	async removePreKey(id) {
		this.records.delete(id);
	}
}

class SignedPreKeys extends signal.SignedPreKeyStore {
	records = new Map();
	async saveSignedPreKey(id, record) {
		this.records.set(id, record);
	}
	async getSignedPreKey(id) {
		return this.records.get(id);
	}
}

class KyberPreKeys extends signal.KyberPreKeyStore {
	records = new Map();
	async saveKyberPreKey(id, record) {
		this.records.set(id, record);
	}
	async getKyberPreKey(id) {
		return this.records.get(id);
	}
	async markKyberPreKeyUsed() {}
}

function person() {
	const identity = signal.PrivateKey.generate();
	return {
		identity,
		address: signal.ProtocolAddress.new(randomUUID(), 1),
		sessions: new Sessions(),
		identities: new Identities(identity),
		preKeys: new PreKeys(),
		signed: new SignedPreKeys(),
		kyber: new KyberPreKeys(),
	};
}

/** What one further pre-key costs: a curve key, and a Kyber key with its signature. */
function newKeys(identity, id) {
	const pre = signal.PrivateKey.generate();
	const kem = signal.KEMKeyPair.generate();
	const kemSignature = identity.sign(kem.getPublicKey().serialize());
	return {
		pre: signal.PreKeyRecord.new(id, pre.getPublicKey(), pre),
		kyber: signal.KyberPreKeyRecord.new(id, 1, kem, kemSignature),
	};
}

const middle = (values) => values.toSorted((a, b) => a - b)[Math.floor(values.length / 2)];
const timed = async (count, work) => {
	const startedMs = performance.now();
	await work();
	return count / ((performance.now() - startedMs) / 1000);
};

const [alice, bob] = [person(), person()];
const { pre, kyber } = newKeys(bob.identity, 1);
const signedKey = signal.PrivateKey.generate();
const signature = bob.identity.sign(signedKey.getPublicKey().serialize());
await bob.preKeys.savePreKey(1, pre);
await bob.kyber.saveKyberPreKey(1, kyber);
await bob.signed.saveSignedPreKey(
	1,
	signal.SignedPreKeyRecord.new(1, 1, signedKey.getPublicKey(), signedKey, signature),
);
const bundle = signal.PreKeyBundle.new(
	...[1, 1, 1, pre.publicKey(), 1, signedKey.getPublicKey(), signature, bob.identity.getPublicKey()],
	...[1, kyber.publicKey(), kyber.signature()],
);
await signal.processPreKeyBundle(bundle, bob.address, alice.address, alice.sessions, alice.identities);
const encrypt = (from, to) => signal.signalEncrypt(PLAINTEXT, to.address, from.address, from.sessions, from.identities);
const first = signal.PreKeySignalMessage.deserialize((await encrypt(alice, bob)).serialize());
await signal.signalDecryptPreKey(
	...[first, alice.address, bob.address, bob.sessions, bob.identities, bob.preKeys, bob.signed, bob.kyber],
);
const read = (to, from, bytes) =>
	signal.signalDecrypt(signal.SignalMessage.deserialize(bytes), from.address, to.address, to.sessions, to.identities);
// An answer, after which alice's messages are ordinary ones.
await read(alice, bob, (await encrypt(bob, alice)).serialize());

const encrypted = [];
const decrypted = [];
for (let round = 0; round <= rounds; round++) {
	const sent = [];
	const rate = await timed(messages, async () => {
		for (let n = 0; n < messages; n++) sent.push((await encrypt(alice, bob)).serialize());
	});
	const back = await timed(messages, async () => {
		for (const bytes of sent) await read(bob, alice, bytes);
	});
	// The first round only warms up.
	if (round > 0) {
		encrypted.push(rate);
		decrypted.push(back);
	}
}
const made = await timed(keys, async () => {
	for (let id = 0; id < keys; id++) newKeys(alice.identity, id);
});
console.log(JSON.stringify({ encrypt: middle(encrypted), decrypt: middle(decrypted), keys: made }));
