/** A server that takes part in the benchmark: ours, or a peer that is installed on this machine. */
import type { Command } from "./processes.ts";

/** Who takes part: the accounts u0 … u<users - 1> and the senders of the mailbox workload, and who writes to whom. */
export interface Population {
	readonly users: number;
	/** Pairs of w1: u<i> writes to u<i + pairs>. */
	readonly pairs: number;
	/** w2: sender s writes to those of the first users whose number is s modulo the number of senders. */
	readonly mailboxes: number;
	readonly senders: number;
	/** w4: the first users are members of one group. */
	readonly members: number;
}

/** Number of the first sender of the mailbox workload (generator/workload-mailbox.c). */
export const FIRST_SENDER = 900_000;

/** The names of all accounts. */
export function accountNames({ users, senders }: Population): readonly string[] {
	return [
		...Array.from({ length: users }, (_, i) => `u${i}`),
		...Array.from({ length: senders }, (_, i) => `u${FIRST_SENDER + i}`),
	];
}

export const PASSWORD = "secret";

export interface SeedTools {
	readonly generator: string;
	readonly population: Population;
}

export interface Contender {
	/** Short name for options, folders and tables. */
	readonly name: string;
	/** What its acknowledgement is worth, in a few words. */
	readonly promise: string;
	/** Arguments of the generator for its protocol. */
	readonly driver: readonly string[];
	/** Arguments for storing and draining messages: which acknowledgements, which sessions. */
	readonly mailbox: { readonly store: readonly string[]; readonly drain: readonly string[]; readonly prepare: boolean };
	/** The installed version, undefined where it is not installed. `cache` may hold what an installation needs. */
	version(cache: string): Promise<string | undefined>;
	/** Part of the seed's name: seeds made from something else are not used. */
	seedKey?(): Promise<string>;
	/** Makes the accounts in `folder`, which is empty. Called once per machine and number of accounts. */
	seed(folder: string, tools: SeedTools): Promise<void>;
	/**
	 * The command that serves on `port` from the files in `folder`. At a fresh start `folder` holds a copy of the seed;
	 * after a crash it is as the crash left it.
	 */
	command(folder: string, port: number, cache: string): Promise<Command>;
}
