/** Every number that both sides have to agree on. `docs/protocol.md` prints this table. */
export const LIMITS = {
	/** Bytes of one WebSocket frame; larger ones close the stream. */
	frameBytes: 256 * 1024,
	/** Bytes of one application message's MLS ciphertext. */
	messageBytes: 96 * 1024,
	/** Bytes of one RPC body (a first commit of 32 leaves with tree and Welcome is about 300 KB). */
	rpcBytes: 8 * 1024 * 1024,
	/** Bytes of one sealed register or ephemeral signal. */
	sealedBytes: 1024,
	/** Commits and Welcomes up to this size travel inside their entry, larger ones as blobs. */
	inlineBytes: 16 * 1024,
	/** Unacknowledged entries in flight to one device; at least one entry is always in flight, however large. */
	windowEntries: 128,
	windowBytes: 1024 * 1024,
	/** Sends of one device in one log that may wait for their answers. */
	sendsInFlight: 16,
	/** Answers the server keeps per sender and log. */
	answersKept: 32,
	/** Leaves of one group. */
	groupLeaves: 32,
	/** Devices of one account. */
	devicesPerAccount: 8,
	/** A device that was not here for this long is unlinked, where its account has another one that was. */
	deviceIdleMs: 30 * 24 * 3600 * 1000,
	/** The account's devices are told this long before. */
	deviceIdleWarningMs: 10 * 24 * 3600 * 1000,
	/** Characters of a device's name. */
	deviceNameCharacters: 64,
	/** Bytes of a listed device's sealed details. */
	deviceDetailsBytes: 512,
	/** A mailbox for linking lives this long. */
	mailboxMs: 10 * 60 * 1000,
	/** Bytes of one letter in it. */
	letterBytes: 512 * 1024,
	/** Mailboxes that one address may open within an hour. */
	mailboxesPerAddressPerHour: 30,
	/** Bytes of a note to the own devices. */
	ownDevicesBytes: 64 * 1024,
	/** Such notes of one account within an hour. */
	ownDevicesPerHour: 1200,
	/** Key packages kept per device, beside the last-resort one. */
	keyPackagesPerDevice: 100,
	/** A client refills when fewer are left. */
	keyPackagesRefillBelow: 20,
	/** Accounts in one request. */
	accountsPerRequest: 64,
	/** Undelivered entries are kept this long. */
	retentionMs: 30 * 24 * 3600 * 1000,
	/** Undelivered entries of all conversations that are kept for one device; it gets a Gap in place of the oldest. */
	backlogEntries: 50_000,
	/** Bytes of the address at which a push service wakes a device. */
	pushEndpointBytes: 2048,
	sessionMs: 15 * 60 * 1000,
	challengeMs: 60 * 1000,
	helloMs: 10 * 1000,
	ephemeralMs: 10 * 1000,
	/** People whose presence one stream watches at a time. */
	presenceWatched: 16,
	/** People that one account names as its contacts for presence. */
	presenceContacts: 4096,
	codeLength: 6,
	codeAttempts: 5,
	codeMs: 10 * 60 * 1000,
	codeResendMs: 30 * 1000,
	codeResends: 5,
	registrationTokenMs: 10 * 60 * 1000,
	/** Code requests for one number within `codeRequestsMs`. */
	codeRequests: 10,
	codeRequestsMs: 60 * 60 * 1000,
	/** Characters of a registration lock's PIN. */
	pinLengthMin: 4,
	pinLengthMax: 20,
	/** Wrong PINs for one number before it is waited for `pinWaitMs`. */
	pinAttempts: 5,
	pinWaitMs: 24 * 3600 * 1000,
	/** A registration lock holds while one of the account's devices was here within this time. */
	registrationLockMs: 7 * 24 * 3600 * 1000,
	/** After a change of its number an account waits for so long with another one. */
	numberChangeWaitMs: 7 * 24 * 3600 * 1000,
	/** A number that an account gave up for another one is nobody else's for so long. */
	numberRestsMs: 3 * 24 * 3600 * 1000,
	/** A number certificate is believed for so long; a device asks for another one after half of it. */
	numberCertificateMs: 14 * 24 * 3600 * 1000,
	/** Bytes of a profile picture as its owner's device scaled it, and of its ciphertext. */
	profilePhotoBytes: 60 * 1024,
	profilePhotoCiphertextBytes: 64 * 1024 + 28,
	/** Pictures that one account may put, and get, within an hour. */
	profilePhotosPerHour: 20,
	profilePhotoReadsPerHour: 2_000,
	/** How often one account may ask within an hour what the server knows about it. */
	aboutMePerHour: 12,
	/** Codes that one address (IPv4, or IPv6 network of 64 bits) may ask for within an hour. */
	codesPerAddressPerHour: 20,
	/** Codes for one range of ten thousand numbers within an hour. */
	codesPerRangePerHour: 60,
	/** Number look-ups of one account within an hour. */
	lookUpsPerHour: 240,
	/** Number look-ups of one approved business within an hour. */
	businessLookUpsPerHour: 10_000,
	/** Numbers of an address book in one request, and within a day: a bucket that fills evenly. */
	numbersPerRequest: 100,
	numbersPerDay: 2_000,
	/** Contacts that an account may name as those who may find it by number, in one request and in all. */
	findableContactsPerRequest: 1_000,
	findableContacts: 10_000,
	/** Usernames that one account may try to claim within an hour. */
	usernameClaimsPerHour: 30,
	/** Usernames that an account gave up and nobody else gets yet, before it may claim no further one. */
	usernamesGivenUp: 3,
	/** How long nobody else gets a username that was given up. */
	usernameQuarantineMs: 30 * 24 * 3600 * 1000,
	/** Bytes of the secret in a contact link. */
	contactLinkBytes: 16,
	/** Key package claims of one account for one other account within an hour. */
	claimsPerHour: 60,
	/** People that an account with a limit for spam or security may reach anew within an hour. */
	limitedPeoplePerHour: 2,
	/** Number look-ups of such an account within an hour. */
	limitedLookUpsPerHour: 4,
	/** Reports of one account within an hour. */
	reportsPerHour: 20,
	/** Bytes of one part of an archive (history on its way to another device of the account). */
	archivePartBytes: 512 * 1024,
	/** Parts of one archive. */
	archiveParts: 4096,
	/** Archives of one account that wait at the same time. */
	archivesPerAccount: 4,
	/** Bytes of all of them. */
	archiveBytes: 512 * 1024 * 1024,
	/** Parts that one account may put within an hour. */
	archivePartsPerHour: 8192,
	/** An archive that nobody took is deleted after so long. */
	archiveMs: 7 * 24 * 3600 * 1000,
	/** Bytes of one key package. */
	keyPackageBytes: 8 * 1024,
	/** Longest lifetime of a key package, from not_before to not_after (RFC 9420 section 7.2). */
	keyPackageLifetimeMs: 90 * 24 * 3600 * 1000,
	nameCharacters: 64,
	groupNameCharacters: 100,
	textBytes: 64 * 1024,
} as const;

export const PROTOCOL_VERSION = 1;
export const SUBPROTOCOL = "troth.v1";
/** MLS_256_XWING_AES256GCM_SHA512_Ed25519 under its private number in ts-mls 1.6.4. */
export const CIPHER_SUITE = 83;

export const CLOSE = {
	slowReader: 4008,
	malformed: 4400,
	unauthenticated: 4401,
	helloTimeout: 4408,
	replaced: 4409,
	removed: 4410,
	restart: 1012,
} as const;
