/**
 * What a server knows about an account, in plain words: one section per kind of row, with why it is kept and for how long,
 * and a name for each fact. The server answers by these kinds and names, the app and `troth about-me` print them, and a
 * test holds them against the tables there are. Kinds are tables of the messenger's records, and what its logs hold.
 */

export interface AboutSection {
	readonly title: string;
	/** What it is there for, and until when. */
	readonly text: string;
	/** What to call each fact, by its name. Names in `_ms` are times. */
	readonly facts: Readonly<Record<string, string>>;
}

const EVIDENCE = { statement: "As your device signed it", signature: "Its signature" };

export const ABOUT_ME = {
	account: {
		title: "Your account",
		text: "Who you are here. Kept until you delete the account, or it ends because it is paused and none of your devices comes for long, after two warnings.",
		facts: {
			account_id: "Account",
			phone: "Number",
			identity_key: "Public account key",
			list_version: "Version of your device list",
			list_statement: "Your device list, as you signed it",
			list_signature: "Its signature",
			created_at_ms: "Registered",
			absent_since_ms: "Paused, and none of your devices here since",
			absence_warned_ms: "You were warned that it ends for that",
			absence_warned_again_ms: "And once more",
		},
	},
	device: {
		title: "Your devices",
		text: "So that messages reach them. When one was here is known to some seconds, the last time only. The id of a removed device stays for a year, because it may never come back.",
		facts: {
			device_id: "Device",
			signature_key: "Public key",
			created_at_ms: "Added",
			last_attached_ms: "Here last",
			removed_at_ms: "Removed",
			idle_warned_at_ms: "You were warned that it is idle",
			unlinked: "Was unlinked for that",
		},
	},
	conversation: {
		title: "Your conversations",
		text: "Who is in which conversation, because the server brings the messages. It can not read them, and knows no name of a group. A message that everybody has is deleted; one that waits is kept for at most 30 days.",
		facts: {
			conversation_id: "Conversation",
			kind: "Kind",
			role: "Your role",
			members: "Accounts in it",
			devices: "Your devices in it",
			head: "Messages and changes so far",
			waiting: "Waiting for your devices",
		},
	},
	key_package: {
		title: "Prepared keys",
		text: "The public halves of keys with which others begin a conversation with you while you are away. Each is given out once; kept until it expires.",
		facts: {
			device_id: "Device",
			number: "Number",
			key_package_digest: "Fingerprint",
			expires_at_ms: "Expires",
		},
	},
	last_resort_key_package: {
		title: "Prepared keys of last resort",
		text: "For when no other is left; given out more than once. Kept until your device replaces it or it expires.",
		facts: { device_id: "Device", expires_at_ms: "Expires", used_at_ms: "Given out" },
	},
	block: {
		title: "Whom you blocked",
		text: "So that nothing of theirs reaches you. Kept until you unblock them.",
		facts: { blocked_account_id: "Account", created_at_ms: "Since" },
	},
	registration_lock: {
		title: "The PIN that holds your number",
		text: "Only a slow fingerprint of it (Argon2id), with a salt. Kept until you remove it.",
		facts: { guesses: "Wrong tries", wait_until_ms: "No try before", set_at_ms: "Set" },
	},
	registration: {
		title: "How your number was verified",
		text: "So that an answer that got lost can be given again. Kept for a day.",
		facts: { phone: "Number", expires_at_ms: "Good until", unlocked: "With the PIN" },
	},
	registration_attempt: {
		title: "Codes under way to your number",
		text: "Only a keyed fingerprint of each code. Kept for half an hour.",
		facts: {
			phone: "Number",
			guesses: "Wrong tries",
			resends: "Sent again",
			resend_at_ms: "Again from",
			expires_at_ms: "Good until",
		},
	},
	code_sent: {
		title: "Codes sent to your number",
		text: "To limit how many are sent to one number. Beside the time only a keyed fingerprint of the number; kept for an hour.",
		facts: { sent_at_ms: "Sent" },
	},
	presence: {
		title: "When you were here last",
		text: "The minute, for those you let see it. Kept until you delete the account; nothing is kept while nobody may see it.",
		facts: { audience: "Who may see it", last_seen_ms: "Here last" },
	},
	push_subscription: {
		title: "Where your devices are woken",
		text: "The address that your browser's maker gave the app. What goes there says that something came, and neither from whom nor what. Kept until you switch it off.",
		facts: {
			device_id: "Device",
			endpoint: "Address",
			subscribed_at_ms: "Since",
			woken_at_ms: "Woken last",
		},
	},
	number_given_up: {
		title: "Numbers you had before",
		text: "So that you can go back to one for three days, and change your number once in seven. Only a keyed fingerprint; kept for seven days.",
		facts: { number_mac: "Fingerprint", given_up_at_ms: "Given up" },
	},
	findable: {
		title: "Who may find you by number",
		text: "Kept while it is not everyone.",
		facts: { by_number: "Who may" },
	},
	findable_contact: {
		title: "Contacts who may find you by number",
		text: "The accounts that your device named, without names or numbers. Kept while only your contacts may find you.",
		facts: { contact_id: "Account" },
	},
	username: {
		title: "Your username",
		text: "People who know it can write to you without your number. Kept until you give it up.",
		facts: { name: "Username", name_mac: "Keyed fingerprint of it", claimed_at_ms: "Since" },
	},
	released_username: {
		title: "Usernames you gave up",
		text: "So that nobody passes for you under them. Only a keyed fingerprint; kept for 30 days.",
		facts: { name_mac: "Fingerprint", free_at_ms: "Free for others" },
	},
	contact_link: {
		title: "Your contact link",
		text: "Only a fingerprint of the secret in it. Kept until you renew or revoke it.",
		facts: { token_digest: "Fingerprint", made_at_ms: "Made" },
	},
	profile_photo: {
		title: "Your profile picture",
		text: "Encrypted by your device with a key that the server never gets. Kept until you replace or remove it. Your name is nowhere here: it travels inside your messages.",
		facts: { photo_id: "Id", bytes: "Bytes", state: "State", put_at_ms: "Put" },
	},
	archive: {
		title: "History on its way to another device",
		text: "Encrypted by your device with a key that the server never gets. Deleted when it arrived, or at the time named.",
		facts: { archive_id: "Id", last_part: "Last part", created_at_ms: "Begun", expires_at_ms: "Deleted at the latest" },
	},
	archive_part: {
		title: "Its parts",
		text: "Ciphertext, deleted with the archive.",
		facts: { archive_id: "Archive", part: "Part", bytes: "Bytes", stored: "Stored" },
	},
	terms_acceptance: {
		title: "Terms you accepted",
		text: "The evidence of what you agreed to, and when. Kept until you delete the account.",
		facts: { version: "Version", accepted_at_ms: "Accepted", ...EVIDENCE },
	},
	notice_displayed: {
		title: "New terms you were shown",
		text: "Your time to decide begins when you see them. Kept until you delete the account.",
		facts: { version: "Version", displayed_at_ms: "Shown", ...EVIDENCE },
	},
	standing: {
		title: "Where you stand with the terms",
		text: "Kept until you delete the account.",
		facts: {
			accepted_version: "Accepted version",
			accepted_at_ms: "Accepted",
			notice_version: "Shown and not accepted",
			notice_displayed_at_ms: "Shown",
			deadline_ms: "Decide before",
			time_ms: "Last counted with",
			number_region: "Region of your number",
			declared_region: "Region you named",
			minor: "Younger than the rules' age",
			agreed_at: "Words agreed to earlier, by purpose",
		},
	},
	consent_choice: {
		title: "Your choices about sharing",
		text: "What you decided for each purpose. Kept until you delete the account.",
		facts: {
			purpose: "Purpose",
			state: "Your answer",
			purpose_hash: "Fingerprint of its words",
			generation: "How often you said yes",
			decided_at_ms: "Decided",
			event_id: "Receipt",
			shown_on: "Was shown switched on",
		},
	},
	consent_event: {
		title: "The evidence of your choices",
		text: "Each decision as your device signed it, and the receipt the server signed. Kept until you delete the account.",
		facts: {
			event_id: "Receipt",
			recorded_at_ms: "Recorded",
			...EVIDENCE,
			receipt_statement: "The server's receipt",
			receipt_signature: "Its signature",
		},
	},
	consent_grant: {
		title: "Your yes, for each company that gets something",
		text: "What the company is shown as proof. Kept until you delete the account.",
		facts: { purpose: "Purpose", recipient: "Company", generation: "Which yes", ...EVIDENCE },
	},
	share_key: {
		title: "The key to your part of the public log",
		text: "With it your devices, and nobody else outside, find what was shared about you. Deleted with the account.",
		facts: { share_key: "Key", created_at_ms: "Made" },
	},
	share_outbox: {
		title: "Shared, and called back",
		text: "What the door to other companies was told to share or to call back, in this order. These lines outlive the account, because what was shared has to be called back after it: an id, and nothing that leads to you.",
		facts: {
			id: "Line",
			kind: "What",
			purpose: "Purpose",
			recipient: "Company",
			generation: "Which yes",
			created_at_ms: "When",
		},
	},
	device_facts: {
		title: "What was said about a device when you linked an account",
		text: "Only where you linked one. Deleted with the link.",
		facts: {
			link_assertion: "The company's number for the link",
			device_type: "Kind of device",
			os: "System",
			app_version: "Version",
			at_ms: "When",
		},
	},
	usage_days: {
		title: "Days you were here",
		text: "Only if it may be said of you under the terms you accepted and you did not object: the days of four weeks, and nothing finer.",
		facts: { last_used_day: "Last day (since 1970)", days: "The 28 days as bits", due_day: "Said next on day" },
	},
	usage_said: {
		title: "What was said about your use",
		text: "The last that was said to other companies. Called back when you object.",
		facts: { generation: "Day (since 1970)", last_used_day: "Last day", usage_class: "Class" },
	},
	abuse_action: {
		title: "What the operator did about your account",
		text: "Until it ends or is lifted; you can object. Of a limit for spam a keyed fingerprint of your number outlives the account, at most twelve months.",
		facts: {
			purpose: "Purpose",
			label: "Why",
			score_class: "How sure",
			case_id: "Case",
			number_mac: "Fingerprint of your number",
			generation: "Said at",
			since_ms: "Since",
			until_ms: "Until",
			objected_at_ms: "You objected",
			kept_at_ms: "Looked at again",
		},
	},
	returned_label: {
		title: "What other companies said about your number",
		text: "Kept until they take it back or it ends.",
		facts: {
			recipient: "Company",
			label: "What",
			score_class: "How sure",
			since_ms: "Since",
			until_ms: "Until",
		},
	},
	report_made: {
		title: "People you reported",
		text: "Kept for 180 days.",
		facts: { account_id: "Account", reason: "Reason", reported_at_ms: "When" },
	},
	report_received: {
		title: "Reports about you",
		text: "Kept for 180 days. Who made them is theirs to say.",
		facts: { reason: "Reason", reported_at_ms: "When" },
	},
	operator_audit: {
		title: "When the operator looked at your account",
		text: "Every look at a person's data is written down, with its reason, and can not be removed.",
		facts: { at_ms: "When", action: "What", reason: "Why, in their words" },
	},
	business: {
		title: "Your business",
		text: "Only of businesses that the operator approved.",
		facts: { name: "Name", approved_at_ms: "Approved" },
	},
	business_preference: {
		title: "What you allowed or stopped for businesses",
		text: "So that the server can hold them to it. Kept until you delete the account.",
		facts: {
			business_id: "Business",
			category: "Kind of message",
			permission: "Your answer",
			consent_id: "Receipt",
			decided_at_ms: "Decided",
			...EVIDENCE,
		},
	},
	business_preference_event: {
		title: "The evidence of what you told businesses",
		text: "Each decision as your device signed it. Kept until you delete the account.",
		facts: { recorded_at_ms: "Recorded", ...EVIDENCE },
	},
	business_window: {
		title: "When you last wrote to a business",
		text: "It may answer freely for a day. Kept that long.",
		facts: { log: "Conversation", wrote_at_ms: "When" },
	},
	business_template: {
		title: "Templates of your business",
		text: "Only of businesses. They are shown to those who get a message made of one.",
		facts: {
			template_id: "Template",
			version: "Version",
			name: "Name",
			language: "Language",
			category: "Kind of message",
			body: "Text",
			registered_at_ms: "Registered",
		},
	},
	delivery_task: {
		title: "Work under way",
		text: "What the server still has to do about your devices. Kept until it is done.",
		facts: { kind: "What", device_id: "Device" },
	},
} as const satisfies Readonly<Record<string, AboutSection>>;

export type AboutKind = keyof typeof ABOUT_ME;
