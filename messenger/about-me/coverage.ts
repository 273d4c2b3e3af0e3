/**
 * What of the records is not on the page, and why. A test fails where a table or column is neither here nor in
 * `protocol/about-me.ts`: whoever adds one says in plain words what it is, or why it says nothing about one person.
 */

/** Tables that hold nothing about one account. */
export const ABOUT_NOBODY: Readonly<Record<string, string>> = {
	abuse_block: "only of numbers whose account ended",
	delivery_count: "counts of everybody's deliveries together",
	delivery_day: "counts of everybody's deliveries together",
	operator_session: "logins of the operator",
	terms_narrowing: "how far the server has come with a version; the account id is a position",
	terms_reminder: "how far the server has come with a reminder; the account id is a position",
	terms_rollout: "how far the server has come with a version; the account id is a position",
	terms_tally: "counts of everybody together",
	terms_version: "the terms themselves",
	usage_aggregate: "counts of everybody together",
	usage_week: "counts of everybody together",
};

/** Columns that are left out of a section, beside the account's id, which stands above all of them. */
export const LEFT_OUT: Readonly<Record<string, Readonly<Record<string, string>>>> = {
	abuse_report: {
		report_id: "a running number",
		revealed: "messages that the reporter showed: both have them, and which ones would tell who reported",
		reporter_account_id: "who reported is theirs to say; one's own reports are a section of their own",
	},
	archive_part: { blob_id: "where the ciphertext lies" },
	business_preference_event: { event_id: "a running number" },
	code_sent: { phone_mac: "a keyed fingerprint of the number, the same in every row" },
	key_package: { key_package: "public, and large; its fingerprint is shown" },
	last_resort_key_package: { key_package: "public, and large" },
	operator_audit: { id: "a running number" },
	profile_photo: { blob_id: "where the ciphertext lies" },
	registration: {
		token_digest: "of a secret that only the device has",
		request_digest: "of a request, to recognise its repeat",
	},
	registration_attempt: { attempt_id: "a secret of whoever asked for the code", code_mac: "of a secret code" },
	returned_label: { subject: "the number's name between two companies, which neither tells" },
	registration_lock: {
		salt: "shown to nobody, so that the PIN stays one",
		pin_hash: "shown to nobody, so that the PIN stays one",
	},
};

/** Tables that are two sections, or whose sections have another name. */
export const SECTIONS_OF: Readonly<Record<string, readonly string[]>> = {
	abuse_report: ["report_made", "report_received"],
};
