/** Nothing is guessed: the attempt stays as it is. */
export class CodeNeeded extends Error {
	override readonly name = "CodeNeeded";
	readonly code = "CODE_NEEDED";
	constructor() {
		super("no code was given: run the same command again with --code");
	}
}
