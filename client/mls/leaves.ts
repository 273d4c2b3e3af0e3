/** Leaves of the ratchet tree and whose they are: a basic credential with a protobuf `LeafCredential`. */
import { create, fromBinary, toBinary } from "@bufbuild/protobuf";
import { type AccountId, type DeviceId, idBytes, LeafCredentialSchema, readId, toHex } from "@troth/protocol";
import type { AuthenticationService, Credential, CredentialBasic, LeafNode, RatchetTree } from "ts-mls";
import { type GroupMember, type LeafAuthority, type LeafIdentity, MlsRefusal } from "./engine.ts";

/** A leaf's owner and the key it signs with. */
export type LeafOwner = LeafIdentity & { readonly signatureKey: Uint8Array };

export function credentialOf(identity: LeafIdentity): CredentialBasic {
	const leaf = create(LeafCredentialSchema, {
		accountId: idBytes(identity.account),
		deviceId: idBytes(identity.device),
	});
	return { credentialType: "basic", identity: toBinary(LeafCredentialSchema, leaf) };
}

function readCredential(credential: Credential): LeafIdentity | undefined {
	if (credential.credentialType !== "basic" || !("identity" in credential)) return undefined;
	try {
		const leaf = fromBinary(LeafCredentialSchema, credential.identity);
		const account = readId<AccountId>(leaf.accountId);
		const device = readId<DeviceId>(leaf.deviceId);
		return account && device && { account, device };
	} catch {
		return undefined;
	}
}

type OwnedLeaf = Pick<LeafNode, "credential" | "signaturePublicKey">;

/** Leaves are never changed in place, and each commit in a group asks of all of them. */
const owners = new WeakMap<OwnedLeaf, LeafOwner>();

/** Whose leaf this is. Refuses with UnknownDevice where the credential is not one of ours. */
export function ownerOf(leaf: OwnedLeaf): LeafOwner {
	const known = owners.get(leaf);
	if (known !== undefined) return known;
	const identity = readCredential(leaf.credential);
	if (identity === undefined) throw new MlsRefusal("UnknownDevice", "a leaf without an account and a device");
	const owner = { ...identity, signatureKey: leaf.signaturePublicKey };
	owners.set(leaf, owner);
	return owner;
}

export function leafNodeAt(tree: RatchetTree, leaf: number): LeafNode | undefined {
	const node = tree[2 * leaf];
	return node?.nodeType === "leaf" ? node.leaf : undefined;
}

/** The member at a leaf; undefined where the leaf is blank or beyond the tree. */
export function memberAt(tree: RatchetTree, leaf: number): GroupMember | undefined {
	const node = leafNodeAt(tree, leaf);
	return node && { leaf, ...ownerOf(node) };
}

/** All members, in the order of their leaves. */
export function membersOf(tree: RatchetTree): readonly GroupMember[] {
	const members: GroupMember[] = [];
	for (let leaf = 0; 2 * leaf < tree.length; leaf++) {
		const member = memberAt(tree, leaf);
		if (member !== undefined) members.push(member);
	}
	return members;
}

export function sameOwner(a: LeafOwner, b: LeafOwner): boolean {
	return ownerKey(a) === ownerKey(b);
}

function ownerKey(owner: LeafOwner): string {
	return `${owner.account}/${owner.device}/${toHex(owner.signatureKey)}`;
}

/**
 * Puts leaves before the authority. It is asked here and not by ts-mls, so that a failure of the authority itself
 * (the network, say) reaches the caller as what it is, and is not taken for a refusal of the bytes.
 */
export async function approve(owners: readonly LeafOwner[], authority: LeafAuthority): Promise<AuthenticationService> {
	const answers = await Promise.all(owners.map((owner) => authority(owner)));
	const stranger = owners[answers.indexOf(false)];
	if (stranger !== undefined) {
		throw new MlsRefusal("UnknownDevice", `device ${stranger.device} is not in its account's list with this key`);
	}
	return accepting(owners);
}

/** The service that ts-mls asks: it knows exactly these leaves. */
export function accepting(owners: readonly LeafOwner[]): AuthenticationService {
	const known = new Set(owners.map(ownerKey));
	return {
		async validateCredential(credential, signaturePublicKey) {
			const identity = readCredential(credential);
			return identity !== undefined && known.has(ownerKey({ ...identity, signatureKey: signaturePublicKey }));
		},
	};
}
