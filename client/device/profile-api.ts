/** What others see of a person, and what the server knows of them, as apps see it: a part of the device's surface (`api.ts`). */
import type { AboutKind, AccountId } from "@troth/protocol";
import type { AudienceName } from "./presence-api.ts";

/** Who is shown what. `everyone`: everyone this person writes to; a group is shown what all others in it may see. */
export interface ProfileAudiences {
	readonly photo: AudienceName;
	readonly number: AudienceName;
}

export interface ProfileView {
	readonly name: string;
	readonly phone: string;
	/** Changes with the picture; undefined where there is none. */
	readonly photo: string | undefined;
	readonly audiences: ProfileAudiences;
}

/** Whose chats say that the number changed. */
export type NumberTelling =
	/** Everybody among the contacts that this person has a direct conversation with. */
	| { readonly to: "contacts" }
	| { readonly to: "chosen"; readonly accounts: readonly AccountId[] }
	| { readonly to: "nobody" };

/** How the number may change now. Times are UTC milliseconds. */
export interface NumberRuleView {
	/** Undefined where it did not change lately. */
	readonly changedAtMs: number | undefined;
	/** To another one from then on; undefined for at once. */
	readonly changeableFromMs: number | undefined;
	/** Back to the one before until then; undefined where that is over. */
	readonly backUntilMs: number | undefined;
}

export type KnownValue =
	| { readonly kind: "text"; readonly text: string }
	| { readonly kind: "number"; readonly number: number }
	| { readonly kind: "time"; readonly ms: number }
	| { readonly kind: "bytes"; readonly hex: string };

export interface KnownRowView {
	/** In the order in which they are to be read. */
	readonly facts: readonly { readonly name: string; readonly label: string; readonly value: KnownValue }[];
}

/** One kind of what the server knows, with what it is for (`protocol/about-me.ts`). */
export interface KnownSectionView {
	readonly kind: AboutKind;
	readonly title: string;
	readonly text: string;
	readonly rows: readonly KnownRowView[];
}

export interface AboutMeView {
	/** The server's clock when it was read. */
	readonly atMs: number;
	readonly sections: readonly KnownSectionView[];
}

export interface ProfileDevice {
	profile(): Promise<ProfileView>;
	/**
	 * Makes this JPEG or WebP the person's picture: encrypted here, kept by the server as ciphertext, and shown to whom the
	 * audience says. Rejects with MALFORMED, TOO_LARGE (limitBytes), RATE_LIMITED, UNAVAILABLE.
	 */
	setPhoto(picture: Uint8Array): Promise<ProfileView>;
	removePhoto(): Promise<ProfileView>;
	/** The picture that this person, or oneself, shows; undefined where there is none, or none to be had. */
	photo(account: AccountId): Promise<Uint8Array | undefined>;
	/** Rejects with UNAVAILABLE and the like where the server has to be asked. */
	setProfileAudiences(change: Partial<ProfileAudiences>): Promise<ProfileView>;
	numberRule(): Promise<NumberRuleView>;
	/** Everything that the server's records hold about the account. Rejects with RATE_LIMITED, UNAVAILABLE. */
	aboutMe(): Promise<AboutMeView>;
}
