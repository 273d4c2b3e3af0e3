/** Everything a part of the company may reach. Built once in `server.ts`, passed on, never imported as a global. */
import type { Clock, ResidualPurpose } from "@troth/protocol";
import type { Html } from "@troth/protocol/html.ts";
import type { LogTrust } from "@troth/transparency";
import type { FastifyRequest } from "fastify";
import type { Kysely, Transaction } from "kysely";
import type { CodeSender } from "./codes/port.ts";
import type { Events } from "./events.ts";
import type { ResidualConsumer } from "./intake/residual.ts";
import type { FamilyKeys } from "./keys.ts";
import type { MatchKeys } from "./match-keys/match-keys.ts";
import type { PersonId, Viewer } from "./people/person.ts";
import type { Sessions } from "./people/sessions.ts";
import type { Records } from "./records/schema.ts";

/** Which company this is: the code serves several. */
export interface Company {
	/** As policies and share records name it. */
	readonly id: "family" | "photos";
	readonly title: string;
}

/** What a company believes. */
export interface Trust {
	/** Signs the messenger's policies: Ed25519, 32 bytes. */
	readonly policyKey: Uint8Array;
	/** Without a proof from this log nothing is taken in (C7). */
	readonly shareLog: LogTrust;
}

/** One part of "What … knows about me", for the page and for the export. */
export interface KnowledgeSection {
	readonly title: string;
	readonly body: Html;
	/** The same as JSON, under this key of the export. */
	readonly key: string;
	readonly data: unknown;
}

export interface FamilyContext {
	readonly company: Company;
	/** What people type, e.g. "http://127.0.0.1:7100"; no slash at the end. */
	readonly origin: string;
	readonly clock: Clock;
	readonly records: Kysely<Records>;
	readonly keys: FamilyKeys;
	readonly events: Events;
	readonly codes: CodeSender;
	readonly sessions: Sessions;
	readonly matchKeys: MatchKeys;
	readonly trust: Trust;
	/** Where people have Troth, or another service by its name, for the link on our page; undefined where it is not known. */
	readonly messenger?: { readonly url: string; readonly title?: string } | undefined;
	/** Bearer token of the intake. */
	readonly bridgeToken: string;
	readonly features: { readonly ads: boolean };
	readonly operatorToken: string;
	/** The smallest number of matched people for which a list serves. */
	readonly listFloor: number;
	/** What this and the messenger's bridge name numbers with, 32 bytes; undefined where nothing comes under such names. */
	readonly abusePseudonymKey: Uint8Array | undefined;
	/** Who uses what comes without anybody's yes. What has no consumer is dropped. */
	readonly consumers: Map<ResidualPurpose, ResidualConsumer>;
	/** Groups of fewer people are in no public count. */
	readonly countFloor: number;
	/** Runs in the transaction that deletes a person, after their match keys are gone: delete what is theirs. */
	readonly personGone: ((transaction: Transaction<Records>, person: PersonId) => Promise<void>)[];
	/** More parts of "What … knows about me". */
	readonly knowledge: ((viewer: Viewer) => Promise<KnowledgeSection>)[];
	/** More links in the head of every page of a person who is logged in. */
	readonly navigation: { readonly href: string; readonly title: string }[];
	/** The one place for an ad: in the feed, after the first posts. Set by `registerAds`. */
	adSlot?: (viewer: Viewer, request: FastifyRequest) => Promise<Html>;
}
