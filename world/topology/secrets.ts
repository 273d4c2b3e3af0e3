/**
 * The passwords between the parts of one installation, and those its operator and its sample programs use. All follow
 * from one seed in the world's directory, so that a second start has the same ones and nothing has to be configured.
 */
import { hkdfSync } from "node:crypto";
import { join } from "node:path";
import { openSeed } from "@troth/storage";

export interface WorldSecrets {
	/** The operator API of the messenger. */
	readonly messengerOperator: string;
	/** The operator API of the parent. */
	readonly familyOperator: string;
	readonly photosOperator: string;
	/** Messenger to its bridge. */
	readonly bridge: string;
	/** Bridge to each recipient. */
	readonly family: string;
	readonly photos: string;
	/** What the bridge and each recipient name numbers with: 32 bytes. */
	readonly familyPseudonyms: Uint8Array;
	readonly photosPseudonyms: Uint8Array;
	/** The sample business's Cloud API. */
	readonly businessAccess: string;
	readonly businessApp: string;
	readonly businessVerify: string;
}

/** Reads the world's seed or makes it. Rejects with SeedError. */
export async function openWorldSecrets(directory: string): Promise<WorldSecrets> {
	const seed = await openSeed(join(directory, "world.key"));
	const token = (use: string) =>
		Buffer.from(hkdfSync("sha256", seed, "", `troth/v1/world/${use}`, 24)).toString("base64url");
	const key = (use: string) => new Uint8Array(hkdfSync("sha256", seed, "", `troth/v1/world/${use}`, 32));
	return {
		messengerOperator: token("messenger-operator"),
		familyOperator: token("family-operator"),
		photosOperator: token("photos-operator"),
		bridge: token("bridge"),
		family: token("bridge-to-family"),
		photos: token("bridge-to-photos"),
		familyPseudonyms: key("pseudonyms-at-family"),
		photosPseudonyms: key("pseudonyms-at-photos"),
		businessAccess: token("business-access"),
		businessApp: token("business-app-secret"),
		businessVerify: token("business-verify"),
	};
}
