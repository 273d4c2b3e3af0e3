/**
 * What the app sees of its device. The device itself runs in a worker, in this tab's or in another one's; the app
 * can not tell, and does not have to.
 */
import type { Device, DeviceEvent, Joining, Registration } from "@troth/client/device/api.ts";
import type { ConversationId } from "@troth/protocol";

/** Facts about a server that one can ask without an account. */
export interface ServerFacts {
	readonly name: string;
	/** Codes are printed on the server's console instead of being sent. */
	readonly developmentCodes: boolean;
	/** A code can be read out in a call. */
	readonly voiceCodes: boolean;
}

/** Half-written messages, sealed in the device's store like everything else. */
export interface Drafts {
	draft(conversation: ConversationId): Promise<string>;
	saveDraft(conversation: ConversationId, text: string): Promise<void>;
}

export interface ServerQuestions {
	serverFacts(server: string): Promise<ServerFacts>;
}

export type HostState =
	| { readonly state: "starting" }
	/** No account in this browser yet. */
	| { readonly state: "unregistered" }
	| { readonly state: "open" }
	/** The local store or its key could not be opened. */
	| { readonly state: "failed"; readonly code: string };

export type HostEvent =
	| { readonly type: "device"; readonly event: DeviceEvent }
	| { readonly type: "state"; readonly state: HostState }
	/** Another tab serves the device from now on; events in between may have been missed. */
	| { readonly type: "resync" };

type WithoutLifetime = Omit<Device, "subscribe" | "reconnect" | typeof Symbol.asyncDispose>;

/** Everything that can be called across threads and tabs. */
export interface HostApi extends WithoutLifetime, Registration, Joining, Drafts, ServerQuestions {
	reconnect(): Promise<void>;
}

export interface DeviceHost extends HostApi {
	readonly state: HostState;
	subscribe(listener: (event: HostEvent) => void): () => void;
}

export type MethodName = keyof HostApi;

/**
 * What happens to a call whose tab went away before it answered. `repeat`: asking the next tab again changes nothing
 * but the answer. `report`: it may have happened, so the person decides.
 */
export const ON_HAND_OVER: Readonly<Record<MethodName, "repeat" | "report">> = {
	self: "repeat",
	connection: "repeat",
	conversations: "repeat",
	conversation: "repeat",
	messages: "repeat",
	find: "repeat",
	findByUsername: "repeat",
	openContactLink: "repeat",
	acceptContactLink: "repeat",
	finding: "repeat",
	setFindable: "repeat",
	setUsername: "repeat",
	removeUsername: "repeat",
	makeContactLink: "repeat",
	revokeContactLink: "repeat",
	importVcards: "repeat",
	importContacts: "repeat",
	addressBook: "repeat",
	checkContacts: "repeat",
	forgetContacts: "repeat",
	setOwnName: "repeat",
	openDirect: "repeat",
	createGroup: "report",
	renameGroup: "repeat",
	addMembers: "report",
	removeMembers: "report",
	leave: "report",
	send: "report",
	stored: "repeat",
	markRead: "repeat",
	typing: "repeat",
	block: "repeat",
	unblock: "repeat",
	blocked: "repeat",
	rename: "repeat",
	settings: "repeat",
	changeSettings: "repeat",
	devices: "repeat",
	beginLink: "repeat",
	finishLink: "repeat",
	cancelLink: "repeat",
	openLink: "repeat",
	confirmLink: "report",
	refuseLink: "repeat",
	removeDevice: "report",
	deviceNotices: "repeat",
	dismissDeviceNotices: "repeat",
	safetyNumber: "repeat",
	confirmSafetyNumber: "repeat",
	compareSafetyCode: "repeat",
	acknowledgeKeyChange: "repeat",
	acceptKeyChange: "report",
	restartConversation: "report",
	terms: "repeat",
	acceptTerms: "repeat",
	sharing: "repeat",
	notice: "repeat",
	reminder: "repeat",
	reminderShown: "repeat",
	accountEnding: "repeat",
	dismissAccountEnding: "repeat",
	confirmNotice: "repeat",
	describePerson: "repeat",
	decide: "report",
	linkRecipient: "report",
	receipts: "repeat",
	shares: "repeat",
	startExport: "repeat",
	here: "repeat",
	watchPresence: "repeat",
	presenceAudience: "repeat",
	setPresenceAudience: "repeat",
	push: "repeat",
	subscribePush: "repeat",
	unsubscribePush: "repeat",
	newRecoveryCode: "repeat",
	startBackup: "repeat",
	nextPiece: "report",
	stopFile: "repeat",
	takeBackup: "repeat",
	limits: "repeat",
	objectTo: "repeat",
	report: "repeat",
	businesses: "repeat",
	setBusinessPreference: "repeat",
	putTemplate: "repeat",
	consentReceipt: "repeat",
	requestNumberCode: "report",
	resendNumberCode: "report",
	verifyNumberCode: "report",
	unlockNewNumber: "report",
	registrationLock: "repeat",
	setRegistrationLock: "repeat",
	removeRegistrationLock: "repeat",
	changeNumber: "report",
	numberRule: "repeat",
	profile: "repeat",
	setPhoto: "repeat",
	removePhoto: "repeat",
	photo: "repeat",
	setProfileAudiences: "repeat",
	aboutMe: "repeat",
	deleteAccount: "report",
	forgetHere: "report",
	reconnect: "repeat",
	caughtUp: "repeat",
	requestCode: "report",
	resendCode: "report",
	verifyCode: "report",
	unlockNumber: "report",
	createAccount: "report",
	draft: "repeat",
	saveDraft: "repeat",
	serverFacts: "repeat",
};

export const METHODS = Object.keys(ON_HAND_OVER) as readonly MethodName[];
