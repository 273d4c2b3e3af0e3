/**
 * The MLS engine (RFC 9420) as the rest of the client sees it: state in, new state out, no I/O, no clock, no network.
 * Behind it stands ts-mls 1.6.4 with our own crypto providers; nothing outside `client/mls` imports that library.
 *
 * Values are immutable. Who loses a commit race drops the result and applies the winner's commit to the old state.
 */
import type { AccountId, ConversationId, DeviceId } from "@troth/protocol";

declare const group: unique symbol;
/** One device's state of one group in one epoch. Opaque; see `encodeGroup`. */
export type MlsGroup = { readonly [group]: true };

export interface SigningKeys {
	/** Ed25519, 32 bytes. */
	readonly publicKey: Uint8Array;
	/** Ed25519 seed, 32 bytes. */
	readonly privateKey: Uint8Array;
}

/** What a leaf says about whose it is. */
export interface LeafIdentity {
	readonly account: AccountId;
	readonly device: DeviceId;
}

export interface GroupMember extends LeafIdentity {
	readonly leaf: number;
	readonly signatureKey: Uint8Array;
}

/**
 * Decides whether a leaf may be in a group: the device list that the account key signed must contain this device
 * with this key (hazard 11). Asked for every leaf of a joined tree, every Add and every external commit.
 */
export type LeafAuthority = (leaf: LeafIdentity & { readonly signatureKey: Uint8Array }) => Promise<boolean>;

export interface NewKeyPackage {
	/** MLSMessage with the KeyPackage, to be published. */
	readonly message: Uint8Array;
	/** KeyPackageRef (RFC 9420 section 5.2), hex: under this the secret is stored. */
	readonly ref: string;
	/** Private half and public half together, for `join`. Deleted after use. */
	readonly secret: Uint8Array;
}

export interface CommitResult {
	/** Adopted when the server has accepted the commit; stored as pending before it is sent (hazard 12). */
	readonly next: MlsGroup;
	/** MLSMessage with a PublicMessage. */
	readonly commit: Uint8Array;
	/** MLSMessage with a Welcome; undefined when nobody was added. */
	readonly welcome: Uint8Array | undefined;
	/** MLSMessage with a GroupInfo of the new epoch, external_pub inside, no tree. */
	readonly groupInfo: Uint8Array;
	/** The ratchet_tree extension's bytes of the new epoch. */
	readonly ratchetTree: Uint8Array;
}

export type Processed =
	| {
			readonly kind: "application";
			readonly next: MlsGroup;
			/** From the decrypted sender data, never from the server (hazard 6). */
			readonly sender: GroupMember;
			readonly plaintext: Uint8Array;
			readonly authenticatedData: Uint8Array;
	  }
	| {
			readonly kind: "commit";
			readonly next: MlsGroup;
			/** The committing leaf; for an external commit the new leaf. */
			readonly committer: GroupMember;
			readonly external: boolean;
			readonly added: readonly GroupMember[];
			readonly removed: readonly GroupMember[];
			/** This device is no longer a member; `next` can not be used. */
			readonly selfRemoved: boolean;
			readonly authenticatedData: Uint8Array;
	  };

export type MlsErrorCode =
	/** Bytes that do not decode. */
	| "Malformed"
	/** Another epoch or another group than the state's. */
	| "WrongEpoch"
	/** A key package before or after its lifetime. */
	| "Expired"
	/** A leaf that its account's device list does not contain, or with another key. */
	| "UnknownDevice"
	/** Signature, tag or ciphertext does not verify; a replay; a used generation. */
	| "Undecryptable"
	/** Not even who sent it can be read: it was written with other keys for the same epoch, or changed on the way. */
	| "OtherKeys"
	/** A Welcome for none of our key packages. */
	| "NotForUs"
	/** A message of our own: it can not be decrypted by its sender (hazard 12). */
	| "OwnMessage"
	/** A commit that the RFC or our rules forbid, e.g. a removal without an UpdatePath. */
	| "InvalidCommit"
	/** The state was removed from its group. */
	| "Removed";

/** A peer's or the server's bytes were refused, or the engine was used wrongly. The old state stays valid. */
export class MlsRefusal extends Error {
	override readonly name = "MlsRefusal";
	readonly code: MlsErrorCode;
	constructor(code: MlsErrorCode, message: string, options: { cause?: unknown } = {}) {
		super(message, options);
		this.code = code;
	}
}

export interface MlsEngine {
	generateSigningKeys(): Promise<SigningKeys>;
	/** Ed25519 (RFC 8032) over the bytes. */
	sign(keys: SigningKeys, bytes: Uint8Array): Promise<Uint8Array>;
	verify(publicKey: Uint8Array, bytes: Uint8Array, signature: Uint8Array): Promise<boolean>;
	/** `lastResort` marks the package with the last_resort extension. `nowMs` sets the lifetime (30 days, 1 day back). */
	newKeyPackage(identity: LeafIdentity, keys: SigningKeys, nowMs: number, lastResort: boolean): Promise<NewKeyPackage>;
	/** Whose KeyPackage this is, after checking its signature and suite and, where a time is given, its lifetime. */
	readKeyPackage(message: Uint8Array, nowMs?: number): Promise<LeafIdentity & { readonly signatureKey: Uint8Array }>;

	/** A group at epoch 0 with this device alone. */
	createGroup(id: ConversationId, keyPackage: NewKeyPackage, keys: SigningKeys): Promise<MlsGroup>;
	/**
	 * Adds and removes in one commit, with an UpdatePath unless it only adds to a large group. Every added leaf is put
	 * before `authority`.
	 */
	commit(
		group: MlsGroup,
		change: {
			readonly add: readonly Uint8Array[];
			readonly remove: readonly number[];
			readonly authenticatedData: Uint8Array;
			/** Where given, key packages outside their lifetime are refused with Expired. */
			readonly nowMs?: number;
		},
		authority: LeafAuthority,
	): Promise<CommitResult>;
	/** The ref of our key package that a Welcome is for; undefined where it is for none of `refs`. */
	findKeyPackage(welcome: Uint8Array, refs: ReadonlySet<string>): string | undefined;
	join(
		welcome: Uint8Array,
		keyPackageSecret: Uint8Array,
		ratchetTree: Uint8Array,
		authority: LeafAuthority,
	): Promise<MlsGroup>;
	/** Rejoins by external commit, replacing the own old leaf where there is one. `welcome` of the result is undefined. */
	joinExternal(
		groupInfo: Uint8Array,
		ratchetTree: Uint8Array,
		keyPackage: NewKeyPackage,
		authenticatedData: Uint8Array,
		authority: LeafAuthority,
	): Promise<CommitResult>;

	encrypt(
		group: MlsGroup,
		plaintext: Uint8Array,
		authenticatedData: Uint8Array,
	): Promise<{ readonly next: MlsGroup; readonly message: Uint8Array }>;
	/** Applies one entry of the conversation's log. Rejects with MlsRefusal and leaves the state as it was. */
	process(group: MlsGroup, message: Uint8Array, authority: LeafAuthority): Promise<Processed>;

	id(group: MlsGroup): ConversationId;
	epoch(group: MlsGroup): number;
	ownLeaf(group: MlsGroup): number;
	members(group: MlsGroup): readonly GroupMember[];
	/** RFC 9420 section 8.7; equal on all members of an epoch. */
	epochAuthenticator(group: MlsGroup): Uint8Array;
	/** RFC 9420 section 8.5. */
	exportSecret(group: MlsGroup, label: string, context: Uint8Array, length: number): Promise<Uint8Array>;

	/** Two parts: the tree changes once per epoch, the rest with each message. */
	encodeGroup(group: MlsGroup): { readonly tree: Uint8Array; readonly state: Uint8Array };
	decodeGroup(tree: Uint8Array, state: Uint8Array): MlsGroup;
}
