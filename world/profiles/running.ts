/** What `npm start` runs until it is stopped. */
export interface Running extends AsyncDisposable {
	/** What the person at the console reads when it is up. */
	readonly greeting: string;
}

/**
 * The console belongs to the person at it: there, codes and only what went wrong of the log; everything where nobody
 * looks.
 */
export function printOutput(text: string): void {
	for (const line of text.split("\n")) {
		if (line === "") continue;
		if (!line.startsWith("{")) console.log(line);
		else if (!process.stdout.isTTY || /"level":"(warn|error)"/.test(line)) process.stderr.write(`${line}\n`);
	}
}
